// Auditory alarm signals after IEC 60601-1-8:2006+A1:2012+A2:2020, table 3 (pulse) and table 4
// (burst). All times in seconds.
//
// td: effective duration of a pulse, between 90 % of its rise and 90 % of its fall. Spacing: from
// 90 % of a fall to 90 % of the next rise; x 50-125 ms for HIGH, y 125-250 ms for the others;
// 2x + td between the third and fourth pulse of a HIGH group. The ramp is linear; from 10 to 90 %
// it takes 18 % of td (10-40 % allowed).

const PARTIALS = [0, 1, 0.75, 0.65, 0.55, 0.45, 0.35]; // six, all within 10 dB of the strongest
const LEVEL = 0.8;
const X = 0.11;
const HIGH_TD = 0.13;
const GROUP = [X, X, 2 * X + HIGH_TD, X];

export const PATTERNS = {
  high: { hz: 523, td: HIGH_TD, ramp: 0.03, spacing: [...GROUP, 0.6, ...GROUP], pause: 5 },
  medium: { hz: 440, td: 0.18, ramp: 0.04, spacing: [0.22, 0.22], pause: 12 },
  low: { hz: 349, td: 0.2, ramp: 0.045, spacing: [], pause: 20 },
};

// The starts of the pulses from the start of the burst.
function starts({ td, spacing }) {
  const found = [0];
  for (const gap of spacing) found.push(found[found.length - 1] + td + gap);
  return found;
}

// The length of a burst.
export function lengthOf(priority) {
  const { td, ramp, spacing } = PATTERNS[priority];
  return spacing.reduce((sum, gap) => sum + gap + td, td) + 2 * ramp;
}

// Schedule one burst and return a function that cuts it off.
//
// `context` is the page's own AudioContext, or an OfflineAudioContext that measures the same.
export function playBurst(context, output, at, priority) {
  const pattern = PATTERNS[priority];
  const { hz, td, ramp } = pattern;
  const tone = context.createOscillator();
  const envelope = context.createGain();
  tone.frequency.value = hz;
  tone.setPeriodicWave(
    context.createPeriodicWave(new Float32Array(PARTIALS.length), new Float32Array(PARTIALS)),
  );
  envelope.gain.setValueAtTime(0, at);
  const flat = td - 0.2 * ramp;
  for (const start of starts(pattern)) {
    const from = at + start;
    envelope.gain.setValueAtTime(0, from);
    envelope.gain.linearRampToValueAtTime(LEVEL, from + ramp);
    envelope.gain.setValueAtTime(LEVEL, from + ramp + flat);
    envelope.gain.linearRampToValueAtTime(0, from + 2 * ramp + flat);
  }
  tone.connect(envelope).connect(output);
  tone.start(at);
  tone.stop(at + lengthOf(priority));
  return () => {
    tone.stop();
    envelope.disconnect();
  };
}
