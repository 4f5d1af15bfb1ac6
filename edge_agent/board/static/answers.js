// Answers that want a second look: not coming, and silence.

import { answer } from "./act.js";
import { button, el, put, show } from "./dom.js";
import { askWho } from "./identify.js";
import { finishPanel, openPanel } from "./panel.js";
import { say, t } from "./words.js";
import { state } from "./store.js";

const REASONS = {
  reject: ["with_other", "off_ward", "not_mine"],
  silence: ["with_patient", "known", "nursing"],
};
const WORDS = { reject: "cannot_come", silence: "silence_long" };

// Ask which other answer a person gives to a bed's problem, and why.
export function openAnswers(bedId, seen) {
  const problem = state.beds.get(bedId)?.problem;
  if (!problem) return;
  const what = el("p", { class: "purpose", text: `${bedId}: ${say(problem.title)}` });
  const kinds = ["reject", "silence"].map((kind) =>
    button(t(WORDS[kind]), () => openReasons(bedId, seen, kind), { class: "big" }));
  openPanel(t("other_answer"), [what, ...kinds], { bedId });
}

function openReasons(bedId, seen, kind) {
  let reason = "";
  const trouble = el("p", { class: "trouble", role: "alert", hidden: true });
  const chips = REASONS[kind].map((key) => button(t(key), () => {
    reason = t(key);
    chips.forEach((chip) => chip.setAttribute("aria-pressed", String(chip.textContent === reason)));
    show(trouble, false);
  }, { class: "chip big", "aria-pressed": "false" }));
  const group = el("div", { class: "chips", role: "group", "aria-label": t("choose_reason") }, chips);
  const confirm = button(t(WORDS[kind]), async () => {
    if (!reason) {
      put(trouble, t("choose_reason"));
      show(trouble, true);
      return;
    }
    finishPanel();
    const who = await askWho(t(WORDS[kind]), bedId);
    if (who) await answer(bedId, kind, seen, { reason, who });
  }, { class: "primary big" });
  const look = el("p", { text: t(kind === "reject" ? "second_look_reject" : "second_look_silence") });
  const title = el("p", { class: "purpose", text: `${bedId}: ${t("choose_reason")}` });
  openPanel(t(WORDS[kind]), [title, group, look, trouble, confirm], { bedId });
}
