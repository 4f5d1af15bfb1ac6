// One bed on the ward's page.

import { alertPart } from "./alert.js";
import { clock, now, span } from "./clock.js";
import { el, mark, put, reshape, shape, show } from "./dom.js";
import { judge, lookOf, showsAge, urgency } from "./store.js";
import { drawSpark, sparkCanvas, trendOf } from "./trend.js";
import { numeral, range, say, sayAll, t } from "./words.js";

const SHOWN = ["heart_rate", "spo2", "temperature", "pressure"];
const ARROWS = { up: "↑", down: "↓", flat: "" };
const UNITS = { heart_rate: "/min", spo2: "%", temperature: "°C", pressure: "mmHg", respiratory_rate: "/min" };
const REDRAW_MS = 20000;

// {root, update(vital)}: one vital sign with its age, arrow, reason and line of 6 h.
export function vitalPart(kind) {
  const name = el("span", { class: "name" });
  const unit = el("span", { class: "unit", text: UNITS[kind] });
  const first = el("span");
  const rest = el("span", { class: "rest" });
  const number = el("span", { class: "number" }, first, rest);
  const arrow = el("span", { class: "arrow", "aria-hidden": "true" });
  const note = el("span", { class: "note" });
  const spoken = el("span", { class: "unseen" });
  const why = el("span", { class: "why" });
  const canvas = sparkCanvas();
  const value = el("dd", {}, number, arrow, spoken, why);
  const root = el("div", { class: "vital", "data-kind": kind }, el("dt", {}, name, unit, note), value, canvas);

  function update(vital) {
    const { look, age } = judge(vital);
    const isUsable = look === "live" || look === "doubtful";
    mark(root, "data-look", look);
    mark(root, "data-alarm", look === "live" && Boolean(vital.in_alarm));
    put(name, t(kind));
    mark(name, "title", t(`${kind}_long`));
    const [systolic, diastolic] = isUsable ? numeral(vital.text).split("/") : ["--"];
    put(first, systolic);
    put(rest, `${diastolic ? `/${diastolic}` : ""}${look === "doubtful" ? "?" : ""}`);
    mark(number, "data-long", isUsable && vital.text.length > 6);
    put(arrow, look === "live" ? ARROWS[vital.arrow] ?? "" : "");
    put(note, isUsable ? noteOf(vital, look, age) : "");
    put(why, isUsable ? "" : noteOf(vital, look, age));
    put(spoken, spokenOf(vital, look));
  }

  return { root, update, canvas };
}

function noteOf(vital, look, age) {
  if (look === "never") return say(vital?.words) || t("never");
  const parts = [look === "live" ? "" : say(vital.words) || t(look)];
  if (look === "live" && vital.mean_text) parts.push(`(${numeral(vital.mean_text)})`);
  if (look === "off") parts.push(span(now() - (vital.since_ms ?? vital.at_ms)));
  else if (look === "old" || showsAge(vital, age)) parts.push(t("age", { span: span(age) }));
  return parts.filter(Boolean).join(" ");
}

function spokenOf(vital, look) {
  if (look !== "live") return ` ${t(look === "doubtful" ? "doubtful" : "no_value")}`;
  const parts = [vital.unit, vital.arrow ? t(vital.arrow) : "", vital.in_alarm ? t("in_alarm") : ""];
  return ` ${parts.filter(Boolean).join(", ")}`;
}

// The state of watching in words, with since when.
export function watchWords(bed) {
  if (!bed.occupied) return t("empty_bed");
  if (bed.away) {
    return t("away", { reason: say(bed.away.reason), time: clock(bed.away.until_ms) });
  }
  const { state, words, missing, since_ms: since } = bed.assessment;
  if (state === "assessing") return t("assessing");
  const what = say(words) || t(state);
  const isNamed = state === "degraded" && say(words); // its words name what is missing
  const parts = [what[0].toUpperCase() + what.slice(1), isNamed ? "" : sayAll(missing)];
  return `${parts.filter(Boolean).join(": ")}${since ? `, ${t("since", { time: clock(since) })}` : ""}`;
}

