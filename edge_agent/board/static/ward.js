// The ward: a tile for each bed. A tile never moves while somebody touches the page.

import { el, mark, put } from "./dom.js";
import { choice, choose } from "./settings.js";
import { sorted, state } from "./store.js";
import { tileOf } from "./tile.js";
import { t } from "./words.js";

const QUIET_MS = 2000; // the order waits until nobody has touched the page for this long
const SETTLE_MS = 500; // a tap so soon after a new order was meant for another tile
const LEAST_WIDTH = 285;
const LEAST_HEIGHT = 300;

const tiles = new Map();
let root = null;
let grid = null;
let order = [];
let touchedAt = -Infinity;
let isDown = false;
let movedAt = -Infinity;
let sortBy = null;
let name = null;

function touched() {
  touchedAt = performance.now();
}

addEventListener("pointerdown", () => { isDown = true; touched(); }, true);
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(name, () => { isDown = false; touched(); }, true);
}
for (const name of ["pointermove", "keydown", "wheel", "touchmove"]) {
  addEventListener(name, touched, { capture: true, passive: true });
}

function build() {
  grid = el("div", { class: "grid", role: "list" });
  const choices = ["concern", "bed"].map((by) => [by, el("button", {
    type: "button",
    click: () => {
      choose("sort", by);
      touchedAt = -Infinity;
      isDown = false;
      update("all");
    },
  })]);
  sortBy = el("div", { class: "sort", role: "group" }, choices.map(([, node]) => node));
  name = el("h1", { class: "unseen" });
  root = el("div", { class: "ward" }, name, grid);
  root.choices = choices;
  // The tap is swallowed where the tiles have only just changed their places.
  grid.addEventListener("click", (event) => {
    if (performance.now() - movedAt < SETTLE_MS) {
      event.stopPropagation();
      event.preventDefault();
    }
  }, true);
  new ResizeObserver(() => root.isConnected && fit()).observe(document.getElementById("main"));
  addEventListener("themechange", () => tiles.forEach((tile) => tile.redraw()));
}

// Choose columns and rows so that all beds fit the screen where they stay readable.
function fit() {
  const count = tiles.size;
  const width = root.clientWidth;
  const height = root.parentElement ? root.parentElement.clientHeight - 16 : 0;
  if (!count || !width) return;
  let best = { columns: Math.max(1, Math.floor(width / LEAST_WIDTH)), rows: 0, size: 0 };
  for (let columns = 1; columns <= count && width >= 600; columns += 1) {
    const rows = Math.ceil(count / columns);
    const tile = { width: width / columns, height: height / rows };
    const size = Math.min(tile.width, tile.height * 1.05);
    if (tile.width >= LEAST_WIDTH && tile.height >= LEAST_HEIGHT && size > best.size) {
      best = { columns, rows, size };
    }
  }
  root.style.setProperty("--columns", width < 600 ? 1 : best.columns);
  root.style.setProperty("--rows", best.rows || "auto");
  mark(root, "data-fit", best.rows > 0 ? "all" : width < 600 ? "list" : "scroll");
  tiles.forEach((tile) => tile.redraw());
}

function mayMove() {
  const isOpen = !document.getElementById("panel").hidden;
  return !isDown && !isOpen && performance.now() - touchedAt > QUIET_MS;
}

function reorder() {
  const wanted = sorted(choice("sort") !== "bed").map((bed) => bed.id);
  if (wanted.join("\n") === order.join("\n")) return;
  const isNew = wanted.length !== order.length || wanted.some((id) => !tiles.has(id));
  if (!isNew && !mayMove()) return;
  const focused = document.activeElement;
  for (const id of order.filter((old) => !wanted.includes(old))) {
    tiles.get(id).root.parentElement.remove();
    tiles.delete(id);
  }
  for (const id of wanted) {
    if (!tiles.has(id)) {
      const tile = tileOf(id);
      tiles.set(id, tile);
      el("div", { role: "listitem", class: "place" }, tile.root);
    }
    grid.append(tiles.get(id).root.parentElement);
  }
  if (grid.contains(focused) && document.activeElement !== focused) focused.focus({ preventScroll: true });
  if (order.length > 0) movedAt = performance.now();
  order = wanted;
  fit();
}

function update(changed) {
  reorder();
  for (const id of changed === "all" ? order : changed) {
    if (tiles.has(id)) tiles.get(id).update(state.beds.get(id));
  }
  put(name, `${t("ward")} ${state.ward.name}`);
  mark(sortBy, "aria-label", t("sort"));
  for (const [by, node] of root.choices) {
    put(node, t(`by_${by}`));
    mark(node, "aria-pressed", String(choice("sort") === by));
  }
}

// The view of the whole ward.
export const wardView = {
  tools: () => sortBy,
  open() {
    if (!root) build();
    update("all");
    return root;
  },
  update,
  tick() {
    reorder();
    for (const id of order) tiles.get(id).tick(state.beds.get(id));
  },
  placed() {
    fit();
    update("all");
  },
};

// The ids of the beds of which a tile or an alert can be seen whole in a frame.
export function seenBeds(frame) {
  const outside = frame.getBoundingClientRect();
  const seen = [...frame.querySelectorAll(".tile, .alert:not([hidden])")].filter((part) => {
    const box = part.getBoundingClientRect();
    return box.height > 0 && box.top >= outside.top - 2 && box.bottom <= outside.bottom + 2;
  });
  return [...new Set(seen.map((part) => part.dataset.bed))];
}
