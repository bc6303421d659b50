// Asks before money or loss. The button of the question says what will happen, not "OK".
import { t } from "../words.js";

const agreed = new WeakSet();
let answer = () => {};

function ask(element) {
  answer(false);
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
    answer = resolve;
  });
}

// A dialog tells that it was closed a moment later; by then the next question may stand in it, which is still open.
function closed(event) {
  const dialog = event.target;
  if (dialog.id === "confirm-dialog" && !dialog.open) answer(dialog.returnValue === "yes");
}

function hold(event, element, asks, goOn) {
  if (agreed.delete(element)) return; // asked already, and answered yes
  event.preventDefault();
  event.stopImmediatePropagation();
  ask(asks).then((yes) => {
    if (!yes || !element.isConnected) return;
    agreed.add(element);
    goOn();
    agreed.delete(element); // what went on did so at once
  });
}

// The question stands on the button, or on something inside it that was loaded later: the price, with its alarm.
function questioned(target) {
  if (!(target instanceof Element)) return [null, null];
  const own = target.closest("[data-confirm]:not(form)");
  if (own) return [own, own];
  const button = target.closest("button");
  return [button, button?.querySelector("[data-confirm]") ?? null];
}

export function startConfirm() {
  addEventListener("close", closed, true);
  addEventListener(
    "click",
    (event) => {
      const [button, asks] = questioned(event.target);
      if (asks) hold(event, button, asks, () => button.click());
    },
    true,
  );
  addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (form instanceof HTMLFormElement && form.dataset.confirm) {
        hold(event, form, form, () => form.requestSubmit(event.submitter));
      }
    },
    true,
  );
}
