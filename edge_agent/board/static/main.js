// The start of the page: it follows the stream, shows one view, and says when nothing is live.

import { signInPage } from "./identify.js";
import { bedView } from "./bed.js";
import { heard, now, setPlace } from "./clock.js";
import { el, mark, put } from "./dom.js";
import { alertsView, auditView, handoverView } from "./lists.js";
import { closePanel, closePanelOf } from "./panel.js";
import { reportScreen, screenView, stayAwake } from "./screen.js";
import { applyTheme, choice } from "./settings.js";
import { quietLeft, sounding, soundTick, tryWithoutTap } from "./sound.js";
import { forget, loudest, state, take } from "./store.js";
import { followStream } from "./stream.js";
import { speak, tell, updateRail, updateStrip } from "./strip.js";
import { extend, forgetTrend, forgetTrends } from "./trend.js";
import { seenBeds, wardView } from "./ward.js";
import { setLanguage, t } from "./words.js";
import { post } from "./act.js";

const LATE_S = 3; // a message that comes later than this says nothing about now
const STARTING_MS = 6000; // a page that shows no ward by then says so
const ASLEEP_MS = 3000;
const REPORT_MS = 10000;
const VIEWS = { ward: wardView, bed: bedView, alerts: alertsView, handover: handoverView, audit: auditView, screen: screenView };
const main = document.getElementById("main");
const nav = document.getElementById("nav");

let view = null;
let stream = null;
let watchdog = null;
let tickedAt = Date.now();
let secondAt = 0;
let reportedAt = -Infinity;
let wakingAt = 0;
let startedAt = 0;
let isReopened = false;
let needsSnapshot = true;

function setMode(mode) {
  if (state.mode === mode) return;
  if (mode === "lost") state.lostSince = now();
  state.mode = mode;
  document.body.dataset.mode = mode;
  main.inert = mode !== "live" && mode !== "login";
  updateStrip();
}

function hear(name, text) {
  if (state.mode === "login") return;
  if (name === "open") {
    isReopened = true;
    return;
  }
  const told = JSON.parse(text);
  const pace = name === "snapshot" ? told.ward.pace : undefined;
  if (told.now_ms && heard(told.now_ms, name === "snapshot", pace) > LATE_S) return;
  watchdog.postMessage("heard");
  const before = state.beds;
  const changed = take(name, told);
  if (name === "vitals") for (const id of changed) extend(id, told.beds[id].vitals);
  if (name === "snapshot") setPlace(state.ward.zone, choice("language") || state.me?.language);
  if (changed === "all" || name === "bed") noteSwaps(before, changed, told);
  if (name !== "beat") render(changed);
  const isWhole = name === "snapshot" || (name === "beat" && isReopened && !needsSnapshot);
  if (isWhole && state.mode !== "live") painted(setLive);
  if (isWhole) isReopened = false;
}

// Drop what belongs to a patient who is no longer in the bed.
function noteSwaps(before, changed, told) {
  for (const id of changed === "all" ? state.beds.keys() : changed) {
    const bed = changed === "all" ? state.beds.get(id) : told.bed ?? told;
    const stay = stays.get(id);
    if (stay !== undefined && stay !== stayOf(bed)) {
      forgetTrend(id);
      if (closePanelOf(id)) tell(t("another_patient", { bed: id }));
      if (route().bedId === id) open();
    }
    stays.set(id, stayOf(bed));
  }
}

const stays = new Map();

function stayOf(bed) {
  return JSON.stringify([bed.occupied, bed.stay]);
}

function painted(then) {
  if (document.visibilityState !== "visible") then();
  else requestAnimationFrame(() => requestAnimationFrame(then));
}

function setLive() {
  if (state.mode === "lost") tell(t("now_live"));
  needsSnapshot = false;
  setMode("live");
  everySecond();
}

function wake() {
  if (state.mode === "login" || state.mode === "starting") return;
  needsSnapshot = true;
  wakingAt = performance.now();
  if (state.mode === "live") setMode("waking");
  stream.refresh();
  stayAwake();
}

function tick() {
  const at = Date.now();
  if (state.mode === "starting" && performance.now() - startedAt > STARTING_MS) setMode("lost");
  if (at - tickedAt > ASLEEP_MS) wake();
  tickedAt = at;
  stream?.tick();
  if (needsSnapshot && performance.now() - wakingAt > ASLEEP_MS && ["waking", "lost"].includes(state.mode)) {
    setMode("lost");
    wakingAt = performance.now();
    stream.refresh();
  }
  if (at - secondAt >= 1000 || at < secondAt) everySecond();
  mark(document.body, "data-sounding", sounding());
  const warns = state.mode === "lost" && quietLeft() === 0;
  soundTick(state.mode === "login" ? null : warns ? "high" : state.mode === "lost" ? null : loudest().priority);
}

