// What people do here goes to the server; what became of it is read from the stream only.

import { now } from "./clock.js";
import { isUnanswered, state } from "./store.js";
import { say, t } from "./words.js";

const CONFIRMED_MS = 8000; // the stream shows an answer within a second where all is well
export const pathOf = (bedId) => `/api/beds/${encodeURIComponent(bedId)}`;
const doing = new Map(); // bed id -> {kind, seen, sentAt, words}

// Send one command; return null where the server took it, otherwise the reason in words.
export async function post(path, body) {
  const answer = await send(path, body);
  return answer.refused;
}

// Send one command; return {refused, told}: the reason in words, or the answer.
export async function send(path, body) {
  try {
    const answer = await fetch(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRF-Token": state.me?.csrf ?? "" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(CONFIRMED_MS),
    });
    const told = await answer.json().catch(() => null);
    if (answer.ok) return { refused: null, told };
    // A proxy that stands in for the server answers without words.
    return { refused: say(told?.error) || t(told ? "refused" : "not_sent"), told: null };
  } catch {
    return { refused: t("not_sent"), told: null };
  }
}

// A new id, so that something sent twice counts once.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The signs of a problem as the person sees them.
export function seenOf(problem) {
  return problem.signs.map(({ alert_id, n }) => ({ alert_id, n }));
}

// Answer a bed's problem.
//
// `who` is what identifies the person at a shared screen: {person, pin} or {badge}; empty where
// somebody is signed in. Returns the reason in words where it was refused.
export async function answer(bedId, kind, seen, { reason = "", forS = null, who = {} } = {}) {
  doing.set(bedId, { kind, seen, sentAt: performance.now(), words: "" });
  changed(bedId);
  const body = { kind, seen, reason, for_s: forS, answer_id: newId(), ...who };
  const refused = await post(`${pathOf(bedId)}/answer`, body);
  const own = doing.get(bedId);
  if (refused && own) own.words = refused;
  changed(bedId);
  return refused;
}

// {isSending, words} for a bed, null where nothing is on its way.
export function progress(bedId) {
  const own = doing.get(bedId);
  if (!own) return null;
  const problem = state.beds.get(bedId)?.problem;
  if (!problem || isDone(own, problem)) {
    doing.delete(bedId);
    return null;
  }
  if (own.words) return { isSending: false, words: own.words };
  if (performance.now() - own.sentAt < CONFIRMED_MS) return { isSending: true, words: "" };
  return { isSending: false, words: t("not_confirmed") };
}

function isDone({ kind, seen, sentAt }, problem) {
  if (kind === "silence") return (problem.silenced_until_ms ?? 0) > now();
  const signs = new Map(problem.signs.map((sign) => [sign.alert_id, sign]));
  const left = seen.filter(({ alert_id }) => signs.has(alert_id) && isUnanswered(signs.get(alert_id)));
  if (kind === "acknowledge") {
    return left.length === 0 || left.every(({ alert_id, n }) => signs.get(alert_id).n > n + 1);
  }
  const isNew = seen.some(({ alert_id, n }) => (signs.get(alert_id)?.n ?? n + 1) > n);
  return isNew && performance.now() - sentAt > 300;
}

function changed(bedId) {
  dispatchEvent(new CustomEvent("bedchange", { detail: bedId }));
}
