// The strip across the top: is the watching itself all right? Below it, what is not.

import { ahead, clock, clockWithSeconds, countUp, now, span } from "./clock.js";
import { button, el, mark, put, reshape, shape, show } from "./dom.js";
import { post } from "./act.js";
import { askWho } from "./identify.js";
import { keepQuiet, quietLeft, sounding, soundFault, testSound } from "./sound.js";
import { loudest, lookOf, PAUSE_MS, state, urgency } from "./store.js";
import { say, sayAll, t } from "./words.js";

const CLOCKS_MS = 10000; // differences up to this change no decision

const sign = shape("check");
const watching = el("strong", { class: "watching" });
const remarks = el("span", { class: "remarks" });
const soundWords = el("span", { class: "soundwords" });
const pause = button("", pauseSound, { class: "quiet pause", hidden: true });
const test = el("span", { class: "testwords" });
const person = el("span", { class: "person" });
const time = el("time", { class: "time" });
document.getElementById("strip").append(
  el("div", { class: "state", role: "status" }, sign, watching, remarks),
  el("div", { class: "right" }, test, soundWords, pause, person, time),
);

const lostTitle = el("strong");
const lostText = el("span");
const quiet = button("", keepQuiet, { class: "quiet" });
const lost = el("div", { class: "banner lost", role: "alert", hidden: true }, shape("technical"), el("p", {}, lostTitle, lostText), quiet);
const waking = el("div", { class: "banner waking", hidden: true }, el("strong"));
const soundButton = button("", () => testSound(), { class: "banner soundoff" });
const clocks = el("p", { class: "banner clocks", hidden: true });
const phone = el("p", { class: "banner phone" });
const message = el("p", { class: "banner message", role: "status", hidden: true });
document.getElementById("notices").append(lost, waking, soundButton, clocks, message, phone);

const rail = document.getElementById("rail");
const spoken = document.getElementById("spoken");
let messageUntil = 0;

async function pauseSound() {
  const who = await askWho(t("pause_sound"), "");
  if (!who) return;
  const refused = await post("/api/ward/audio-pause", { for_s: PAUSE_MS / 1000, ...who });
  if (refused) tell(refused);
}

// Show a sentence for a while, such as what was closed and why.
export function tell(text) {
  put(message, text);
  show(message, true);
  messageUntil = performance.now() + 12000;
}

// What is wrong with the watching, in words, most important first.
function faults() {
  const { ward } = state;
  const found = [];
  for (const gateway of ward.gateways.filter((one) => one.state !== "online")) {
    found.push(t(`gateway_${gateway.state}`, { time: clock(gateway.since_ms) }));
  }
  const beds = [...state.beds.values()];
  const dark = beds.filter((bed) => bed.occupied && !bed.away && bed.assessment.state === "not_assessing");
  if (dark.length) found.push(t("not_watched", { beds: dark.map((bed) => bed.id).join(", ") }));
  if (ward.auditor?.state === "silent") found.push(t("auditor_silent", { time: clock(ward.auditor.since_ms) }));
  if (ward.auditor?.state === "fault") found.push(t("auditor_fault", { what: sayAll(ward.auditor.faults) }));
  for (const way of (ward.ways ?? []).filter((one) => one.state === "failing")) {
    found.push(t("way_failing", { name: way.name, time: clock(way.since_ms), why: say(way.words) }));
  }
  if (Math.abs(ward.clock_offset_ms ?? 0) > CLOCKS_MS) {
    found.push(t("clocks_gateway", { span: span(Math.abs(ward.clock_offset_ms)) }));
  }
  return found;
}

function testWords(run) {
  if (!run) return t("test_never");
  const words = { time: clock(run.at_ms), bed: run.bed, by: run.by || "" };
  if (run.passed) return t("test_passed", words);
  return t(now() - run.at_ms < 300000 ? "test_open" : "test_failed", words);
}

