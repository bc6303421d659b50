// A board that is open follows what happens: shots that changed are fetched again, all at once, and put in their places.
const SETTLE_MS = 150;
const MOST = 100;
const changed = new Set();
let all = false;
let timer = 0;

const board = () => document.getElementById("board");

function heard(event) {
  const { name, payload } = event.detail;
  if (name !== "shots.changed" || payload?.episode_id !== board()?.dataset.board) return;
  if (payload.shot_ids.length) payload.shot_ids.forEach((id) => changed.add(id));
  else all = true;
  timer ||= setTimeout(refresh, SETTLE_MS);
}

async function refresh() {
  timer = 0;
  const place = board();
  const shown = [...changed].filter((id) => document.getElementById(`shot-${id}`));
  const whole = all || shown.length > MOST;
  all = false;
  changed.clear();
  if (whole) await window.htmx.ajax("GET", place.dataset.src, { source: place, target: place, swap: "outerMorph" });
  else if (shown.length) {
    const address = `${place.dataset.cards}&ids=${shown.join(",")}`;
    await window.htmx.ajax("GET", address, { source: place, target: place, swap: "none" });
  }
}

// a board of which more was loaded is fetched again as far as it is open
function remember() {
  const place = board();
  if (!place) return;
  const cards = place.querySelectorAll("[data-select-item]").length;
  const address = new URL(place.dataset.src, location.href);
  address.searchParams.set("limit", Math.min(500, Math.max(100, cards)));
  place.dataset.src = address.pathname + address.search;
}

// a scene that is not loaded yet: go to the page of the board that begins with it
function toScene(event) {
  const link = event.target instanceof Element ? event.target.closest("[data-scene-link]") : null;
  if (!link || document.querySelector(link.hash)) return;
  event.preventDefault();
  location.assign(link.dataset.sceneLink);
}

export function startBoard() {
  document.addEventListener("reelroom:event", heard);
  document.addEventListener("htmx:after:settle", remember);
  document.addEventListener("click", toScene);
}
