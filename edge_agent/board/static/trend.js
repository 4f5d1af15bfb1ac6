// Lines of the last hours: 6 h on a tile, up to 14 days on a bed's page. Gaps stay open.

import { pathOf } from "./act.js";
import { now } from "./clock.js";
import { el } from "./dom.js";

const DRAWN = ["heart_rate", "spo2", "temperature", "pressure", "respiratory_rate"];
const SPARK_HOURS = 6;
const RENEW_MS = 600000;
const LEAST_SPAN = { heart_rate: 40, spo2: 10, temperature: 2, pressure: 50, respiratory_rate: 12 };
const GAP_MIN = { heart_rate: 3, spo2: 3, respiratory_rate: 3, temperature: 10, pressure: 240 };
const trends = new Map(); // bed id -> {kinds, baseline, at}
const loading = new Set();

// A bed's line of 6 h so far, and load it where it is missing or long ago.
export function trendOf(bedId) {
  const trend = trends.get(bedId);
  if (!loading.has(bedId) && (!trend || performance.now() - trend.at > RENEW_MS)) {
    loading.add(bedId);
    loadTrend(bedId, SPARK_HOURS)
      .then((loaded) => loading.has(bedId) && trends.set(bedId, { ...loaded, at: performance.now() }))
      .catch(() => trends.set(bedId, { ...(trend ?? empty()), at: performance.now() - RENEW_MS + 15000 }))
      .finally(() => loading.delete(bedId));
  }
  return trend ?? null;
}

function empty() {
  return { kinds: {}, baseline: {} };
}

// Forget a bed's line, as when another patient lies there.
export function forgetTrend(bedId) {
  trends.delete(bedId);
  loading.delete(bedId);
}

// Forget every line, as after signing out.
export function forgetTrends() {
  trends.clear();
  loading.clear();
}

// A bed's lines over some hours from the server.
export async function loadTrend(bedId, hours) {
  const answer = await fetch(`${pathOf(bedId)}/trend?hours=${hours}`);
  if (!answer.ok) throw new Error(String(answer.status));
  return { ...empty(), ...(await answer.json()) };
}

// Add a live value to a bed's line; an unusable one leaves a gap.
export function extend(bedId, vitals) {
  const trend = trends.get(bedId);
  if (!trend) return;
  for (const [kind, vital] of Object.entries(vitals)) {
    const line = (trend.kinds[kind] ??= { t: [], v: [] });
    const last = line.t[line.t.length - 1] ?? 0;
    if (vital.at_ms && vital.at_ms > last) {
      line.t.push(vital.at_ms);
      line.v.push(vital.state === "live" ? vital.value : null);
    }
  }
}

// The pieces of a kind's line in the last hours; a pause longer than usual is a gap, too.
export function pieces(trend, kind, hours) {
  const line = trend?.kinds[kind] ?? { t: [], v: [] };
  const from = now() - hours * 3600000;
  const longest = Math.max(GAP_MIN[kind], hours / 6) * 60000;
  const found = [];
  let piece = [];
  line.t.forEach((t, i) => {
    const isGap = line.v[i] === null || (piece.length && t - piece[piece.length - 1].t > longest);
    if (isGap && piece.length) {
      found.push(piece);
      piece = [];
    }
    if (line.v[i] !== null && t >= from) piece.push({ t, v: line.v[i] });
  });
  if (piece.length) found.push(piece);
  return found;
}

// The lowest and highest value of a scale that holds a line and its band.
export function scaleOf(kind, lines, band) {
  const values = lines.flat().map((point) => point.v).concat(band ?? []);
  if (values.length === 0) return null;
  let low = Math.min(...values);
  let high = Math.max(...values);
  const missing = LEAST_SPAN[kind] - (high - low);
  if (missing > 0) {
    low -= missing / 2;
    high += missing / 2;
  }
  if (kind === "spo2" && high > 101) {
    low -= high - 101;
    high = 101;
  }
  return [low, high];
}

// Size a canvas to its place on the screen; return its pen in CSS pixels, null while unseen.
export function penOf(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0 || height === 0) return null;
  const ratio = devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  return { pen, width, height };
}

// Draw the band of the patient's own usual values.
export function drawBand(pen, band, y, left, right, style) {
  if (!band) return;
  const [top, bottom] = [y(band[1]), y(band[0])];
  pen.fillStyle = style.getPropertyValue("--band");
  pen.fillRect(left, top, right - left, bottom - top);
  pen.strokeStyle = style.getPropertyValue("--band-edge");
  pen.lineWidth = 1;
  pen.setLineDash([3, 3]);
  for (const edge of [top, bottom]) {
    pen.beginPath();
    pen.moveTo(left, Math.round(edge) + 0.5);
    pen.lineTo(right, Math.round(edge) + 0.5);
    pen.stroke();
  }
  pen.setLineDash([]);
}

// Draw pieces of a line; a single reading is a dot.
export function drawLines(pen, lines, x, y, colour, width) {
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  pen.lineWidth = width;
  pen.lineJoin = "round";
  for (const piece of lines) {
    pen.beginPath();
    if (piece.length === 1) pen.arc(x(piece[0].t), y(piece[0].v), width, 0, 7);
    piece.forEach((point, i) => (i ? pen.lineTo(x(point.t), y(point.v)) : pen.moveTo(x(point.t), y(point.v))));
    if (piece.length === 1) pen.fill();
    else pen.stroke();
  }
}

// Draw a tile's line of 6 h.
export function drawSpark(canvas, kind, trend) {
  const place = penOf(canvas);
  if (!place || !trend) return;
  const { pen, width, height } = place;
  const style = getComputedStyle(canvas);
  const to = now();
  const from = to - SPARK_HOURS * 3600000;
  const lines = pieces(trend, kind, SPARK_HOURS);
  const band = trend.baseline[kind];
  const scale = scaleOf(kind, lines, band);
  if (!scale) return;
  const x = (t) => ((t - from) / (to - from)) * (width - 4) + 1;
  const y = (v) => height - 3 - ((v - scale[0]) / (scale[1] - scale[0])) * (height - 6);
  drawBand(pen, band, y, 0, width, style);
  drawLines(pen, lines, x, y, style.getPropertyValue("--line"), 2);
}

// A canvas for a line; what it shows is written beside it.
export function sparkCanvas() {
  return el("canvas", { class: "spark", "aria-hidden": "true" });
}

export { DRAWN };
