// Notices at the foot of the page: what went wrong with something pressed, and the rare toast.
import { icon } from "../dom.js";
import { t } from "../words.js";

const SHOWN_MS = 6000;
const LOOKS = { done: ["s-approved", "check"], failed: ["s-failed", "fail"], caution: ["s-retake", "warn"] };

const shelf = () => document.getElementById("notices");

export function toast(text, status = "done") {
  const [hue, name] = LOOKS[status] ?? LOOKS.done;
  const line = document.createElement("div");
  line.className = `toast ${hue}`;
  line.append(icon(name), Object.assign(document.createElement("span"), { textContent: text }));
  shelf().replaceChildren(line);
  setTimeout(() => line.remove(), SHOWN_MS);
}

export function complain(text) {
  const line = document.createElement("div");
  line.className = "notice s-failed";
  line.setAttribute("role", "alert");
  line.dataset.dismiss = "";
  line.append(icon("fail"), Object.assign(document.createElement("p"), { textContent: text }));
  shelf().replaceChildren(line);
  dismissable();
}

function dismissable() {
  for (const notice of shelf().querySelectorAll("[data-dismiss]:not(:has(> .dismiss))")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn plain icon small dismiss";
    button.setAttribute("aria-label", t("Close"));
    button.append(icon("x"));
    button.addEventListener("click", () => notice.remove());
    notice.append(button);
  }
}

export function startNotices() {
  document.addEventListener("htmx:after:swap", dismissable);
  document.addEventListener("htmx:before:response", (event) => {
    const { response, hx } = event.detail.ctx;
    if (response.status < 500 || hx.retarget) return; // a proxy's own page must not land in ours
    event.preventDefault();
    complain(t("The server did not answer. Nothing was changed; try again."));
  });
  document.addEventListener("reelroom:toast", (event) => toast(event.detail.text, event.detail.status));
  document.addEventListener("htmx:error", () => complain(t("The server did not answer. Nothing was changed; try again.")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shelf().replaceChildren();
  });
}