// Show the state of the watching and of this screen, each second and after each event.
export function updateStrip() {
  put(time, clockWithSeconds(now()));
  const isLost = state.mode === "lost";
  show(lost, isLost);
  if (isLost) {
    put(lostTitle, `${t("lost_title", { time: clockWithSeconds(state.lostSince) })} `);
    put(lostText, `${t("lost_text")} ${t("lost_retry")}`);
    put(quiet, quietLeft() > 0 ? t("sound_paused", { left: countUp(quietLeft()) }) : t("pause_here"));
  }
  show(waking, state.mode === "waking");
  put(waking.firstChild, t("waking_title"));
  updateWatching(isLost);
  updateSound();
  const difference = ahead();
  show(clocks, Math.abs(difference) > CLOCKS_MS && state.mode === "live");
  if (!clocks.hidden) {
    put(clocks, t("clocks_page", { span: span(Math.abs(difference)), way: t(difference > 0 ? "fast" : "slow") }));
  }
  put(phone, t("phone_short"));
  if (!message.hidden && (isLost || performance.now() > messageUntil)) show(message, false);
}

function updateWatching(isLost) {
  const strip = document.getElementById("strip");
  const { ward } = state;
  show(watching.parentElement, Boolean(ward) && !isLost);
  if (!ward) {
    mark(strip, "data-state", isLost ? "lost" : "starting");
    for (const node of [watching, remarks, test, person, soundWords, message]) put(node, "");
    return;
  }
  const found = faults();
  const isWhole = found.length === 0;
  const away = [...state.beds.values()].filter((bed) => bed.away && bed.occupied);
  mark(strip, "data-state", isLost ? "lost" : isWhole ? (ward.beds_degraded ? "degraded" : "whole") : "fault");
  reshape(sign, isWhole ? (ward.beds_degraded ? "half" : "check") : "technical");
  const n = ward.beds_assessed + ward.beds_degraded;
  put(watching, ward.beds_total ? t("watching", { n, m: ward.beds_total }) : t("no_beds"));
  if (ward.beds_degraded) found.push(t("some_degraded", { n: ward.beds_degraded }));
  if (away.length) found.push(t("some_away", { beds: away.map((bed) => bed.id).join(", ") }));
  put(remarks, found.join("\u00a0· "));
  put(test, testWords(ward.test));
  put(person, state.me?.person ?? "");
}

function updateSound() {
  const fault = soundFault();
  show(soundButton, fault !== null && state.mode !== "login");
  put(soundButton, t(sounding() === "test" ? "sound_testing" : fault === "stopped" ? "sound_stopped" : "sound_off"));
  const left = (state.ward?.audio_paused_until_ms ?? 0) - now();
  const loud = loudest();
  const rings = state.mode === "live" && loud.priority !== null && fault === null;
  const words = rings ? t("sounding_for", { priority: t(loud.priority), beds: loud.beds.join(", ") }) : fault ? "" : t("sound_on");
  put(soundWords, left > 0 ? t("sound_paused", { left: countUp(left) }) : words);
  mark(soundWords, "data-paused", left > 0);
  put(pause, t("pause_sound"));
  show(pause, rings && left <= 0);
}

// Show every unanswered alert of priority HIGH that the page does not show otherwise.
export function updateRail(shown) {
  const high = [...state.beds.values()].filter((bed) => urgency(bed.problem) === "high" && !shown.includes(bed.id));
  show(rail, high.length > 0 && state.mode !== "login");
  const key = high.map((bed) => `${bed.id} ${say(bed.problem.title)} ${lookOf(bed)}`).join("\n");
  mark(rail, "aria-label", t("open_alerts"));
  if (rail.dataset.key === key) return;
  rail.dataset.key = key;
  rail.replaceChildren(...high.map((bed) => el("a", {
    href: `#/bed/${encodeURIComponent(bed.id)}`, "data-look": lookOf(bed),
  }, shape(bed.problem.kind === "technical" ? "technical" : "high"), el("strong", { text: bed.id }), el("span", { text: `${t("high")} ${say(bed.problem.title)}` }))));
}

// Say to a screen reader what is new; the most urgent problem once.
export function speak() {
  const bed = [...state.beds.values()].find((one) => urgency(one.problem) === "high");
  put(spoken, bed ? `${t("high")} ${bed.id}: ${say(bed.problem.title)}. ${say(bed.problem.sentence)}` : "");
}
