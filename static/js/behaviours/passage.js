// A button that opens a form about a passage takes along what is selected in the text, and where it begins.
import { on } from "../dom.js";

export function startPassage() {
  on("click", "[data-passage-from]", (_event, opener) => {
    const text = document.getElementById(opener.dataset.passageFrom);
    const form = document.getElementById(opener.dataset.dialog)?.querySelector("form");
    if (!text || !form || text.selectionStart === text.selectionEnd) return;
    form.elements.passage.value = text.value.slice(text.selectionStart, text.selectionEnd);
    form.elements.offset.value = text.selectionStart;
  });
}
