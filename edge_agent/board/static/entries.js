// Forms for everything that people enter about a patient, with a second look before it is sent.

import { newId, pathOf, post } from "./act.js";
import { clock, fieldTime, now, ofField } from "./clock.js";
import { button, el, mark, put, show } from "./dom.js";
import { askWho } from "./identify.js";
import { AWAY, ENTRIES, NONE } from "./kinds.js";
import { finishPanel, openPanel } from "./panel.js";
import { nameOf, unitOf } from "./entry_words.js";
import { tell } from "./strip.js";
import { numeral, t } from "./words.js";

const AWAY_MS = 3600000; // suggested length

let number = 0;

function field(label, input) {
  number += 1;
  input.id = `field-${number}`;
  return el("div", { class: "field" }, el("label", { for: input.id, text: label }), input);
}

function select(values, words) {
  return el("select", {}, values.map((value) => el("option", { value, text: words(value) })));
}

// The input for a name: a choice, any drug with suggestions, or nothing.
function nameInput(kind, row, given) {
  if (row.names?.length === 0) return null;
  if (row.names) {
    const chosen = select(["", ...row.names], (name) => (name ? nameOf(kind, name) : ""));
    chosen.value = given;
    return chosen;
  }
  const list = el("datalist", { id: `names-${kind}` }, (row.none ? [...row.hints, NONE] : row.hints).map((value) => el("option", { value })));
  const input = el("input", { list: list.id, maxlength: 40, autocomplete: "off" });
  input.value = given;
  input.suggestions = list;
  return input;
}

// Ask for an entry of one kind about a bed; `earlier` is what it corrects.
export function openEntry(bedId, kind, { earlier = null, sent }) {
  const row = ENTRIES[kind];
  const name = nameInput(kind, row, earlier?.name ?? "");
  const amount = el("input", { type: "text", inputmode: "decimal", autocomplete: "off", maxlength: 12 });
  amount.value = earlier?.amount ?? "";
  const unit = row.anyUnit ? el("input", { maxlength: 16, autocomplete: "off" }) : el("select");
  const site = el("select");
  const at = el("input", { type: "datetime-local" });
  at.value = fieldTime(earlier?.at_ms ?? now());
  const until = el("input", { type: "datetime-local" });
  if (earlier?.until_ms) until.value = fieldTime(earlier.until_ms);
  const patient = el("input", { maxlength: 32, pattern: "[A-Za-z0-9-]{1,32}", autocomplete: "off" });
  const trouble = el("p", { class: "trouble", role: "alert", hidden: true });
  const hasAmount = Boolean(row.amount || row.vitals);
  const amountField = field("", amount);
  const unitField = field(t("unit"), unit);
  const siteField = field(t("site"), site);
  const fields = [
    row.patient ? field(t("patient"), patient) : null,
    name ? field(nameOf(kind, ""), name) : null, name?.suggestions,
    hasAmount ? amountField : null, hasAmount ? unitField : null, siteField,
    field(t("from_time"), at), row.ends ? field(t("until_time"), until) : null,
  ];

  function units() {
    if (row.units) return row.units[name.value] ?? [];
    if (row.vitals) return row.vitals[name.value] ? [row.vitals[name.value][2]] : [];
    return row.unit ? [row.unit] : [];
  }

  function follow() {
    const allowed = units();
    if (!row.anyUnit) unit.replaceChildren(...allowed.map((value) => el("option", { value, text: unitOf(value) })));
    show(unitField, Boolean(row.anyUnit) || allowed.length > 1);
    const only = allowed.length === 1 ? ` (${unitOf(allowed[0])})` : "";
    put(amountField.firstChild, `${t(row.vitals ? "value" : "amount")}${only}`);
    const sites = row.sites?.[name?.value] ?? [];
    show(siteField, sites.length > 0);
    if (sites.length !== site.options.length) {
      site.replaceChildren(...sites.map((value) => el("option", { value, text: value ? nameOf("site", value) : "" })));
    }
    const isNone = name?.value === NONE || name?.value === "air";
    if (hasAmount) show(amountField, !isNone);
    if (isNone) show(unitField, false);
  }
  name?.addEventListener("input", follow);
  follow();
  if (earlier?.site) site.value = earlier.site;
  if (earlier?.unit) unit.value = earlier.unit;

  function entry() {
    const isNone = name?.value === NONE || name?.value === "air";
    const text = amount.value.trim().replace(",", ".");
    const found = {
      kind, name: name?.value.trim() ?? "", at_ms: ofField(at.value),
      amount: !hasAmount || isNone || text === "" ? null : Number(text),
      site: siteField.hidden ? "" : site.value,
      until_ms: row.ends && until.value ? ofField(until.value) : null,
      patient_id: row.patient ? patient.value.trim() : "",
    };
    found.unit = found.amount === null ? "" : unit.value;
    return found;
  }

  function wrong(found) {
    const limits = row.vitals ? row.vitals[found.name] : row.amount;
    const isNameless = row.nameless || row.names?.length === 0;
    if (row.patient && !/^[A-Za-z0-9-]{1,32}$/.test(found.patient_id)) return t("required", { what: t("patient") });
    if (!found.name && !isNameless) return t("required", { what: nameOf(kind, "") });
    if (found.at_ms === null) return t("required", { what: t("from_time") });
    const what = t(row.vitals ? "value" : "amount");
    if (found.amount === null) return row.needs ? t("required", { what }) : "";
    const fits = limits && found.amount >= limits[0] && found.amount <= limits[1];
    if (!fits || (row.whole && !Number.isInteger(found.amount))) {
      return t("between", { what, low: numeral(limits[0]), high: numeral(limits[1]) });
    }
    return "";
  }

  const form = el("form", { class: "entry", novalidate: true, submit: (event) => {
    event.preventDefault();
    const found = entry();
    const words = wrong(found);
    put(trouble, words);
    show(trouble, Boolean(words));
    if (!words) openLook(bedId, { ...found, corrects: earlier?.entry_id ?? "" }, { sent });
  } }, fields, trouble, el("button", { class: "primary big", text: t("enter") }));
  openPanel(`${bedId}: ${nameOf("kind", kind)}`, [form], { bedId });
}

