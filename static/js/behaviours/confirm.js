// Asks before money or loss. The button of the question says what will happen, not "OK".
import { t } from "../words.js";

const agreed = new WeakSet();

function ask(element) {
  const dialog = document.getElementById("confirm-dialog");
  const { confirm, confirmLabel, confirmMore } = element.dataset;
  dialog.querySelector("[data-confirm-text]").textContent = confirm;
  const more = dialog.querySelector("[data-confirm-more]");
  more.textContent = confirmMore ?? "";
  more.hidden = !confirmMore;
  dialog.querySelector("[data-confirm-yes] span").textContent = confirmLabel || t("Go on");
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

function hold(event, element, goOn) {
  if (agreed.delete(element)) return; // asked already, and answered yes
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(element).then((yes) => {
    if (!yes || !element.isConnected) return;
    agreed.add(element);
    goOn();
    agreed.delete(element); // what went on did so at once
  });
}

export function startConfirm() {
  addEventListener(
    "click",
    (event) => {
      const element = event.target instanceof Element ? event.target.closest("[data-confirm]:not(form)") : null;
      if (element) hold(event, element, () => element.click());
    },
    true,
  );
  addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (form instanceof HTMLFormElement && form.dataset.confirm) {
        hold(event, form, () => form.requestSubmit(event.submitter));
      }
    },
    true,
  );
}
