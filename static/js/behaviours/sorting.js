// Reordering by dragging, or with Alt and the arrows: the server hears what moved, and after what it now stands.
import Sortable from "sortablejs";
import { t } from "../words.js";
import { complain } from "./notices.js";

const LIST = "[data-sort]";
const ITEM = "[data-sort-item]";
const made = new WeakSet();

const reduced = matchMedia("(prefers-reduced-motion: reduce)");

async function post(list, item, back) {
  const before = item.previousElementSibling?.closest(ITEM);
  const body = new URLSearchParams({ moved: item.dataset.sortItem, after: before?.dataset.sortItem ?? "" });
  const answer = await fetch(list.dataset.sort, {
    method: "POST",
    body,
    headers: { Accept: "application/json" },
    redirect: "manual",
  }).catch(() => null);
  if (answer && (answer.ok || answer.type === "opaqueredirect")) {
    list.dispatchEvent(new CustomEvent("sort:done", { bubbles: true }));
    return;
  }
  back();
  const told = await answer?.json().catch(() => null);
  complain(told?.detail ?? t("The new order could not be saved, so the old one is back."));
}

function make(list) {
  if (made.has(list)) return;
  made.add(list);
  Sortable.create(list, {
    draggable: ITEM,
    handle: list.querySelector("[data-sort-handle]") ? "[data-sort-handle]" : undefined,
    animation: reduced.matches ? 0 : 120,
    delay: 150,
    delayOnTouchOnly: true,
    ghostClass: "is-ghost",
    onEnd({ item, oldIndex, newIndex }) {
      if (oldIndex === newIndex) return;
      post(list, item, () => list.insertBefore(item, list.children[oldIndex + (oldIndex > newIndex ? 1 : 0)] ?? null));
    },
  });
}

function step(event) {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key) || !(event.target instanceof Element)) return;
  const item = event.target.closest(`${LIST} ${ITEM}`);
  const other = event.key === "ArrowUp" ? item?.previousElementSibling : item?.nextElementSibling;
  if (!other?.matches(ITEM)) return;
  event.preventDefault();
  const next = item.nextElementSibling;
  const list = item.closest(LIST);
  const focused = document.activeElement;
  if (event.key === "ArrowUp") other.before(item);
  else other.after(item);
  focused?.focus();
  post(list, item, () => list.insertBefore(item, next));
}

const makeAll = () => document.querySelectorAll(LIST).forEach(make);

export function startSorting() {
  makeAll();
  document.addEventListener("htmx:after:settle", makeAll);
  document.addEventListener("keydown", step);
}
