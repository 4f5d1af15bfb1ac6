// One bed: what is wrong and why, the course, what was entered, and what can be entered.

import { post } from "./act.js";
import { alertPart, mayAnswer } from "./alert.js";
import { clock, now } from "./clock.js";
import { chartPart } from "./chart.js";
import { button, el, mark, put, reshape, shape, show } from "./dom.js";
import { entryWords, openAway, openEntry, openLook } from "./entries.js";
import { nameOf } from "./entry_words.js";
import { askWho } from "./identify.js";
import { ENTRIES } from "./kinds.js";
import { signRows, callRows } from "./signs.js";
import { KINDS, lookOf, state, urgency } from "./store.js";
import { tell } from "./strip.js";
import { crsWords, therapyWords, vitalPart, watchLook, watchWords } from "./tile.js";
import { range, say, sayAll, t } from "./words.js";

const RENEW_MS = 15000;
const AWAITED_MS = 10000;

let shown = null; // {bedId, root, update, tick}

function card(key, ...parts) {
  return el("section", { class: `card ${key}` }, el("h2", { text: t(key) }), ...parts);
}

function build(bedId) {
  const about = { therapy: el("p"), crs: el("p"), missing: el("p", { class: "soft" }), watch: el("span"), sign: shape("check") };
  const head = el("header", { class: "bedhead" },
    el("a", { href: "#/", class: "back", text: t("back") }), el("h1", { text: bedId }),
    el("div", { class: "about" }, about.therapy, about.crs, about.missing), el("p", { class: "watch" }, about.sign, about.watch));
  const vitals = KINDS.map((kind) => [kind, vitalPart(kind)]);
  const alert = alertPart();
  const signs = el("div", { class: "signs" });
  const problem = el("section", { class: "card problem", hidden: true }, alert.root, signs);
  const chart = chartPart(bedId);
  const protocol = el("div", { class: "protocoltext" });
  const history = { entries: [], alerts: [], at: -Infinity, isLoading: false };
  const entries = el("ul", { class: "entries" });
  const past = el("ul", { class: "past" });
  const kinds = el("div", { class: "kinds" });
  const acts = el("div", { class: "acts" });
  const entering = card("enter", kinds, acts);
  const root = el("div", { class: "bedview", "data-bed": bedId }, head, problem,
    el("dl", { class: "vitals" }, vitals.map(([, part]) => part.root)),
    el("div", { class: "columns" }, el("div", {}, el("div", { class: "card" }, chart.root), card("past_alerts", past)),
      el("div", {}, entering, card("all_entries", entries), card("protocol", protocol))));
  let awaited = null; // {id, at}: an entry that the history does not have yet
  let protocolOf = null;

  function sent(entryId, refused) {
    if (refused) {
      tell(refused);
      return;
    }
    awaited = { id: entryId, at: performance.now() };
    tell(t("sending"));
    load();
  }

  async function load() {
    if (history.isLoading) return;
    history.isLoading = true;
    history.at = performance.now();
    try {
      const answer = await fetch(`/api/beds/${encodeURIComponent(bedId)}/history`);
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      history.entries = told.entries ?? [];
      history.alerts = told.alerts ?? [];
      listHistory();
    } catch {
      past.replaceChildren(el("li", { text: t("not_loaded") }));
    }
    history.isLoading = false;
  }

  function listHistory() {
    if (awaited && history.entries.some((entry) => entry.entry_id === awaited.id)) {
      awaited = null;
      tell(t("entry_there"));
    }
    const later = new Map(history.entries.filter((one) => one.corrects).map((one) => [one.corrects, one]));
    const rows = history.entries.filter((one) => !one.is_void).sort((a, b) => b.at_ms - a.at_ms);
    entries.replaceChildren(...rows.map((entry) => entryRow(entry, later.get(entry.entry_id))));
    if (!rows.length) entries.replaceChildren(el("li", { text: t("no_entries") }));
    past.replaceChildren(...history.alerts.map(pastRow));
    if (!history.alerts.length) past.replaceChildren(el("li", { text: t("no_past_alerts") }));
  }

  function entryRow(entry, later) {
    const words = el("p", {}, el("strong", { text: clock(entry.at_ms) }), ` ${entryWords(entry)}`);
    const by = el("p", { class: "soft", text: t("entered_by", { by: entry.by || "?", time: clock(entry.entered_ms ?? entry.at_ms) }) });
    if (later) {
      by.append(` · ${t(later.is_void ? "withdrawn" : "corrected")}`);
      return el("li", { class: "gone" }, words, by);
    }
    const row = ENTRIES[entry.kind];
    const changed = { ...pick(entry), corrects: entry.entry_id };
    const buttons = !mayAnswer() || !row || row.patient ? [] : [
      button(t("correct"), () => openEntry(bedId, entry.kind, { earlier: entry, sent }), { class: "quiet" }),
      row.ends && !entry.until_ms ? button(t("end_it"), () => openLook(bedId, { ...changed, until_ms: Math.floor(now()) }, { sent }), { class: "quiet" }) : null,
      button(t("take_back"), () => openLook(bedId, { ...changed, is_void: true }, { sent, question: t("take_back_look") }), { class: "quiet" }),
    ];
    return el("li", {}, words, by, buttons.length ? el("div", { class: "buttons" }, buttons) : null);
  }

  function pick({ kind, name, amount, unit, site, at_ms: at, until_ms: until, patient_id: patient }) {
    return { kind, name: name ?? "", amount: amount ?? null, unit: unit ?? "", site: site ?? "", at_ms: at, until_ms: until ?? null, patient_id: patient ?? "" };
  }

  function pastRow(one) {
    const spanWords = [clock(one.since_ms), one.ended_ms ? t("until", { time: clock(one.ended_ms) }) : ""].filter(Boolean).join(" ");
    const who = one.answered_by ? t("answered_by", { by: one.answered_by, time: clock(one.answered_ms ?? one.since_ms) }) : t("nobody");
    const picture = shape(one.kind === "technical" ? "technical" : one.priority);
    return el("li", { "data-priority": one.priority }, picture, el("div", {},
      el("p", {}, el("strong", { text: `${t(one.priority)} ${say(one.title)}` }), one.is_test ? ` ${t("test")}` : ""),
      el("p", { text: say(one.sentence) }), el("p", { class: "soft", text: [spanWords, who, say(one.closed_because)].filter(Boolean).join(" · ") })));
  }

  function chartMarks(bed) {
    const evidence = (bed.problem?.signs ?? []).flatMap((sign) => sign.evidence)
      .filter((one) => one.at_ms && one.kind).map((one) => ({ evidence: true, at: one.at_ms, kind: one.kind, value: one.value ?? null }));
    const treated = history.entries.filter((one) => !one.is_void && !history.entries.some((later) => later.corrects === one.entry_id))
      .map((one) => ({ evidence: false, at: one.at_ms, text: nameOf("kind", one.kind) }));
    return [...evidence, ...treated];
  }

  function update(bed) {
    put(about.therapy, bed.occupied ? therapyWords(bed) : "");
    put(about.crs, bed.occupied ? crsWords(bed) : "");
    const missing = bed.occupied ? sayAll(bed.crs?.missing) : "";
    put(about.missing, missing ? t("crs_missing", { what: missing }) : "");
    put(about.watch, watchWords(bed));
    reshape(about.sign, watchLook(bed).sign);
    mark(root, "data-watch", watchLook(bed).look);
    show(problem, Boolean(bed.problem));
    mark(problem, "data-look", lookOf(bed));
    mark(problem, "data-urgency", urgency(bed.problem));
    alert.update(bed);
    signs.replaceChildren(...(bed.problem ? [...signRows(bed.problem), ...callRows(bed.problem)] : []));
    listKinds(bed);
    loadProtocol(bed);
    tick(bed);
  }

  function listKinds(bed) {
    const key = `${mayAnswer()} ${Boolean(bed.away)} ${t("enter")}`;
    show(entering, mayAnswer());
    if (kinds.dataset.key === key) return;
    kinds.dataset.key = key;
    kinds.replaceChildren(...Object.keys(ENTRIES).map((kind) => button(nameOf("kind", kind), () => openEntry(bedId, kind, { sent }))));
    acts.replaceChildren(
      bed.away ? button(t("is_back"), () => endAway()) : button(t("go_away"), () => openAway(bedId, sent)),
      button(t("test_alert"), () => openLook(bedId, { at_ms: now(), words: t("test_alert_look") }, { question: t("test_alert"), path: "test-alert", sent })),
    );
  }

  async function endAway() {
    const { away } = state.beds.get(bedId);
    const earlier = history.entries.filter((one) => one.kind === "away" && !one.is_void).pop();
    const who = away && (await askWho(t("is_back"), bedId));
    if (!who) return;
    const entry = { entry_id: `board/${crypto.randomUUID()}`, reason: earlier?.name ?? "other", at_ms: earlier?.at_ms ?? Math.floor(now()), until_ms: Math.floor(now()), corrects: earlier?.entry_id ?? "" };
    sent(entry.entry_id, await post(`/api/beds/${encodeURIComponent(bedId)}/away`, { ...entry, ...who }));
  }

  async function loadProtocol(bed) {
    const grade = bed.crs?.grade?.[1] ?? 0;
    if (protocolOf === grade) return;
    protocolOf = grade;
    try {
      const answer = await fetch(`/api/protocol?grade=${grade}`);
      const told = answer.ok ? await answer.json() : null;
      const text = say(told?.text);
      protocol.replaceChildren(...(text ? [
        el("p", { class: "soft", text: t("protocol_of", { grade: range(bed.crs?.grade) || "0", version: told.version ?? "" }) }),
        ...text.split("\n").map((line) => el("p", { text: line })),
      ] : [el("p", { text: t("no_protocol") })]));
    } catch {
      protocolOf = null;
    }
  }

  function tick(bed) {
    for (const [kind, part] of vitals) part.update(bed.occupied ? bed.vitals?.[kind] : null);
    if (bed.problem) alert.update(bed);
    if (performance.now() - history.at > (awaited ? 500 : RENEW_MS)) load();
    if (awaited && performance.now() - awaited.at > AWAITED_MS) {
      awaited = null;
      tell(t("not_confirmed"));
    }
    chart.update(bed, chartMarks(bed));
  }

  return { bedId, root, update, tick };
}

/** The view of one bed. */
export const bedView = {
  open(bedId) {
    if (!state.beds.has(bedId)) return el("p", { text: t("no_beds") });
    shown = build(bedId);
    shown.update(state.beds.get(bedId));
    return shown.root;
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
    if (shown) post(`/api/beds/${encodeURIComponent(shown.bedId)}/seen`, {});
  },
};