function watchBrief(bed) {
  return bed.away ? t("away_title") : t(bed.assessment.state);
}

// The shape and the name of the state of watching.
export function watchLook(bed) {
  if (!bed.occupied) return { look: "empty", sign: "none" };
  if (bed.away) return { look: "away", sign: "none" };
  const signs = { assessing: "check", degraded: "half", not_assessing: "none" };
  return { look: bed.assessment.state, sign: signs[bed.assessment.state] };
}

// "Day 3, axi-cel" and "CRS 4-6 · if CRS: ASTCT grade 1-2".
export function therapyWords(bed) {
  const day = bed.day === null || bed.day === undefined ? "" : t("day", { n: bed.day });
  return [day, bed.product].filter(Boolean).join(" · ");
}

// The score and the range of the grade in short words.
export function crsWords(bed) {
  if (!bed.crs) return "";
  const score = bed.crs.score ? t("crs", { score: range(bed.crs.score) }) : "";
  const grade = bed.crs.grade ? t("crs_grade", { grade: range(bed.crs.grade) }) : "";
  return [score, grade].filter(Boolean).join(" · ");
}

// {root, update(bed), tick(bed)}: the tile of a bed.
export function tileOf(bedId) {
  const open = el("a", { href: `#/bed/${encodeURIComponent(bedId)}`, class: "bed", text: bedId });
  const therapy = el("p", { class: "therapy" });
  const crs = el("p", { class: "crs" });
  const brief = el("p", { class: "brief" });
  const head = el("header", {}, el("h2", {}, open), el("div", { class: "about" }, therapy, crs, brief));
  const vitals = SHOWN.map((kind) => [kind, vitalPart(kind)]);
  const picture = shape("check");
  const words = el("span");
  const watch = el("p", { class: "watch" }, picture, words);
  const alert = alertPart();
  const list = el("dl", { class: "vitals" }, vitals.map(([, part]) => part.root));
  const root = el("article", { class: "tile", "data-bed": bedId, click }, head, list, alert.root, watch);
  let drawnAt = -Infinity;
  let drawn = null;

  function click(event) {
    if (!event.target.closest("button, a")) location.hash = open.getAttribute("href");
  }

  function update(bed) {
    const look = lookOf(bed);
    mark(root, "data-look", look ?? "quiet");
    mark(root, "data-urgency", urgency(bed.problem));
    mark(root, "data-priority", bed.problem?.priority ?? null);
    mark(root, "data-watch", watchLook(bed).look);
    mark(root, "data-test", Boolean(bed.problem?.is_test));
    put(therapy, bed.occupied ? therapyWords(bed) : "");
    put(crs, bed.occupied ? crsWords(bed) : "");
    reshape(picture, watchLook(bed).sign);
    put(words, watchWords(bed));
    put(brief, bed.problem && watchLook(bed).look !== "assessing" ? watchBrief(bed) : "");
    show(list, bed.occupied);
    alert.update(bed);
    tick(bed);
  }

  function tick(bed) {
    for (const [kind, part] of vitals) part.update(bed.occupied ? bed.vitals?.[kind] : null);
    if (bed.problem) alert.update(bed);
    draw(bed);
  }

  function draw(bed) {
    const trend = bed.occupied ? trendOf(bedId) : null;
    const at = performance.now();
    if (trend === drawn && at - drawnAt < REDRAW_MS) return;
    if (drawn && !trend) {
      for (const [, { canvas }] of vitals) canvas.width = canvas.width;
    }
    drawn = trend;
    drawnAt = at;
    for (const [kind, { canvas }] of vitals) drawSpark(canvas, kind, trend);
  }

  function redraw() {
    drawnAt = -Infinity;
  }
  show(alert.root, false);
  return { root, update, tick, redraw };
}
