// A bed's problem as it stands on a tile and on the bed's page: what, since when, who has it.

import { answer, progress, seenOf } from "./act.js";
import { clock, countUp, now } from "./clock.js";
import { button, el, mark, put, reshape, shape, show } from "./dom.js";
import { askWho } from "./identify.js";
import { openAnswers } from "./answers.js";
import { lookOf, state, urgency } from "./store.js";
import { say, t, tight } from "./words.js";

const UNREAD_MS = 400; // what was painted less long ago has not been read yet

// The words beside the shape: the priority, or the state.
function labelOf(look, problem) {
  if (look === "technical") return `${t("technical")} ${t(urgency(problem))}`;
  return t(look);
}

// Who has the problem, or for how long nobody has.
export function whoHas(problem) {
  const answer = { by: problem.answered_by, time: clock(problem.answered_ms) };
  if (answer.by && problem.state === "answered") return t("answered_by", answer);
  const since = problem.nobody_since_ms ?? problem.signalled_ms ?? problem.since_ms;
  const nobody = problem.state === "latched" ? t("latched_text") : `${t("nobody")} ${countUp(now() - since)}`;
  return answer.by ? `${nobody}\n${t("answered_rest", answer)}` : nobody;
}

// True if the person at this screen may answer.
export function mayAnswer() {
  return state.me?.station || ["nurse", "charge"].includes(state.me?.role);
}

// Acknowledge what the person saw, after they said who they are where that is not known.
export async function takeOver(bedId, seen) {
  const who = await askWho(t("im_on_it"), bedId);
  if (who) await answer(bedId, "acknowledge", seen, { who });
}

// {root, update(bed)}: the part of a tile that tells of a problem.
export function alertPart() {
  const picture = shape("high");
  const label = el("span", { class: "label" });
  const isTest = el("strong", { class: "testmark" });
  const title = el("strong", { class: "title" });
  const sentence = el("p", { class: "sentence" });
  const extra = el("p", { class: "extra" });
  const who = el("span", { class: "who" });
  const trouble = el("p", { class: "trouble", role: "status" });
  const taking = button("", () => press(), { class: "primary take" });
  const other = button("", () => openAnswers(bedId, readSeen()), { class: "other" });
  const foot = el("div", { class: "foot" }, who, el("div", { class: "buttons" }, other, taking));
  const head = el("div", { class: "head" }, picture, label, isTest, title);
  const root = el("section", { class: "alert", hidden: true }, head, sentence, extra, trouble, foot);
  let bedId = "";
  let shown = { key: "", seen: [], at: 0 };
  let before = shown;

  // A tap that lands just after something new was painted answers what was there before it.
  function readSeen() {
    return performance.now() - shown.at < UNREAD_MS && before.key ? before.seen : shown.seen;
  }

  function press() {
    if (!progress(bedId)?.isSending) takeOver(bedId, readSeen());
  }

  function update(bed) {
    const { problem } = bed;
    bedId = bed.id;
    mark(root, "data-bed", bedId);
    show(root, Boolean(problem));
    if (!problem) {
      before = shown = { key: "", seen: [], at: 0 };
      return;
    }
    const seen = seenOf(problem);
    const key = JSON.stringify(seen);
    if (key !== shown.key) {
      before = shown;
      shown = { key, seen, at: performance.now() };
    }
    const look = lookOf(bed);
    mark(root, "data-look", look);
    mark(root, "data-priority", problem.priority);
    const urgent = urgency(problem);
    const isTechnical = look === "technical" || (!urgent && problem.kind === "technical");
    reshape(picture, isTechnical ? "technical" : urgent ?? problem.priority);
    put(label, labelOf(look, problem));
    put(isTest, problem.is_test ? t("test") : "");
    show(isTest, problem.is_test);
    put(title, say(problem.title));
    put(sentence, tight(say(problem.sentence)));
    put(extra, [say(problem.action), problem.course ? t(problem.course) : ""].filter(Boolean).join(" · "));
    const silent = (problem.silenced_until_ms ?? 0) > now();
    const silence = { time: clock(problem.silenced_until_ms ?? 0), by: problem.silenced_by ?? "" };
    put(who, silent && look !== "answered" ? `${whoHas(problem)} · ${t("silenced", silence)}` : whoHas(problem));
    updateButtons(problem, look);
  }

  function updateButtons(problem, look) {
    const own = progress(bedId);
    const isDone = look === "answered";
    show(taking, !isDone && mayAnswer());
    show(other, !isDone && look !== "latched" && mayAnswer());
    put(taking, t(own?.isSending ? "sending" : look === "latched" ? "seen_it" : "im_on_it"));
    mark(taking, "aria-disabled", own?.isSending ? "true" : null);
    mark(taking, "aria-label", `${taking.textContent}: ${bedId}`);
    put(other, t("more"));
    mark(other, "aria-label", `${t("other_answer")}: ${bedId}`);
    put(trouble, own?.words ?? "");
    show(trouble, Boolean(own?.words));
  }

  return { root, update };
}
