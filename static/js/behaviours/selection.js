// Selecting cards: checkboxes of a form, with arrows to move, Space to select, Shift to extend, Escape to let go.
const ITEM = "[data-select-item]";
let anchor = null;
const kept = new Map(); // form id to the selected values, so that a morphed card stays selected

const box = (item) => item.querySelector("input[type=checkbox]");
const items = (form) => [...form.querySelectorAll(ITEM)].filter((item) => item.checkVisibility());
const chosen = (form) => [...form.querySelectorAll(`${ITEM} input[type=checkbox]:checked`)];

function tell(form) {
  const selected = chosen(form);
  kept.set(form, new Set(selected.map((input) => input.value)));
  const bar = form.querySelector("[data-selection-bar]");
  if (bar) {
    bar.hidden = selected.length === 0;
    bar.querySelector("[data-selection-count]").textContent = selected.length;
  }
  form.dispatchEvent(new CustomEvent("selection:changed", { bubbles: true, detail: { count: selected.length } }));
}

function extend(form, item) {
  const all = items(form);
  const from = all.indexOf(anchor?.isConnected ? anchor : item);
  const to = all.indexOf(item);
  all.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((other) => (box(other).checked = true));
  tell(form);
}

function clear(form) {
  chosen(form).forEach((input) => (input.checked = false));
  anchor = null;
  tell(form);
}

// the item nearest in that direction: rows are where things are, not where a list says
function beside(all, item, key) {
  const here = item.getBoundingClientRect();
  if (key === "ArrowRight" || key === "ArrowLeft") return all[all.indexOf(item) + (key === "ArrowRight" ? 1 : -1)];
  const down = key === "ArrowDown";
  const rows = all.filter((other) => {
    const { top, bottom } = other.getBoundingClientRect();
    return down ? top >= here.bottom - 1 : bottom <= here.top + 1;
  });
  const far = (other) => {
    const { left, top } = other.getBoundingClientRect();
    return Math.abs(top - here.top) * 10 + Math.abs(left - here.left);
  };
  return rows.sort((a, b) => far(a) - far(b))[0];
}

function toggle(form, item, shift) {
  if (shift) return extend(form, item);
  box(item).checked = !box(item).checked;
  anchor = item;
  tell(form);
}

function onKey(event) {
  const form = document.querySelector(`form:has(${ITEM})`);
  if (!form || document.querySelector("dialog:modal")) return;
  if (event.key === "Escape" && chosen(form).length) return clear(form);
  const item = event.target instanceof Element ? event.target.closest(ITEM) : null;
  if (item && event.key === " ") {
    event.preventDefault();
    return toggle(form, item, event.shiftKey);
  }
  if (!event.key.startsWith("Arrow") || event.altKey || event.ctrlKey || event.metaKey) return;
  const nothing = event.target === document.body;
  if (!item && !nothing) return;
  const all = items(form);
  const next = item ? beside(all, item, event.key) : all[0];
  if (!next) return;
  event.preventDefault();
  if (event.shiftKey && item) {
    anchor ??= item;
    extend(form, next);
  }
  (next.querySelector("a") ?? box(next)).focus();
}

function onClick(event) {
  const item = event.target instanceof Element ? event.target.closest(ITEM) : null;
  const form = item?.closest("form");
  if (!form) return;
  const onTick = event.target.closest("label");
  if (onTick && event.target !== box(item)) {
    event.preventDefault(); // the label's own click would toggle a second time
    toggle(form, item, event.shiftKey);
  } else if (!onTick && (event.ctrlKey || event.metaKey || event.shiftKey)) {
    event.preventDefault();
    toggle(form, item, event.shiftKey);
  }
}

function remember() {
  for (const [form, values] of kept) {
    if (!form.isConnected) kept.delete(form);
    else form.querySelectorAll(`${ITEM} input[type=checkbox]`).forEach((input) => (input.checked = values.has(input.value)));
  }
}

export function startSelection() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", onClick);
  document.addEventListener("htmx:after:settle", remember);
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-selection-clear]") : null;
    if (button) clear(button.closest("form"));
  });
  document.addEventListener("change", (event) => {
    const item = event.target instanceof Element ? event.target.closest(ITEM) : null;
    if (item?.closest("form")) tell(item.closest("form"));
  });
  addEventListener("pageshow", () => document.querySelectorAll(`form:has(${ITEM})`).forEach(tell));
}
