// Keys press the buttons that show them. They act outside text fields only, and "?" lists those of this page.
import { open } from "./dialogs.js";
import { inText, isShown } from "../dom.js";

const SEQUENCE_MS = 1200;
let prefix = "";
let prefixUntil = 0;

function named(event) {
  const key = event.key === " " ? "Space" : event.key;
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey && key.length > 1) parts.push("Shift");
  return [...parts, key.length === 1 ? key.toLowerCase() : key].join("+");
}

const scope = () => document.querySelector("dialog:modal") ?? document;

function bound(name) {
  const all = [...scope().querySelectorAll(`[data-key="${CSS.escape(name)}" i]`)];
  return all.find((element) => isShown(element) && !element.disabled && element.getAttribute("aria-disabled") !== "true");
}

function press(element) {
  if (inText(element)) {
    element.focus();
    element.select?.();
  } else {
    element.click();
  }
}

function label(element) {
  if (element.dataset.keyLabel) return element.dataset.keyLabel;
  if (element.getAttribute("aria-label")) return element.getAttribute("aria-label");
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, small, i, svg").forEach((part) => part.remove());
  return copy.textContent.trim() || element.getAttribute("placeholder") || "";
}

const cap = (part) =>
  ({ ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓", Escape: "Esc" })[part] ??
  part.charAt(0).toUpperCase() + part.slice(1);

function show() {
  const dialog = document.getElementById("keys-dialog");
  const list = dialog.querySelector("[data-keys-list]");
  const seen = new Map();
  for (const element of document.querySelectorAll("[data-key]")) {
    const name = element.dataset.key;
    if (!seen.has(name) && (isShown(element) || element.closest("[popover]"))) seen.set(name, label(element));
  }
  list.replaceChildren(
    ...[...seen].flatMap(([name, text]) => {
      const term = document.createElement("dt");
      const caps = name === "+" ? ["+"] : name.split(/[ +]/).filter(Boolean);
      term.append(...caps.map((part) => Object.assign(document.createElement("kbd"), { textContent: cap(part) })));
      return [term, Object.assign(document.createElement("dd"), { textContent: text })];
    }),
  );
  if (!dialog.open) open(dialog);
}

function handle(event) {
  if (event.defaultPrevented || event.isComposing || event.repeat) return;
  const name = named(event);
  if (inText(event.target) && !name.startsWith("Ctrl+")) return;
  const sequence = prefix && event.timeStamp < prefixUntil ? `${prefix} ${name}` : "";
  prefix = "";
  const found = (sequence && bound(sequence)) || bound(name);
  if (found) {
    event.preventDefault();
    press(found);
  } else if (name === "?") {
    event.preventDefault();
    show();
  } else if (document.querySelector(`[data-key^="${CSS.escape(name)} " i]`)) {
    prefix = name;
    prefixUntil = event.timeStamp + SEQUENCE_MS;
  }
}

export function startKeys() {
  document.addEventListener("keydown", handle);
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest('[data-key="?"]')) show();
  });
}
