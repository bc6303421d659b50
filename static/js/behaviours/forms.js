// Forms that send themselves when a field changes, and none that is sent twice by two clicks.
import { on } from "../dom.js";

const AGAIN_MS = 8000;

export function startForms() {
  on("change", "form[data-submit-on-change]", (_event, form) => form.requestSubmit());
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || !(form instanceof HTMLFormElement) || form.method === "dialog") return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (form.method !== "post") return;
    form.dataset.sent = "true";
    setTimeout(() => delete form.dataset.sent, AGAIN_MS); // an answer that is a download leaves the page as it is
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
}
