// One bed: what is wrong and why, the course, what was entered, and what can be entered.

import { newId, pathOf, post } from "./act.js";
import { alertPart, mayAnswer } from "./alert.js";
import { now } from "./clock.js";
import { chartPart } from "./chart.js";
import { button, el, mark, put, reshape, shape, show } from "./dom.js";
import { openAway, openEntry, openTest } from "./entries.js";
import { nameOf } from "./entry_words.js";
import { historyPart } from "./history.js";
import { askWho } from "./identify.js";
import { ENTRIES } from "./kinds.js";
import { signsPart } from "./signs.js";
import { KINDS, lookOf, state } from "./store.js";
import { crsWords, therapyWords, vitalPart, watchLook, watchWords } from "./tile.js";
import { say, sayAll, t } from "./words.js";

const OFTEN = 11; // kinds that are entered every day
let shown = null; // {bedId, root, update, tick}

function card(key, ...parts) {
  return el("section", { class: "card" }, el("h2", { text: t(key) }), parts);
}

function build(bedId) {
  const about = el("div", { class: "about" });
  const sign = shape("check");
  const watch = el("span");
  const vitals = KINDS.map((kind) => [kind, vitalPart(kind)]);
  const alert = alertPart();
  const signs = signsPart();
  const problem = el("section", { class: "card problem" }, alert.root, signs.root);
  const chart = chartPart(bedId);
  const protocol = el("div");
  const history = historyPart(bedId, mayAnswer);
  const { sent } = history;
  const kinds = el("div", { class: "kinds" });
  const acts = el("div", { class: "acts" });
  const entering = card("enter", kinds, acts);
  const root = el("div", { class: "bedview" },
    el("header", { class: "bedhead" }, el("a", { href: "#/", class: "back", text: t("back") }),
      el("h1", { text: bedId }), about, el("p", { class: "watch" }, sign, watch)),
    problem, el("dl", { class: "vitals" }, vitals.map(([, part]) => part.root)),
    el("div", { class: "columns" },
      el("div", {}, el("div", { class: "card" }, chart.root), card("past_alerts", history.past)),
      el("div", {}, entering, card("all_entries", history.entries), card("protocol", protocol))));
  let graded = null; // grade for which the protocol is shown

  function marks(bed) {
    const evidence = (bed.problem?.signs ?? []).flatMap((one) => one.marks)
      .map((one) => ({ isEvidence: true, at: one.at_ms, kind: one.kind }));
    const replaced = new Set(history.all.map((one) => one.corrects));
    const treated = history.all.filter((one) => !one.is_void && !replaced.has(one.entry_id))
      .map((one) => ({ isEvidence: false, at: one.at_ms, text: nameOf("kind", one.kind) }));
    return [...evidence, ...treated];
  }

  function update(bed) {
    const missing = sayAll(bed.crs?.missing);
    const lines = bed.occupied ? [therapyWords(bed), crsWords(bed), missing && t("crs_missing", { what: missing })] : [];
    about.replaceChildren(...lines.filter(Boolean).map((text) => el("p", { text })));
    put(watch, watchWords(bed));
    reshape(sign, watchLook(bed).sign);
    mark(root, "data-watch", watchLook(bed).look);
    show(problem, Boolean(bed.problem));
    mark(problem, "data-look", lookOf(bed));
    mark(problem, "data-priority", bed.problem?.priority);
    alert.update(bed);
    signs.update(bed.problem);
    listKinds(bed);
    loadProtocol(bed);
    tick(bed);
  }

  function listKinds(bed) {
    show(entering, mayAnswer());
    if (kinds.dataset.away === String(Boolean(bed.away))) return;
    kinds.dataset.away = String(Boolean(bed.away));
    const all = Object.keys(ENTRIES).map((kind) =>
      button(nameOf("kind", kind), () => openEntry(bedId, kind, { sent })));
    const rare = el("details", {}, el("summary", { text: t("more_kinds") }), el("div", { class: "kinds" }, all.slice(OFTEN)));
    kinds.replaceChildren(...all.slice(0, OFTEN), rare);
    acts.replaceChildren(
      bed.away ? button(t("is_back"), endAway) : button(t("go_away"), () => openAway(bedId, sent)),
      button(t("test_alert"), () => openTest(bedId)));
  }

  async function endAway() {
    const who = await askWho(t("is_back"), bedId);
    if (!who) return;
    const earlier = history.all.filter((one) => one.kind === "away" && !one.is_void).pop();
    const at = Math.floor(now());
    const entry = { entry_id: newId(), reason: earlier?.name ?? "other", at_ms: earlier?.at_ms ?? at, until_ms: at, corrects: earlier?.entry_id ?? "" };
    sent(entry.entry_id, await post(`${pathOf(bedId)}/away`, { ...entry, ...who }));
  }

  async function loadProtocol(bed) {
    const grade = bed.crs?.grade?.[1] ?? 0;
    if (graded === grade) return;
    graded = grade;
    try {
      const answer = await fetch(`/api/protocol?grade=${grade}`);
      const told = answer.ok ? await answer.json() : {};
      const title = `${told.title}, ${t("protocol_of", { grade, version: told.version })}`;
      const lines = say(told.text).split("\n");
      protocol.replaceChildren(...told.text
        ? [el("p", { class: "soft", text: title }), ...lines.map((text) => el("p", { text }))]
        : [el("p", { text: t("no_protocol") })]);
    } catch {
      graded = null;
    }
  }

  function tick(bed) {
    for (const [kind, part] of vitals) part.update(bed.occupied ? bed.vitals?.[kind] : null);
    if (bed.problem) alert.update(bed);
    history.tick();
    chart.update(marks(bed));
  }

  return { bedId, root, update, tick };
}

// The view of one bed.
export const bedView = {
  open(bedId) {
    shown = state.beds.has(bedId) ? build(bedId) : null;
    return shown?.root ?? el("p", { text: t("no_beds") });
  },
  update(changed) {
    const bed = shown && state.beds.get(shown.bedId);
    if (bed && (changed === "all" || changed.includes(shown.bedId))) shown.update(bed);
  },
  tick() {
    const bed = shown && state.beds.get(shown.bedId);
    if (bed) shown.tick(bed);
  },
  placed() {
    this.update("all");
    if (shown) post(`${pathOf(shown.bedId)}/seen`, {});
  },
};
