// A badge reader types like a keyboard, only much faster, and ends with Enter.

const FASTEST_HAND_MS = 50; // people type slower than this between two characters
const LEAST_CHARACTERS = 5;

let typed = "";
let typedAt = -Infinity;
let listener = null;

// Let `read(code)` have the next badge; null for nobody.
export function onBadge(read) {
  listener = read;
}

document.addEventListener("keydown", (event) => {
  const isFast = performance.now() - typedAt < FASTEST_HAND_MS;
  if (event.key === "Enter") {
    const code = isFast && typed.length >= LEAST_CHARACTERS ? typed : "";
    typed = "";
    if (code && listener) {
      event.preventDefault();
      event.stopPropagation();
      listener(code);
    }
  } else if (event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey) {
    typed = isFast ? typed + event.key : event.key;
    typedAt = performance.now();
  }
}, true);
