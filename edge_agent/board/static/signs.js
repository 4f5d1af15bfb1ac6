// The signs of a problem with what they rest on, and the people who were called.

import { clock } from "./clock.js";
import { el, shape } from "./dom.js";
import { isUnanswered } from "./store.js";
import { language, say, t, tight } from "./words.js";

// A row of a list about one alert.
export function alertRow(one, facts, ...more) {
  return el("li", { "data-priority": one.priority },
    shape(one.kind === "technical" ? "technical" : one.priority),
    el("div", {},
      el("p", {}, el("strong", { text: `${t(one.priority)} ${say(one.title)}` }), one.is_test ? ` ${t("test")}` : null),
      el("p", { text: tight(say(one.sentence)) }),
      el("p", { class: "soft", text: facts.filter(Boolean).join(" · ") }), more));
}

function signRow(sign) {
  const answered = sign.answered_by ? `${t("answered")}: ${sign.answered_by}` : t("answered");
  const state = sign.state === "latched" ? t("latched_text") : isUnanswered(sign) ? t("nobody") : answered;
  const facts = [
    t("since", { time: clock(sign.since_ms) }), state, sign.is_part && t("part_of"),
    sign.is_stale && t("stale"), sign.is_inhibited && t("inhibited"),
  ];
  const why = sign.evidence.map((one) =>
    el("li", { text: [say(one.text), one.at_ms && clock(one.at_ms)].filter(Boolean).join(", ") }));
  return alertRow(sign, facts, why.length
    ? el("details", {}, el("summary", { text: t("why") }), el("ul", { class: "evidence" }, why)) : null);
}

function callRows({ called = [], next }) {
  const rows = called.map((call) => {
    const facts = [call.failed ? t("failed") : call.delivered && t("delivered"), call.seen && t("person_seen")];
    const words = `${say(call.duty)} ${call.person}, ${clock(call.at_ms)}`;
    return el("li", { text: [words, ...facts].filter(Boolean).join(" · ") });
  });
  if (!next) return rows;
  const words = { duty: say(next.duty), person: next.person, time: clock(next.at_ms) };
  return [...rows, el("li", { class: "soft", text: t("next_call", words) })];
}

// {root, update(problem)}: signs and calls of a problem, rebuilt only when they change.
export function signsPart() {
  const root = el("div", { class: "signs" });
  let shown = "";
  function update(problem) {
    const { signs = [], called, next, state, answer_expires_ms: expires } = problem ?? {};
    const key = JSON.stringify([signs, called, next, expires, state, language()]);
    if (key === shown) return;
    shown = key;
    const calls = callRows({ called, next });
    root.replaceChildren(...signs.length ? [el("h2", { text: t("signs") }), el("ul", { class: "alertrows" }, signs.map(signRow))] : [],
      ...calls.length ? [el("h2", { text: t("called") }), el("ul", {}, calls)] : [],
      ...state === "answered" && expires ? [el("p", { class: "soft", text: t("answer_until", { time: clock(expires) }) })] : []);
  }
  return { root, update };
}
