// Lists of the whole ward: open alerts, the handover to print, and the record of acts.

import { alertPart } from "./alert.js";
import { clock, clockWithSeconds, day, now } from "./clock.js";
import { button, el, mark, put, show } from "./dom.js";
import { entryWords } from "./entries.js";
import { signsPart } from "./signs.js";
import { KINDS, judge, lookOf, sorted, state } from "./store.js";
import { crsWords, therapyWords, watchWords } from "./tile.js";
import { numeral, say, t } from "./words.js";

// Every open alert, most urgent first.
export const alertsView = {
  open() {
    this.parts = new Map();
    this.list = el("div", { class: "page" });
    this.none = el("p", { class: "calm", text: t("no_alerts") });
    this.update();
    return el("div", { class: "page" }, el("h1", { text: t("open_alerts") }), this.none, this.list);
  },
  update() {
    const beds = sorted(true).filter((bed) => bed.problem);
    show(this.none, beds.length === 0);
    for (const [id, part] of this.parts) {
      if (beds.some((bed) => bed.id === id)) continue;
      part.root.remove();
      this.parts.delete(id);
    }
    for (const bed of beds) {
      const part = this.parts.get(bed.id) ?? this.partOf(bed.id);
      mark(part.root, "data-look", lookOf(bed));
      mark(part.root, "data-priority", bed.problem.priority);
      part.alert.update(bed);
      part.signs.update(bed.problem);
    }
  },
  partOf(id) {
    const link = el("a", { href: `#/bed/${encodeURIComponent(id)}`, text: id, class: "bed" });
    const part = { alert: alertPart(), signs: signsPart() };
    part.root = el("section", { class: "card problem" }, el("h2", {}, link), part.alert.root, part.signs.root);
    this.parts.set(id, part);
    this.list.append(part.root);
    return part;
  },
  tick() {
    this.update();
  },
};

function vitalWords(bed) {
  return KINDS.map((kind) => {
    const vital = bed.vitals?.[kind];
    const { look, age } = judge(vital);
    const value = look === "live" ? `${numeral(vital.text)} ${vital.unit}` : t(look);
    return `${t(kind)} ${value}${age !== null && vital.at_ms ? ` (${clock(vital.at_ms)})` : ""}`;
  }).join(" · ");
}

// The handover of the ward: every bed on paper.
export const handoverView = {
  open() {
    this.told = null;
    this.list = el("div", { class: "handoverlist" });
    this.title = el("h1");
    this.root = el("div", { class: "page handover" }, el("div", { class: "cardhead" }, this.title, button(t("print"), () => print(), { class: "primary noprint" })),
      el("p", { class: "soft", text: t("not_device") }), this.list);
    this.load();
    this.update("all");
    return this.root;
  },
  async load() {
    try {
      const answer = await fetch("/api/handover");
      this.told = answer.ok ? await answer.json() : null;
    } catch {
      this.told = null;
    }
    this.update("all");
  },
  update() {
    put(this.title, t("handover_at", { ward: state.ward?.name ?? "", time: `${day(now())} ${clockWithSeconds(now()).slice(0, 5)}` }));
    const more = new Map((this.told?.beds ?? []).map((bed) => [bed.id, bed]));
    this.list.replaceChildren(...sorted(false).map((bed) => this.bedPart(bed, more.get(bed.id) ?? {})));
  },
  bedPart(bed, more) {
    const parts = [el("h2", { text: bed.id }), el("p", { text: [therapyWords(bed), crsWords(bed), watchWords(bed)].filter(Boolean).join(" · ") })];
    if (bed.occupied) parts.push(el("p", { text: vitalWords(bed) }));
    if (bed.problem) {
      const { problem } = bed;
      const who = problem.answered_by ? t("answered_by", { by: problem.answered_by, time: clock(problem.answered_ms) }) : t("nobody");
      parts.push(el("p", {}, el("strong", { text: `${t(problem.priority)} ${say(problem.title)}` }), ` ${say(problem.sentence)} · ${t("since", { time: clock(problem.since_ms) })} · ${who}`));
    }
    const entries = (more.entries ?? []).filter((one) => !one.is_void).map((one) => el("li", { text: `${clock(one.at_ms)} ${entryWords(one)}` }));
    const alerts = (more.alerts ?? []).map((one) => el("li", { text: `${clock(one.since_ms)} ${t(one.priority)} ${say(one.title)}${one.answered_by ? ` · ${one.answered_by}` : ""}` }));
    if (alerts.length) parts.push(el("h3", { text: t("past_alerts") }), el("ul", {}, alerts));
    if (entries.length) parts.push(el("h3", { text: t("treatments") }), el("ul", {}, entries));
    return el("section", { class: "card" }, parts);
  },
  tick() {},
};

// The record of who did what.
export const auditView = {
  open() {
    this.list = el("tbody");
    this.note = el("p", { class: "soft" });
    const heads = ["when", "who", "act", "bed", "detail"].map((key) => el("th", { scope: "col", text: t(key) }));
    const table = el("table", {}, el("thead", {}, el("tr", {}, heads)), this.list);
    this.box = el("div", { class: "tablebox", hidden: true, tabindex: 0, role: "region", "aria-label": t("audit") }, table);
    this.root = el("div", { class: "page" }, el("h1", { text: t("audit") }), this.note, this.box);
    this.load();
    return this.root;
  },
  async load() {
    try {
      const answer = await fetch("/api/audit");
      if (answer.status === 403) put(this.note, t("not_allowed"));
      if (!answer.ok) return;
      const told = await answer.json();
      const acts = told.acts ?? [];
      put(this.note, acts.length === 0 ? t("no_acts") : "");
      show(this.box, acts.length > 0);
      this.list.replaceChildren(...acts.map((one) => el("tr", {},
        el("td", { text: clock(one.at_ms) }), el("td", { text: one.by || "" }), el("td", { text: say(one.words) || one.act }),
        el("td", { text: one.bed_id || "" }), el("td", { text: say(one.detail) || "" }))));
    } catch {
      put(this.note, t("not_loaded"));
    }
  },
  update() {},
  tick() {},
};
