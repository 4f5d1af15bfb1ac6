// Who answers: the person who is signed in, or at a shared screen a PIN or a badge each time.

import { send } from "./act.js";
import { onBadge } from "./badge.js";
import { button, el, put, show } from "./dom.js";
import { finishPanel, openPanel } from "./panel.js";
import { choice, choose } from "./settings.js";
import { state } from "./store.js";
import { t } from "./words.js";

const REMEMBERED = 6;

// Return what says who acts: {} for somebody signed in, {by, pin} or {badge} at a shared screen,
// {by} on a board without accounts, null where the question was closed.
export function askWho(what, bedId) {
  const { me } = state;
  if (me.person && !me.station) return Promise.resolve({});
  return new Promise((answer) => {
    const done = (who) => {
      onBadge(null);
      if (who) finishPanel();
      answer(who);
    };
    const parts = pinParts(done, t("for_what", { what, bed: bedId }), me.station);
    openPanel(t("who_are_you"), parts, { closed: () => done(null), bedId });
    if (me.station) onBadge((badge) => done({ badge }));
  });
}

function remember(person) {
  choose("people", [person, ...choice("people").filter((one) => one !== person)].slice(0, REMEMBERED));
}

// The parts that ask for a staff id and, where there are accounts, for its PIN.
function pinParts(done, purpose, wantsPin) {
  const person = el("input", { id: "person", name: "person", autocomplete: "username", autocapitalize: "off", maxlength: 64, required: true });
  const pin = el("input", { id: "pin", name: "pin", type: "password", inputmode: "numeric", autocomplete: "current-password", maxlength: 12, required: true });
  const recent = choice("people");
  const known = recent.map((one) => button(one, () => {
    person.value = one;
    mark();
    if (wantsPin) pin.focus();
    else form.requestSubmit();
  }, { class: "chip" }));
  const mark = () => known.forEach((chip) => chip.setAttribute("aria-pressed", String(chip.textContent === person.value)));
  person.addEventListener("input", mark);
  if (recent.length === 0) person.dataset.first = "";
  else known[0].dataset.first = "";
  mark();
  const keys = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => key(digit));
  function key(digit) {
    return button(digit, () => { pin.value += digit; });
  }
  const erase = button(t("erase"), () => { pin.value = ""; }, { class: "quiet" });
  const pad = el("div", { class: "pad" }, keys, erase, key("0"), el("button", { class: "primary", text: t("confirm") }));
  const asked = [el("label", { for: "pin", text: t("pin") }), pin, pad, el("p", { text: t("badge_hint") })];
  const form = el("form", { class: "pinform", submit }, el("p", { class: "purpose", text: purpose }),
    el("div", { class: "chips", role: "group", "aria-label": t("staff_id") }, known),
    el("label", { for: "person", text: t("staff_id") }), person,
    wantsPin ? asked : el("button", { class: "primary", text: t("confirm") }));
  function submit(event) {
    event.preventDefault();
    const by = person.value.trim();
    if (!by || (wantsPin && !pin.value)) return;
    remember(by);
    done(wantsPin ? { by, pin: pin.value } : { by });
  }
  return [form];
}

// The page that asks to sign in; `signedIn()` is called once the server agreed.
export function signInPage(signedIn) {
  const trouble = el("p", { class: "trouble", role: "alert", hidden: true });
  async function login(body) {
    onBadge(null);
    const { refused } = await send("/api/login", body);
    if (!refused) {
      if (body.person) remember(body.person);
      signedIn();
      return;
    }
    put(trouble, refused);
    show(trouble, true);
    onBadge((badge) => login({ badge }));
  }
  const person = el("input", { id: "who", autocomplete: "username", autocapitalize: "off", maxlength: 64, required: true });
  const secret = el("input", { id: "secret", type: "password", autocomplete: "current-password", maxlength: 256, required: true });
  let isPin = false;
  const label = el("label", { for: "secret", text: t("password") });
  const other = button(t("use_pin"), () => {
    isPin = !isPin;
    put(label, t(isPin ? "pin" : "password"));
    put(other, t(isPin ? "use_password" : "use_pin"));
    secret.inputMode = isPin ? "numeric" : "text";
    secret.value = "";
  }, { class: "quiet" });
  const form = el("form", { class: "signin", submit: (event) => {
    event.preventDefault();
    show(trouble, false);
    login({ person: person.value, [isPin ? "pin" : "password"]: secret.value });
  } }, el("h1", { text: t("sign_in") }), el("p", { text: t("sign_in_first") }), trouble,
  el("label", { for: "who", text: t("staff_id") }), person, label, secret,
  el("button", { class: "primary", text: t("sign_in") }), other, el("p", { text: t("badge_hint") }));
  onBadge((badge) => login({ badge }));
  return form;
}
