// Choices of this screen, kept in this browser only; none of them is about a patient.

const DEFAULTS = { theme: "auto", language: "", sort: "concern", name: "", people: [] };
let chosen = { ...DEFAULTS };
try {
  chosen = { ...DEFAULTS, ...JSON.parse(localStorage.getItem("crswatch-screen") ?? "{}") };
} catch {
  // A browser without storage starts from the defaults each time.
}
if (!chosen.name) choose("name", `screen-${Math.random().toString(36).slice(2, 7)}`);

// One choice.
export function choice(name) {
  return chosen[name];
}

// Set one choice.
export function choose(name, value) {
  chosen[name] = value;
  try {
    localStorage.setItem("crswatch-screen", JSON.stringify(chosen));
  } catch {
    // The choice holds until the page is closed.
  }
}

const light = matchMedia("(prefers-color-scheme: light)");

// Show the chosen theme; "auto" follows the device.
export function applyTheme() {
  const theme = chosen.theme === "auto" ? (light.matches ? "light" : "dark") : chosen.theme;
  if (document.documentElement.dataset.theme !== theme) {
    document.documentElement.dataset.theme = theme;
    dispatchEvent(new Event("themechange"));
  }
}
light.addEventListener("change", applyTheme);