// An entry as one line of words.
export function entryWords(entry) {
  const unit = entry.unit || (ENTRIES[entry.kind]?.unit ?? ENTRIES[entry.kind]?.vitals?.[entry.name]?.[2] ?? "");
  const amount = entry.amount === null || entry.amount === undefined ? "" : `${numeral(entry.amount)} ${unitOf(unit)}`;
  const what = [entry.name && entry.name !== entry.kind ? nameOf(entry.kind, entry.name) : "", amount.trim(), entry.site ? nameOf("site", entry.site) : "", entry.patient_id && ENTRIES[entry.kind]?.patient ? entry.patient_id : ""];
  const until = entry.until_ms ? `, ${t("until", { time: clock(entry.until_ms) })}` : "";
  return `${[nameOf("kind", entry.kind), what.filter(Boolean).join(" ")].filter(Boolean).join(": ")}${until}`;
}

// Show what is about to be sent, and send it once the person agrees; `sent(id, refused)` follows.
export function openLook(bedId, entry, { sent, question = t("check_entry"), path = "entries" }) {
  const parts = [bedId, entry.words ?? entryWords(entry), t("since", { time: clock(entry.at_ms) })];
  const yes = button(t("confirm"), async () => {
    finishPanel();
    const who = await askWho(question, bedId);
    if (!who) return;
    const { words: _, ...own } = entry;
    const body = { ...own, entry_id: newId(), ...who };
    sent(body.entry_id, await post(`${pathOf(bedId)}/${path}`, body));
  }, { class: "primary big" });
  openPanel(question, [
    el("div", { class: "look" }, parts.map((text) => el("p", { text }))),
    el("div", { class: "buttons" }, button(t("cancel"), finishPanel, { class: "quiet big" }), yes),
  ], { bedId });
}

// Ask whether a test alert shall run, and start it.
export function openTest(bedId) {
  const start = button(t("start_test"), async () => {
    finishPanel();
    const who = await askWho(t("test_alert"), bedId);
    if (who) tell((await post(`${pathOf(bedId)}/test-alert`, who)) ?? t("begun"));
  }, { class: "primary big" });
  openPanel(`${bedId}: ${t("test_alert")}`, [el("p", { class: "purpose", text: t("test_alert_look") }), start], { bedId });
}

// Ask why and until when the patient leaves the bed.
export function openAway(bedId, sent) {
  const reason = select(AWAY, t);
  const until = el("input", { type: "datetime-local" });
  until.value = fieldTime(now() + AWAY_MS);
  const trouble = el("p", { class: "trouble", role: "alert", hidden: true });
  const form = el("form", { class: "entry", submit: (event) => {
    event.preventDefault();
    const ends = ofField(until.value);
    if (ends === null || ends <= now()) {
      put(trouble, t("required", { what: t("until_needed") }));
      show(trouble, true);
      return;
    }
    const entry = { reason: reason.value, at_ms: Math.floor(now()), until_ms: ends };
    const words = t("away", { reason: t(reason.value), time: clock(ends) });
    openLook(bedId, { ...entry, words }, { sent, question: t("go_away"), path: "away" });
  } }, el("p", { text: t("go_away_text") }), field(t("reason"), reason), field(t("until_needed"), until), trouble, el("button", { class: "primary big", text: t("go_away") }));
  openPanel(`${bedId}: ${t("go_away")}`, [form], { bedId });
  mark(form, "data-away", true);
}