function everySecond() {
  secondAt = Date.now();
  if (state.mode === "login") return;
  updateStrip();
  if (state.ward) view?.tick();
  updateRail(seenBeds(main));
  speak();
  if (state.mode === "live" && performance.now() - reportedAt > REPORT_MS && document.visibilityState === "visible") {
    reportedAt = performance.now();
    reportScreen(seenBeds(main));
  }
}

function render(changed) {
  if (!state.ward) return;
  if (!view) open();
  else view.update(changed);
  updateStrip();
  syncFlashes();
}

// Put all flashing in one phase, by the ward's clock: beside each other two screens agree, too.
function syncFlashes() {
  const start = document.timeline.currentTime - (now() % 20000);
  for (const animation of document.getAnimations()) {
    if (animation.animationName?.startsWith("flash") && !animation.isInPhase) {
      animation.startTime = start;
      animation.isInPhase = true;
    }
  }
}

function route() {
  const [, name, id] = decodeURIComponent(location.hash).match(/^#\/(\w+)(?:\/(.+))?$/) ?? [];
  return { name: VIEWS[name] ? name : "ward", bedId: id };
}

function open() {
  const { name, bedId } = route();
  if (state.mode === "login" || !state.ward) return;
  closePanel();
  view = VIEWS[name];
  document.body.dataset.view = name;
  main.replaceChildren(view.open(bedId));
  main.scrollTop = 0;
  view.placed?.();
  updateNav(name);
  if (view.tools) nav.append(view.tools());
  document.title = [bedId, state.ward.name, "crswatch"].filter(Boolean).join(" · ");
  everySecond();
  syncFlashes();
}

function updateNav(current) {
  mark(nav, "aria-label", t("views"));
  nav.replaceChildren(...["ward", "alerts", "handover", "audit", "screen"].map((name) =>
    el("a", { href: name === "ward" ? "#/" : `#/${name}`, "aria-current": current === name ? "page" : null, text: t(name) })));
  put(document.getElementById("skip"), t("skip"));
}

async function whoAmI() {
  const answer = await fetch("/api/me");
  if (answer.status === 401) return null;
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function start() {
  applyTheme();
  setLanguage(choice("language") || navigator.language.slice(0, 2));
  try {
    state.me = await whoAmI();
  } catch {
    setMode("lost");
    setTimeout(start, 1000 + Math.random() * 2000);
    return;
  }
  if (!state.me || state.me.role === "none") {
    signIn();
    return;
  }
  setLanguage(choice("language") || state.me.language || navigator.language.slice(0, 2));
  setPlace(state.me.zone, choice("language") || state.me.language);
  if (!stream) follow();
  else stream.resume();
  stayAwake();
}

function follow() {
  watchdog = new Worker(new URL("watchdog.js", import.meta.url));
  watchdog.onmessage = ({ data }) => {
    if (data === "tick") tick();
    else if (state.mode !== "login") {
      if (state.mode !== "starting") setMode("lost");
      stream.mend();
    }
  };
  stream = followStream(hear, checkSession, () => state.seq);
  tryWithoutTap();
}

async function checkSession() {
  try {
    state.me = await whoAmI();
    const isKnown = state.me && state.me.role !== "none";
    if (!isKnown) signIn();
    else if (state.mode === "login") signedIn();
  } catch {
    // The server is away; the stream tries again by itself.
  }
}

function signIn() {
  if (state.mode === "login") return;
  stream?.stop();
  forget();
  view = null;
  closePanel();
  setMode("login");
  document.body.dataset.view = "login";
  document.title = "crswatch";
  nav.replaceChildren();
  forgetTrends();
  updateRail([]);
  speak();
  main.replaceChildren(signInPage(() => {
    signedIn();
    stream?.announce();
  }));
  main.querySelector("input").focus();
}

function signedIn() {
  view = null;
  needsSnapshot = true;
  main.replaceChildren();
  startedAt = performance.now();
  setMode("starting");
  start();
}

addEventListener("signin", signIn);
addEventListener("sessionchange", signedIn);
addEventListener("signout", async () => {
  const refused = await post("/api/logout", {});
  if (refused) tell(refused);
  else stream.announce();
  await checkSession();
});
addEventListener("languagechoice", () => {
  setLanguage(choice("language"));
  setPlace(state.ward?.zone, choice("language"));
  open();
});
addEventListener("bedchange", ({ detail }) => view?.update([detail]));
addEventListener("hashchange", open);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && wake());
addEventListener("pageshow", (event) => event.persisted && wake());
document.addEventListener("resume", wake);
addEventListener("online", () => state.mode !== "live" && wake());
// A tap that arrives before the page has noticed that it slept is not for what it shows.
for (const name of ["pointerdown", "click", "keydown"]) {
  addEventListener(name, (event) => {
    if (state.mode === "live" && stream && Date.now() - tickedAt > ASLEEP_MS) {
      event.stopImmediatePropagation();
      event.preventDefault();
      wake();
    }
  }, true);
}
main.addEventListener("scroll", () => updateRail(seenBeds(main)), { passive: true });
start();
