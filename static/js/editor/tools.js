// The buttons over the text, and the list of keys under "?".
import { t } from "../words.js";

export function startTools(editor) {
  const { view, undo: manager, root } = editor;
  const back = root.querySelector("[data-undo]");
  const forth = root.querySelector("[data-redo]");
  const full = root.querySelector("[data-full-screen]");

  const draw = () => {
    if (back) back.disabled = manager.undoStack.length === 0;
    if (forth) forth.disabled = manager.redoStack.length === 0;
  };
  for (const name of ["stack-item-added", "stack-item-popped", "stack-cleared"]) manager.on(name, draw);
  back?.addEventListener("click", () => (manager.undo(), view.focus()));
  forth?.addEventListener("click", () => (manager.redo(), view.focus()));
  full?.addEventListener("click", () => fullScreen(root));
  document.addEventListener("fullscreenchange", () => full?.setAttribute("aria-pressed", String(Boolean(document.fullscreenElement))));
  draw();
}

async function fullScreen(root) {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await root.requestFullscreen?.();
}

// Keys that the list under "?" shows; each feature may add to it.
export function keyList(config) {
  const always = [["Alt+Escape", t("Leave the text")], ["F1", t("This list")]];
  if (!config.may.edit) return always;
  return [["Ctrl+z", t("Undo what you wrote")], ["Ctrl+y", t("Redo")], ...always];
}

export function showKeys(list) {
  const holder = document.createElement("div");
  holder.popover = "manual";
  for (const [keys, does] of list) {
    const line = document.createElement("span");
    line.dataset.key = keys;
    line.dataset.keyLabel = does;
    holder.append(line);
  }
  document.body.append(holder);
}
