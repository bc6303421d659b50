// Forms about the text wait until it is stored, and take along what is selected.
import { on } from "../dom.js";
import { t } from "../words.js";

const PATIENCE = 15_000;

export function startForms(editor) {
  // at the window: before any behaviour of the page takes the form for sent
  window.addEventListener(
    "submit",
    async (event) => {
      const form = event.target;
      if (!form.matches("form[data-after-save]") || editor.isSaved()) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const inTime = new Promise((resolve) => setTimeout(resolve, PATIENCE, false));
      if (await Promise.race([editor.saved(), inTime])) form.requestSubmit(event.submitter);
      else editor.notice(t("Not done: the last words are not stored yet. Try again when the page says they are saved."));
    },
    true,
  );
  on("click", "[data-passage]", (_event, opener) => {
    const form = document.getElementById(opener.dataset.dialog)?.querySelector("form");
    const chosen = editor.selected();
    if (!form || !chosen.text) return;
    form.elements.passage.value = chosen.text;
    form.elements.offset.value = chosen.from;
  });
}
