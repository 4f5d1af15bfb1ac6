// A worker: it is not slowed down in a hidden tab, and says when the stream has gone silent.

const SILENT_MS = 2600; // beats come each second; with the next check and the paint, under 3 s
const STEP_MS = 200;
let heardAt = performance.now();
let isSilent = false;

onmessage = () => {
  heardAt = performance.now();
  isSilent = false;
};

setInterval(() => {
  if (!isSilent && performance.now() - heardAt > SILENT_MS) {
    isSilent = true;
    postMessage("silent");
  }
  postMessage("tick");
}, STEP_MS);
