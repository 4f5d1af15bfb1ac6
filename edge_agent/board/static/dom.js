// Elements made of text nodes only: nothing that arrives from a server is ever read as HTML.

const SVG = "http://www.w3.org/2000/svg";

// A new element; attributes that are functions listen, `text` is its text.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "text") node.textContent = value;
    else if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

// Set a text where it differs, so that unchanged parts of a page are not touched.
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Set or remove an attribute where it differs.
export function mark(node, name, value) {
  const text = value === true ? "" : value;
  if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(text)) node.setAttribute(name, text);
}

// Show or hide an element.
export function show(node, isShown) {
  if (node.hidden === isShown) node.hidden = !isShown;
}

const SHAPES = {
  high: "M7 1h10l6 6v10l-6 6H7l-6-6V7z",
  medium: "M12 1.5 23.5 22H.5z",
  low: "M12 1a11 11 0 1 0 .01 0z",
  technical: "M2 2h20v20H2z",
  check: "M3 12l3-3 4 4 9-9 3 3-12 12z",
  half: "M12 1a11 11 0 1 0 .01 0zM12 4v16a8 8 0 0 1 0-16z",
  none: "M12 1a11 11 0 1 0 .01 0zM12 4a8 8 0 1 1-.01 0z",
};

// The sign of a priority or state; the word beside it says the same.
export function shape(name) {
  const picture = document.createElementNS(SVG, "svg");
  picture.setAttribute("viewBox", "0 0 24 24");
  picture.setAttribute("class", "shape");
  picture.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("fill-rule", "evenodd");
  picture.append(path);
  reshape(picture, name);
  return picture;
}

// Give a sign another shape.
export function reshape(picture, name) {
  mark(picture.firstChild, "d", SHAPES[name] ?? SHAPES.low);
}

// A button with a word on it.
export function button(text, press, attributes = {}) {
  return el("button", { type: "button", click: press, text, ...attributes });
}
