// This screen: what it says of itself every 10 s, whether it stays awake, and its choices.

import { post } from "./act.js";
import { onBadge } from "./badge.js";
import { clock } from "./clock.js";
import { button, el, mark, put } from "./dom.js";
import { closePanel, openPanel } from "./panel.js";
import { applyTheme, choice, choose } from "./settings.js";
import { audioTime, canSound, testSound } from "./sound.js";
import { state } from "./store.js";
import { tell } from "./strip.js";
import { say, t } from "./words.js";

let lock = null;

// Keep this screen awake while its page is visible, where the browser can.
export async function stayAwake() {
  if (document.visibilityState !== "visible" || lock) return;
  try {
    lock = await navigator.wakeLock.request("screen");
    lock.addEventListener("release", () => { lock = null; });
  } catch {
    lock = null; // refused on a low battery; asked again when the page is seen again
  }
}

// Say what this screen shows and whether it can sound; the server counts that as delivered.
export function reportScreen(shows) {
  return post("/api/screen", {
    name: choice("name"), seq: state.seq, can_sound: canSound(), is_awake: lock !== null, shows, audio_time: audioTime(),
  });
}

function choiceRow(label, name, values, words, chosen) {
  const buttons = values.map((value) => {
    const node = button(words(value), () => {
      chosen(value);
      buttons.forEach((one) => mark(one, "aria-pressed", String(one === node)));
    }, { "aria-pressed": String(value === name) });
    return node;
  });
  return el("div", { class: "choice" }, el("h2", { text: label }), el("div", { class: "chips", role: "group", "aria-label": label }, buttons));
}

function sessionButtons() {
  const { person, role, station } = state.me;
  const tellAll = (name) => () => dispatchEvent(new Event(name));
  const leads = ["charge", "engineer"].includes(role);
  return [
    station ? button(t("sign_in"), tellAll("signin"), { class: "big" }) : null,
    person ? button(t("sign_out"), tellAll("signout"), { class: "big" }) : null,
    person && leads ? button(t("make_shared"), makeShared, { class: "big" }) : null,
    person && leads ? button(t("unlock"), unlock, { class: "big" }) : null,
  ];
}

async function makeShared() {
  const refused = await post("/api/station", { name: choice("name") });
  tell(refused ?? t("is_shared"));
  if (!refused) dispatchEvent(new Event("sessionchange"));
}

// Open the locked account of a colleague whose badge is here.
function unlock() {
  openPanel(t("unlock"), [el("p", { class: "purpose", text: t("badge_now") })], { closed: () => onBadge(null) });
  onBadge(async (badge) => {
    const refused = await post("/api/unlock", { badge });
    closePanel();
    tell(refused ?? t("unlocked"));
  });
}

// The view of this screen's choices and of the ward's screens and ways out.
export const screenView = {
  open() {
    this.awake = el("p");
    this.screens = el("ul");
    this.ways = el("ul");
    const name = el("input", { id: "screen-name", maxlength: 40, autocomplete: "off" });
    name.value = choice("name");
    name.addEventListener("change", () => choose("name", name.value.trim() || choice("name")));
    this.root = el("div", { class: "page" }, el("h1", { text: t("this_screen") }),
      el("section", { class: "card" }, button(t("test_sound"), testSound, { class: "primary big" }), el("p", { text: t("sound_hint") }), this.awake, el("p", { text: t("phone_locked") })),
      el("section", { class: "card" },
        choiceRow(t("theme"), choice("theme"), ["auto", "dark", "light"], t, (value) => { choose("theme", value); applyTheme(); }),
        choiceRow(t("language"), document.documentElement.lang, ["en", "de"], (value) => ({ en: "English", de: "Deutsch" })[value], (value) => {
          choose("language", value);
          dispatchEvent(new Event("languagechoice"));
        }),
        el("label", { for: "screen-name", text: t("screen_name") }), name),
      el("section", { class: "card" }, el("h2", { text: t("screens") }), this.screens, el("h2", { text: t("ways") }), this.ways),
      el("div", { class: "buttons" }, sessionButtons()));
    this.update();
    return this.root;
  },
  update() {
    put(this.awake, t(!navigator.wakeLock ? "no_wake_lock" : lock ? "awake" : "may_sleep"));
    this.screens.replaceChildren(...(state.ward?.screens ?? []).map((one) =>
      el("li", { text: `${one.name}: ${t(one.can_sound ? "can_sound" : "is_silent")}, ${clock(one.seen_ms)}` })));
    this.ways.replaceChildren(...(state.ward?.ways ?? []).map((one) =>
      el("li", { text: `${one.name}: ${t(one.state)}${one.state === "failing" ? ` ${say(one.words)}` : ""}` })));
  },
  tick() {},
};
