// Sound of this screen: never more than one signal, the most urgent; never one that comes late.

import { lengthOf, PATTERNS, playBurst } from "./bursts.js";

const LEAD_S = 0.03; // time between the decision and the first sample
const RETRY_MS = 5000;
const AUDIBLE = 0.02; // peak of the test tone in the output, of 1

let context = null;
let output = null;
let meter = null;
let cut = null; // ends the present burst
let playing = null; // its priority
let endsAt = 0;
let nextAt = 0; // audio time of the next burst
let lastTime = 0; // audio time at the last look
let movedAt = 0; // page time when the audio time last advanced
let isTested = false;
let peak = 0;
let isTrying = false; // true where the tone is tried without a tap
let triedAt = -Infinity;
let quietUntil = 0; // page time until which the warning about a lost stream is silent here

// One tab of a browser sounds for all of them: the one that holds this lock.
const LOCK = "crswatch-sound";
const channel = new BroadcastChannel(LOCK);
let release = null;
let isAsking = false;
let otherAt = -Infinity; // page time of the last word from another tab that sounds
let otherTime = 0; // its audio time
channel.onmessage = ({ data }) => {
  otherAt = performance.now();
  otherTime = data;
};

function start() {
  if (context) return;
  context = new AudioContext({ latencyHint: "interactive" });
  output = context.createGain();
  meter = context.createAnalyser();
  meter.fftSize = 16384; // a third of a second: no tick misses the tone
  output.connect(meter).connect(context.destination);
  context.addEventListener("statechange", () => {
    if (context.state !== "running") stop(); // nothing waits for the day when it runs again
  });
}

function stop() {
  cut?.();
  cut = null;
  playing = null;
  nextAt = 0;
}

function runs() {
  return isTested && context.state === "running" && performance.now() - movedAt < 3000;
}

// True if this browser sounds: its audio time advances, here or in the tab that sounds.
export function canSound() {
  return (release !== null && runs()) || performance.now() - otherAt < 3000;
}

function settleWhoSounds() {
  if (release && !runs()) {
    release();
    release = null;
  } else if (release) {
    channel.postMessage(context.currentTime);
  } else if (runs() && !isAsking) {
    isAsking = true;
    const hold = () => new Promise((done) => { release = done; });
    (navigator.locks ? navigator.locks.request(LOCK, hold) : hold()).finally(() => { isAsking = false; });
  }
}

// Keep the warning about a lost stream silent on this screen for two minutes.
export function keepQuiet() {
  quietUntil = performance.now() + 120000;
}

// For how many ms this screen still keeps quiet.
export function quietLeft() {
  return Math.max(0, quietUntil - performance.now());
}

// The time of the audio output, seconds.
export function audioTime() {
  return release ? context.currentTime : otherTime;
}

// The priority of the bursts that repeat now, "test" for the test tone, null for silence.
export function sounding() {
  return playing;
}

function begin(priority) {
  stop();
  const at = context.currentTime + LEAD_S;
  cut = playBurst(context, output, at, priority);
  playing = priority;
  endsAt = at + lengthOf(priority);
  nextAt = endsAt + PATTERNS[priority].pause;
}

// Play what is due; called several times a second with the most urgent priority or null.
export function soundTick(priority) {
  if (!context) return;
  if (context.currentTime > lastTime) movedAt = performance.now();
  lastTime = context.currentTime;
  if (context.state !== "running") {
    settleWhoSounds();
    return;
  }
  if (playing === "test") {
    measure();
    if (context.currentTime < endsAt) return;
    isTested = isTested || peak > AUDIBLE;
    stop();
  }
  if (!isTested && isTrying && performance.now() - triedAt > RETRY_MS) testSound();
  settleWhoSounds();
  if (!priority || !release) {
    if (playing && playing !== "test") stop();
  } else if (priority !== playing || context.currentTime >= nextAt) begin(priority);
}

function measure() {
  const samples = new Float32Array(meter.fftSize);
  meter.getFloatTimeDomainData(samples);
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
}

// Play the test tone: a burst of MEDIUM through the same output as every signal.
export async function testSound() {
  start();
  triedAt = performance.now();
  await context.resume();
  if (context.state !== "running") return;
  peak = 0;
  begin("medium");
  playing = "test";
}

// Test the sound without a tap where this browser allows it, as on a screen set up for it.
export function tryWithoutTap() {
  start();
  isTrying = true;
}

// Why there is no sound: "untested", "stopped", or null where there is.
export function soundFault() {
  if (canSound()) return null;
  return isTested ? "stopped" : "untested";
}
