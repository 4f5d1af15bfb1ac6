// A bed's course: one line for each vital sign over the same time, with what was entered and alerted.

import { clock, day, now } from "./clock.js";
import { button, el, mark, put, show } from "./dom.js";
import { drawBand, drawLines, DRAWN, loadTrend, penOf, pieces, scaleOf } from "./trend.js";
import { numeral, t } from "./words.js";

const SPANS = [1, 6, 24, 72, 168, 336];
const RENEW_MS = 30000;
const LEFT = 46;
const FOOT = 20;
const MARK_ROWS = 3;
const NEAR_MS = 90000; // a minute's point stands for the reading

function spanWords(hours) {
  return hours <= 24 ? t("hours", { n: hours }) : t("days", { n: hours / 24 });
}

// {root, update(marks)}: the charts of a bed.
export function chartPart(bedId) {
  let hours = 6;
  let trend = null;
  let loadedAt = -Infinity;
  let marks = [];
  let isLoading = false;
  const choices = SPANS.map((span) => button("", () => {
    hours = span;
    trend = null;
    load();
    draw();
  }));
  const trouble = el("p", { class: "trouble", role: "status", hidden: true });
  const rows = DRAWN.map((kind) => {
    const name = el("h3");
    const words = el("span", { class: "words" });
    const canvas = el("canvas", { role: "img" });
    return { kind, name, words, canvas, root: el("div", { class: "chart", "data-kind": kind }, el("div", { class: "charthead" }, name, words), canvas) };
  });
  const root = el("section", { class: "course" }, el("div", { class: "cardhead" }, el("h2"), el("div", { class: "spans", role: "group" }, choices)), trouble, rows.map((row) => row.root));
  new ResizeObserver(draw).observe(root);
  addEventListener("themechange", draw);

  async function load() {
    if (isLoading) return;
    isLoading = true;
    loadedAt = performance.now();
    const wanted = hours;
    try {
      const loaded = await loadTrend(bedId, wanted);
      if (wanted === hours) trend = loaded;
      show(trouble, false);
    } catch {
      put(trouble, t("not_loaded"));
      show(trouble, true);
    }
    isLoading = false;
    if (wanted !== hours) load();
    draw();
  }

  function draw() {
    put(root.querySelector("h2"), t("last_hours"));
    choices.forEach((choice, i) => {
      put(choice, spanWords(SPANS[i]));
      mark(choice, "aria-pressed", String(SPANS[i] === hours));
    });
    const to = now();
    const from = to - hours * 3600000;
    for (const row of rows) drawRow(row, from, to);
  }

  function drawRow({ kind, name, words, canvas }, from, to) {
    put(name, t(`${kind}_long`));
    const place = penOf(canvas);
    const lines = pieces(trend, kind, hours);
    const band = trend?.baseline[kind];
    const scale = scaleOf(kind, lines, band);
    const usual = band ? t("usual", { low: numeral(band[0]), high: numeral(band[1]) }) : "";
    put(words, lines.length ? usual : t(trend ? "no_trend" : "loading"));
    const values = lines.flat().map((point) => point.v);
    const spread = values.length ? `${numeral(Math.min(...values))} – ${numeral(Math.max(...values))}` : t("no_trend");
    mark(canvas, "aria-label", `${t(`${kind}_long`)}, ${spanWords(hours)}: ${spread}. ${usual}`);
    if (!place || !scale) return;
    const { pen, width, height } = place;
    const style = getComputedStyle(canvas);
    const ink = style.getPropertyValue("--soft");
    const x = (at) => LEFT + ((at - from) / (to - from)) * (width - LEFT - 6);
    const y = (v) => height - FOOT - 4 - ((v - scale[0]) / (scale[1] - scale[0])) * (height - FOOT - 12);
    pen.font = `13px ${style.fontFamily}`;
    drawBand(pen, band, y, LEFT, width - 6, style);
    drawAxes(pen, { from, to, scale, x, y, width, height, ink, grid: style.getPropertyValue("--grid") }, kind);
    drawMarks(pen, kind, { from, x, height, ink: style.getPropertyValue("--mark"), y, lines });
    drawLines(pen, lines, x, y, style.getPropertyValue("--line"), 2);
  }

  function drawMarks(pen, kind, { from, x, height, ink, y, lines }) {
    pen.strokeStyle = pen.fillStyle = ink;
    const written = [];
    for (const one of marks.filter((each) => each.at >= from)) {
      const at = Math.round(x(one.at)) + 0.5;
      if (one.isEvidence && one.kind !== kind) continue;
      pen.setLineDash(one.isEvidence ? [] : [2, 4]);
      pen.lineWidth = 1;
      pen.beginPath();
      pen.moveTo(at, 4);
      pen.lineTo(at, height - FOOT);
      pen.stroke();
      pen.setLineDash([]);
      if (!one.isEvidence && kind !== DRAWN[0]) continue;
      if (!one.isEvidence) {
        write(pen, one.text, at, written);
        continue;
      }
      const near = lines.flat().filter((point) => Math.abs(point.t - one.at) <= NEAR_MS);
      if (!near.length) continue;
      near.sort((a, b) => Math.abs(a.t - one.at) - Math.abs(b.t - one.at));
      pen.lineWidth = 2.5;
      pen.beginPath();
      pen.arc(x(near[0].t), y(near[0].v), 6, 0, 7);
      pen.stroke();
    }
  }

  // Write a mark's name beside its line, below the names that are there; without room the line alone.
  function write(pen, text, at, written) {
    const { width } = pen.measureText(text);
    const left = Math.min(at + 3, pen.canvas.clientWidth - width - 4);
    let row = 0;
    while (written.some((one) => one.row === row && left < one.right && one.left < left + width)) row += 1;
    if (row >= MARK_ROWS) return;
    written.push({ row, left: left - 4, right: left + width + 4 });
    pen.fillText(text, left, 13 + 13 * row);
  }

  function drawAxes(pen, { from, to, scale, x, y, width, height, ink, grid }, kind) {
    pen.textAlign = "right";
    pen.lineWidth = 1;
    const digits = kind === "temperature" ? 1 : 0;
    for (const value of [scale[0], (scale[0] + scale[1]) / 2, scale[1]]) {
      pen.strokeStyle = grid;
      pen.beginPath();
      pen.moveTo(LEFT, Math.round(y(value)) + 0.5);
      pen.lineTo(width - 6, Math.round(y(value)) + 0.5);
      pen.stroke();
      pen.fillStyle = ink;
      pen.fillText(numeral(value.toFixed(digits)), LEFT - 6, y(value) + 4);
    }
    pen.textAlign = "center";
    const parts = width > 500 ? 6 : 3;
    for (let i = 0; i < parts; i += 1) {
      const at = from + ((i + 0.5) / parts) * (to - from);
      pen.fillText(hours > 24 ? day(at) : clock(at).split(" ").pop(), x(at), height - 5);
    }
    pen.textAlign = "left";
  }

  return {
    root,
    update(newMarks) {
      marks = newMarks;
      if (performance.now() - loadedAt > RENEW_MS) load();
      draw();
    },
  };
}
