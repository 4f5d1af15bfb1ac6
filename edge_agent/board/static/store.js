// The page's copy of the ward, as the stream gave it, and judgements that every view shares.

import { now } from "./clock.js";

export const KINDS = ["heart_rate", "spo2", "temperature", "pressure", "respiratory_rate"];
export const PRIORITIES = ["low", "medium", "high"];
const ANSWERED = new Set(["acknowledged", "answered"]);
export const PAUSE_MS = 120000; // longest pause; of a shorter one, signals just before it sound on
const AHEAD_MS = 60000; // a time of measurement further ahead than this says nothing about age

export const state = {
  me: null,
  ward: null,
  beds: new Map(),
  seq: 0,
  mode: "starting", // starting, live, waking, lost, login
  lostSince: 0,
};

// Take an event of the stream; return the ids of the beds that changed, or "all".
export function take(name, told) {
  if (name === "snapshot") {
    state.ward = told.ward;
    state.beds = new Map(told.beds.map((bed) => [bed.id, bed]));
    state.seq = told.seq;
    return "all";
  }
  if (told.seq) state.seq = told.seq;
  if (name === "ward") state.ward = told.ward ?? told;
  if (name === "bed") {
    const bed = told.bed ?? told;
    state.beds.set(bed.id, bed);
    return [bed.id];
  }
  if (name !== "vitals") return [];
  const known = Object.entries(told.beds).filter(([id]) => state.beds.has(id));
  for (const [id, part] of known) {
    const bed = state.beds.get(id);
    state.beds.set(id, { ...bed, vitals: { ...bed.vitals, ...part.vitals } });
  }
  return known.map(([id]) => id);
}

// Forget the ward, as after signing out: nothing of a patient stays on the screen.
export function forget() {
  state.ward = null;
  state.beds = new Map();
}

// Judge a value at this second: the server's word holds only while the value is young enough.
//
// Returns {look, age}: look is live, doubtful, off, old or never; age in ms, null without one.
export function judge(vital) {
  if (!vital || vital.state === "never" || vital.at_ms === null || vital.at_ms === undefined) {
    return { look: vital?.state === "off" ? "off" : "never", age: null };
  }
  const age = now() - vital.at_ms;
  if (vital.state === "off") return { look: "off", age };
  if (vital.state === "old" || age > vital.limit_s * 1000) return { look: "old", age };
  if (vital.state === "doubtful" || age < -AHEAD_MS) return { look: "doubtful", age };
  return { look: "live", age: Math.max(0, age) };
}

// True where a value's age belongs beside it.
export function showsAge(vital, age) {
  return age !== null && age > vital.usual_s * 1000;
}

// True if the bed's sign waits for an answer.
export function isUnanswered(sign) {
  return !ANSWERED.has(sign.state) && sign.state !== "latched" && sign.state !== "resolved";
}

// The priority that still calls for somebody, null where nothing does.
export function urgency(problem) {
  if (!problem || problem.state !== "open") return null;
  const calling = problem.signs.filter((sign) => isUnanswered(sign) && !sign.is_inhibited);
  if (calling.length === 0) return problem.signs.length > 0 ? null : problem.priority;
  return PRIORITIES[Math.max(...calling.map((sign) => PRIORITIES.indexOf(sign.priority)))];
}

// How a bed's problem is drawn: high, medium, low, technical, answered, latched, null.
export function lookOf(bed) {
  const problem = bed.problem;
  if (!problem) return null;
  const urgent = urgency(problem);
  if (!urgent) return problem.state === "latched" ? "latched" : "answered";
  return problem.kind === "technical" ? "technical" : urgent;
}

// The priority that this screen sounds for, and the beds that call for it.
export function loudest() {
  const at = now();
  const pause = state.ward?.audio_paused_until_ms ?? 0;
  let found = { priority: null, beds: [] };
  for (const bed of state.beds.values()) {
    const priority = urgency(bed.problem);
    if (!priority || (bed.problem.silenced_until_ms ?? 0) > at) continue;
    // A pause covers what had signalled before it, never a sign that came later.
    const { signalled_ms: signalled, since_ms: since } = bed.problem;
    if (pause > at && (signalled ?? since) <= pause - PAUSE_MS) continue;
    const step = PRIORITIES.indexOf(priority) - PRIORITIES.indexOf(found.priority);
    if (found.priority === null || step > 0) found = { priority, beds: [bed.id] };
    else if (step === 0) found.beds.push(bed.id);
  }
  return found;
}

// A number by which beds that need somebody come first.
function concern(bed) {
  const urgent = urgency(bed.problem);
  const priority = PRIORITIES.indexOf(bed.problem?.priority) + 1;
  if (urgent) {
    return 100 + 10 * PRIORITIES.indexOf(urgent) + (bed.problem.kind === "technical" ? 0 : 5);
  }
  if (bed.problem?.state === "latched") return 60 + priority;
  if (bed.problem) return 50 + priority;
  if (!bed.occupied) return 0;
  if (bed.away) return 20;
  return { not_assessing: 40, degraded: 30 }[bed.assessment?.state] ?? 10;
}

const byLabel = new Intl.Collator("en", { numeric: true });

// The beds in the order in which they are shown.
export function sorted(isByConcern) {
  const beds = [...state.beds.values()];
  return beds.sort(
    (a, b) => (isByConcern ? concern(b) - concern(a) : 0) || byLabel.compare(a.id, b.id),
  );
}
