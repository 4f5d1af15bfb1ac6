// One stream for all tabs of a browser: one tab leads, the others hear it over a channel.

const NAME = "crswatch-stream";
const EVENTS = ["snapshot", "bed", "vitals", "ward", "beat"];
const OPENING_MS = 4000; // an attempt that has brought nothing by then is given up
const FROZEN_MS = 1200; // a leading tab that does not answer for this long is replaced

/**
 * Follow the ward's stream.
 *
 * `hear(name, text)` gets each event; `closed()` is called when the stream answered with something
 * else, such as a page that asks to sign in; `newestSeq()` is the number of the last event, from
 * which a broken stream continues. Returns what the page may ask for.
 */
export function followStream(hear, closed, newestSeq) {
  const channel = new BroadcastChannel(NAME);
  let source = null;
  let openAt = Infinity; // next attempt
  let openedAt = 0;
  let hasData = false;
  let askedAt = 0; // when a leading tab was asked for a sign of life
  let refreshedAt = -Infinity;
  let isWanted = true;

  function give(name, text) {
    channel.postMessage({ name, text });
    hear(name, text);
  }

  function open(isFresh) {
    source?.close();
    openAt = Infinity;
    openedAt = performance.now();
    hasData = false;
    if (!isWanted) return;
    const own = new EventSource(`/api/stream${isFresh ? "" : `?after=${newestSeq()}`}`);
    source = own;
    for (const name of EVENTS) {
      own.addEventListener(name, (event) => {
        if (source !== own) return;
        if (!hasData) give("open", "");
        hasData = true;
        give(name, event.data);
      });
    }
    own.onerror = () => {
      // The browser would wait, or never try again after an answer that is no event stream.
      if (source === own) retry(own.readyState === EventSource.CLOSED);
    };
  }

  function retry(wasRefused) {
    source?.close();
    source = null;
    openAt = performance.now() + 200 + Math.random() * 2300;
    if (wasRefused) give("refused", "");
  }

  function isLeading() {
    return openedAt > 0;
  }

  function lead() {
    open(true);
    return new Promise(() => {});
  }

  function follow(options) {
    if (!navigator.locks) {
      open(true);
      return;
    }
    navigator.locks.request(NAME, options, lead).catch(() => {
      source?.close(); // another tab took over while this one was frozen
      source = null;
      openedAt = 0;
      openAt = Infinity;
      follow({});
    });
  }

  function refresh() {
    const at = performance.now();
    if (!isLeading()) {
      askedAt = at;
      channel.postMessage({ name: "refresh" });
    } else if (at - refreshedAt > 300) {
      refreshedAt = at;
      channel.postMessage({ name: "here" });
      open(true);
    }
  }

  channel.onmessage = ({ data }) => {
    if (data.name === "refresh") {
      if (isLeading()) {
        channel.postMessage({ name: "here" });
        refresh();
      }
      return;
    }
    askedAt = 0;
    if (data.name === "refused") closed();
    else if (data.name !== "here") hear(data.name, data.text);
  };

  follow({});
  return {
    /** Ask for a fresh snapshot. */
    refresh,
    /** Say to the other tabs that this browser's session changed. */
    sessionChanged() {
      isWanted = true;
      refresh();
    },
    /** End the stream until the session changes. */
    stop() {
      isWanted = false;
      source?.close();
    },
    /** Try again where it is time; called by the watchdog's ticks. */
    tick() {
      const at = performance.now();
      if (at >= openAt) open(false);
      else if (source && !hasData && at - openedAt > OPENING_MS) retry(false);
      if (askedAt > 0 && at - askedAt > FROZEN_MS) {
        askedAt = 0;
        follow({ steal: true });
      }
    },
    /** Open a silent stream anew. */
    mend() {
      if (!isLeading()) refresh();
      else if (openAt === Infinity) retry(false);
    },
  };
}
