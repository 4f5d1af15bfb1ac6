// The signs of a problem with what they rest on, and the people who were called.

import { clock } from "./clock.js";
import { el, shape } from "./dom.js";
import { isUnanswered } from "./store.js";
import { say, t } from "./words.js";

function evidenceRows(sign) {
  return el("ul", { class: "evidence" }, sign.evidence.map((one) =>
    el("li", { text: [say(one.text), one.at_ms ? clock(one.at_ms) : ""].filter(Boolean).join(", ") })));
}

function signState(sign) {
  if (sign.state === "latched") return t("latched_text");
  if (!isUnanswered(sign)) return sign.answered_by ? `${t("answered")}: ${sign.answered_by}` : t("answered");
  return t("nobody");
}

/** Return a row for each sign of a problem. */
export function signRows(problem) {
  const rows = problem.signs.map((sign) => {
    const facts = [
      `${t("since", { time: clock(sign.since_ms) })}`, signState(sign),
      sign.is_part ? t("part_of") : "", sign.is_stale ? t("stale") : "", sign.is_inhibited ? t("inhibited") : "",
    ];
    const picture = shape(sign.kind === "technical" ? "technical" : sign.priority);
    return el("li", { "data-priority": sign.priority }, picture, el("div", {},
      el("p", {}, el("strong", { text: `${t(sign.priority)} ${say(sign.title)}` })), el("p", { text: say(sign.sentence) }),
      el("p", { class: "soft", text: facts.filter(Boolean).join(" · ") }),
      sign.evidence.length ? el("details", {}, el("summary", { text: t("why") }), evidenceRows(sign)) : null));
  });
  return [el("h2", { text: t("signs") }), el("ul", { class: "signlist" }, rows)];
}

/** Return a row for each person who was called, and who is next. */
export function callRows(problem) {
  const rows = (problem.called ?? []).map((call) => {
    const facts = [call.failed ? t("failed") : call.delivered ? t("delivered") : "", call.seen ? t("person_seen") : ""];
    const words = t("called_row", { duty: say(call.duty), person: call.person, time: clock(call.at_ms) });
    return el("li", { text: [words, ...facts].filter(Boolean).join(" · ") });
  });
  if (problem.next) {
    rows.push(el("li", { class: "soft", text: t("next_call", { duty: say(problem.next.duty), person: problem.next.person, time: clock(problem.next.at_ms) }) }));
  }
  const expires = problem.state === "answered" && problem.answer_expires_ms ? [el("p", { class: "soft", text: t("answer_until", { time: clock(problem.answer_expires_ms) }) })] : [];
  return rows.length ? [el("h2", { text: t("called") }), el("ul", { class: "calllist" }, rows), ...expires] : expires;
}
