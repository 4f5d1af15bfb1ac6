// One stream for all tabs of a browser: one tab leads, the others hear it over a channel.

const NAME = "crswatch-stream";
const EVENTS = ["snapshot", "bed", "vitals", "ward", "beat"];
const OPENING_MS = 8000; // an attempt that has brought nothing by then is given up
const FROZEN_MS = 1200; // a leading tab that does not answer for this long is replaced

// Follow the ward's stream.
//
// `hear(name, text)` gets each event; `closed()` is called when the stream answered with something
// else, such as a page that asks to sign in; `newestSeq()` is the number of the last event, from
// which a broken stream continues. Returns what the page may ask for.
export function followStream(hear, closed, newestSeq) {
  const channel = new BroadcastChannel(NAME);
  let source = null;
  let openAt = Infinity; // next attempt
  let openedAt = 0;
  let hasData = false;
  let askedAt = 0; // when a leading tab was asked for a sign of life
  let isFresh = true; // true where the next attempt asks for a snapshot
  let isWanted = true;

  function give(name, text) {
    channel.postMessage({ name, text });
    hear(name, text);
  }

  function open() {
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
        isFresh = false;
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
    if (wasRefused) {
      channel.postMessage({ name: "session" });
      closed();
    }
  }

  function isLeading() {
    return openedAt > 0;
  }

  function lead() {
    askedAt = 0;
    open();
    return new Promise(() => {});
  }

  function follow(options) {
    if (!navigator.locks) {
      open();
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
    if (isLeading()) {
      channel.postMessage({ name: "here" });
      // Several tabs that ask at once get one snapshot, and one that is on its way is waited for.
      if (isFresh && source) return;
      isFresh = true;
      openAt = Math.min(openAt, performance.now() + 100);
    } else {
      askedAt = performance.now();
      channel.postMessage({ name: "refresh" });
    }
  }

  channel.onmessage = ({ data }) => {
    if (data.name === "refresh") {
      if (isLeading()) refresh();
      return;
    }
    askedAt = 0;
    if (data.name === "session") closed();
    else if (data.name !== "here") hear(data.name, data.text);
  };

  follow({});
  refresh();
  return {
    // Ask for a fresh snapshot.
    refresh,
    // Follow again after signing in.
    resume() {
      isWanted = true;
      refresh();
    },
    // Say to the other tabs that this browser's session changed.
    announce() {
      channel.postMessage({ name: "session" });
    },
    // End the stream until the session changes.
    stop() {
      isWanted = false;
      openAt = Infinity;
      source?.close();
      source = null;
    },
    // Try again where it is time; called by the watchdog's ticks.
    tick() {
      const at = performance.now();
      if (at >= openAt) open();
      else if (source && !hasData && at - openedAt > OPENING_MS) retry(false);
      if (askedAt > 0 && at - askedAt > FROZEN_MS) {
        askedAt = 0;
        follow({ steal: true });
      }
    },
    // Open a silent stream anew.
    mend() {
      if (!isLeading()) refresh();
      else if (openAt === Infinity) retry(false);
    },
  };
}
