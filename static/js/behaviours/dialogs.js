// Dialogs hold what must be filled in before the page goes on.
import { on } from "../dom.js";

export function open(dialog) {
  dialog.showModal();
  const first = dialog.querySelector("[autofocus], input:not([type=hidden]), select, textarea, [type=submit]");
  (first ?? dialog).focus();
}

export function startDialogs() {
  on("click", "[data-dialog]", (event, opener) => {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (!(dialog instanceof HTMLDialogElement)) return;
    event.preventDefault();
    open(dialog);
  });
  on("click", "dialog [data-close]", (_event, button) => button.closest("dialog").close());
  on("click", "dialog", (event, dialog) => {
    if (event.target === dialog) dialog.close(); // the backdrop belongs to the dialog itself
  });
}
