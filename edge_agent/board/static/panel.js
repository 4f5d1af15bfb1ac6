// The one place for questions. It takes room of its own and covers nothing, so that no alert is
// ever behind it.

import { button, el, show } from "./dom.js";
import { t } from "./words.js";

const place = document.getElementById("panel");
let closing = null;
let opener = null;

// Open the panel with a title and parts; `closed` is called when it closes without an answer.
export function openPanel(title, parts, { closed = null, bedId = null } = {}) {
  closePanel();
  opener = document.activeElement;
  closing = closed;
  place.dataset.bed = bedId ?? "";
  place.setAttribute("role", "dialog");
  place.setAttribute("aria-labelledby", "panel-title");
  const shut = button(t("close"), closePanel, { class: "quiet" });
  place.replaceChildren(el("div", { class: "panelhead" }, el("h2", { id: "panel-title", text: title }), shut), ...parts);
  show(place, true);
  document.querySelector(`.tile[data-bed="${CSS.escape(bedId ?? "")}"]`)?.scrollIntoView({ block: "nearest" });
  (place.querySelector("[data-first]") ?? place.querySelector("input, select, button"))?.focus();
}

// Close the panel; what was asked counts as not answered.
export function closePanel() {
  if (place.hidden) return;
  const tell = closing;
  const back = opener;
  closing = opener = null;
  show(place, false);
  place.replaceChildren();
  if (back?.isConnected) back.focus({ preventScroll: true });
  tell?.();
}

// Close the panel where it is about a bed whose patient changed; return true if it was open.
export function closePanelOf(bedId) {
  const isOpen = !place.hidden && place.dataset.bed === bedId;
  if (isOpen) closePanel();
  return isOpen;
}

// Close the panel with an answer, so that nothing counts as not answered.
export function finishPanel() {
  closing = null;
  closePanel();
}

// True while a question is open.
export function isPanelOpen() {
  return !place.hidden;
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !place.hidden) closePanel();
});
