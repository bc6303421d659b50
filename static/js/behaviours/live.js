// Live updates: one stream a page; a fragment that an event concerns is fetched again and morphed in its place.
import htmx from "htmx.org";

const SETTLE_MS = 120;
const AT_ONCE = 4;
const HIDDEN_MS = 30_000;
let source = null;
let hiddenTimer = 0;
let stale = false;
const dirty = new Set();
let timer = 0;
let running = 0;

const fragments = () => document.querySelectorAll("[data-live][data-src][id]");

const fits = (pattern, name) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name);

function concerns(fragment, event) {
  if (!fragment.dataset.live.split(/\s+/).some((pattern) => fits(pattern, event.name))) return false;
  const match = fragment.dataset.liveMatch;
  if (!match) return true;
  return match.split(/\s+/).every((pair) => {
    const [name, value] = pair.split("=");
    return String(event.payload?.[name] ?? "") === value;
  });
}

function mark(fragment) {
  dirty.add(fragment.id);
  timer ||= setTimeout(refresh, SETTLE_MS);
}

async function refresh() {
  timer = 0;
  for (const id of [...dirty]) {
    if (running >= AT_ONCE) break;
    dirty.delete(id);
    const fragment = document.getElementById(id);
    if (fragment?.dataset.src) fetchAgain(fragment);
  }
}

async function fetchAgain(fragment) {
  running += 1;
  try {
    await htmx.ajax("GET", fragment.dataset.src, { source: fragment, target: fragment, swap: "outerMorph" });
  } finally {
    running -= 1;
    if (dirty.size) timer ||= setTimeout(refresh, 0);
  }
}

const all = () => fragments().forEach(mark);

function open(address) {
  source = new EventSource(address);
  source.addEventListener("message", (message) => {
    const event = JSON.parse(message.data);
    fragments().forEach((fragment) => concerns(fragment, event) && mark(fragment));
    document.dispatchEvent(new CustomEvent("reelroom:event", { detail: event }));
  });
  source.addEventListener("resync", all);
  source.addEventListener("open", () => {
    if (stale) all();
    stale = false;
  });
  source.addEventListener("error", () => (stale = true)); // the browser tries again by itself
}

function close() {
  source?.close();
  source = null;
  stale = true;
}

export function startLive() {
  const place = document.querySelector("[data-live-stream]");
  if (!place) return;
  const address = place.dataset.liveStream;
  open(address);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiddenTimer);
    if (document.hidden) hiddenTimer = setTimeout(close, HIDDEN_MS); // browsers allow six streams in all tabs together
    else if (!source) open(address);
  });
  addEventListener("pagehide", close);
  addEventListener("pageshow", () => source || open(address));
}
