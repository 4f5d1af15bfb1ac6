// The ward's time, counted from the server's messages and not from this device's clock.

let told = null; // the server's time that was on its way the shortest: {ms, at, pace}
let zone = "UTC";
let locale = "en-GB";
const formats = new Map();

// Take the server's time from a message; return by how many seconds the message came late.
//
// `pace` is the ward's seconds in a second: 1 but in a demonstration.
export function heard(nowMs, isFirst, pace) {
  const at = performance.now();
  const late = isFirst || !told ? 0 : (now() - nowMs) / told.pace;
  if (late <= 0) told = { ms: nowMs, at, pace: pace ?? told?.pace ?? 1 };
  return late / 1000;
}

// The ward's time in ms since 1970; this device's own until the server was heard.
export function now() {
  return told ? told.ms + (performance.now() - told.at) * told.pace : Date.now();
}

// By how many ms this device's clock is ahead; 0 where the ward's time is played.
export function ahead() {
  return told?.pace === 1 ? Date.now() - now() : 0;
}

// Set the zone and the language in which times are written.
export function setPlace(newZone, language) {
  zone = newZone || "UTC";
  locale = language === "de" ? "de-DE" : "en-GB";
  formats.clear();
}

function written(ms, key, options) {
  if (!formats.has(key)) {
    formats.set(key, new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options }));
  }
  return formats.get(key).format(ms);
}

const HOUR_MINUTE = { hour: "2-digit", minute: "2-digit" };

// "02:14", with the day before it where it is not today.
export function clock(ms) {
  const time = written(ms, "time", HOUR_MINUTE);
  return day(ms) === day(now()) ? time : `${day(ms)} ${time}`;
}

// "02:14:09".
export function clockWithSeconds(ms) {
  return written(ms, "seconds", { ...HOUR_MINUTE, second: "2-digit" });
}

// "26 Nov".
export function day(ms) {
  return written(ms, "day", { day: "numeric", month: "short" });
}

// A date and time as a form field wants it, in the ward's zone.
export function fieldTime(ms) {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: zone, dateStyle: "short", timeStyle: "short",
  });
  return format.format(ms).replace(" ", "T");
}

// The ms of a form field's date and time, read in the ward's zone; null for none.
export function ofField(text) {
  const guess = Date.parse(`${text}Z`);
  if (Number.isNaN(guess)) return null;
  let ms = guess;
  for (let i = 0; i < 2; i += 1) ms = guess - (Date.parse(`${fieldTime(ms)}Z`) - ms);
  return ms - (ms % 60000);
}

// "2:41", minutes and seconds.
export function countUp(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s >= 3600) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
}

// "40 s", "6 min", "2 h 5 min" or "3 d".
export function span(ms) {
  const s = Math.max(0, Math.round(ms / 1000));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 172800) return `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d`;
}
