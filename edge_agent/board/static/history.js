// What was entered about a patient and what was alerted, with corrections.

import { pathOf } from "./act.js";
import { clock, now } from "./clock.js";
import { button, el } from "./dom.js";
import { entryWords, openEntry, openLook } from "./entries.js";
import { ENTRIES } from "./kinds.js";
import { alertRow } from "./signs.js";
import { tell } from "./strip.js";
import { say, t } from "./words.js";

const RENEW_MS = 15000;
const SOON_MS = 500;
const AWAITED_MS = 10000;

// Who answered an alert that is over, and until when it lasted.
export function pastRow(one) {
  const until = one.ended_ms ? ` ${t("until", { time: clock(one.ended_ms) })}` : "";
  const who = one.answered_by
    ? t("answered_by", { by: one.answered_by, time: clock(one.answered_ms ?? one.since_ms) }) : t("nobody");
  return alertRow(one, [`${clock(one.since_ms)}${until}`, who, say(one.closed_because)]);
}

// The history of a bed: two lists that renew themselves, and what is awaited in them.
export function historyPart(bedId, mayChange) {
  const entries = el("ul", { class: "entries" });
  const past = el("ul", { class: "alertrows" });
  const part = { entries, past, all: [], sent, tick };
  let awaited = null; // {id, at}: an entry that the server has taken but not shown yet
  let loadedAt = -Infinity;
  let isLoading = false;

  function sent(entryId, refused) {
    tell(refused ?? t("sending"));
    if (!refused) awaited = { id: entryId, at: performance.now() };
  }

  async function load() {
    isLoading = true;
    loadedAt = performance.now();
    try {
      const answer = await fetch(`${pathOf(bedId)}/history`);
      const told = await answer.json();
      part.all = told.entries;
      list(told.alerts);
    } catch {
      past.replaceChildren(el("li", { text: t("not_loaded") }));
    }
    isLoading = false;
  }

  function list(alerts) {
    if (awaited && part.all.some((entry) => entry.entry_id === awaited.id)) {
      awaited = null;
      tell(t("entry_there"));
    }
    const later = new Map(part.all.map((one) => [one.corrects, one]));
    const rows = part.all.filter((one) => !one.is_void).sort((a, b) => b.at_ms - a.at_ms);
    const none = (key) => [el("li", { text: t(key) })];
    entries.replaceChildren(...rows.length ? rows.map((one) => row(one, later.get(one.entry_id))) : none("no_entries"));
    past.replaceChildren(...alerts.length ? alerts.map(pastRow) : none("no_past_alerts"));
  }

  function row(entry, later) {
    const by = { by: entry.by || "?", time: clock(entry.entered_ms ?? entry.at_ms) };
    const gone = later ? ` · ${t(later.is_void ? "withdrawn" : "corrected")}` : "";
    const words = [
      el("p", {}, el("strong", { text: clock(entry.at_ms) }), ` ${entryWords(entry)}`),
      el("p", { class: "soft", text: t("entered_by", by) + gone }),
    ];
    const limits = ENTRIES[entry.kind];
    if (later) return el("li", { class: "gone" }, words);
    if (!mayChange() || !limits || limits.patient) return el("li", {}, words);
    const { by: _by, entered_ms: _at, entry_id: id, ...own } = entry;
    const changed = { ...own, corrects: id };
    const act = (key, press) => button(t(key), press, { class: "quiet" });
    return el("li", {}, words, el("div", { class: "buttons" },
      act("correct", () => openEntry(bedId, entry.kind, { earlier: entry, sent })),
      limits.ends && !entry.until_ms
        ? act("end_it", () => openLook(bedId, { ...changed, until_ms: Math.floor(now()) }, { sent })) : null,
      act("take_back", () => openLook(bedId, { ...changed, is_void: true }, { sent, question: t("take_back_look") }))));
  }

  function tick() {
    const at = performance.now();
    if (!isLoading && at - loadedAt > (awaited ? SOON_MS : RENEW_MS)) load();
    if (awaited && at - awaited.at > AWAITED_MS) {
      awaited = null;
      tell(t("not_confirmed"));
    }
  }
  return part;
}
