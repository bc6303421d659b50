// Copies, and says so on the button itself for a moment.
import { on } from "../dom.js";
import { t } from "../words.js";
import { complain } from "./notices.js";

const SAID_MS = 1600;

async function copied(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = Object.assign(document.createElement("textarea"), { value: text, className: "sr" });
  document.body.append(field); // without TLS there is no clipboard object
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("no clipboard");
}

export function startCopy() {
  on("click", "[data-copy]", async (_event, button) => {
    try {
      await copied(button.dataset.copy);
    } catch {
      complain(t("The browser does not let this page copy. Select the text and press Ctrl C."));
      return;
    }
    const label = button.querySelector("[data-copy-label]") ?? button;
    button.dataset.copyBefore ??= label.textContent;
    label.textContent = t("Copied");
    setTimeout(() => (label.textContent = button.dataset.copyBefore), SAID_MS);
  });
}
