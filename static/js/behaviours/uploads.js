// Uploads show how far they are: fetch cannot tell, so an XMLHttpRequest sends the form.
import { on } from "../dom.js";
import { locale, t } from "../words.js";
import { complain } from "./notices.js";

const megabytes = (bytes) => new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(bytes / 1e6);

function names(input) {
  const zone = input.closest("[data-drop]");
  const text = [...input.files].map((file) => `${file.name}, ${megabytes(file.size)} MB`).join(" · ");
  const line = zone?.querySelector("[data-drop-names]");
  if (line) line.textContent = text;
}

function progress(form, part, whole) {
  const place = form.querySelector("[data-progress]");
  if (!place) return;
  const percent = whole ? Math.floor((100 * part) / whole) : 0;
  place.hidden = false;
  place.querySelector("rect").setAttribute("width", `${percent}%`);
  place.querySelector("[data-progress-text]").textContent =
    percent < 100
      ? t("%(part)s of %(whole)s MB, %(percent)s percent", { part: megabytes(part), whole: megabytes(whole), percent })
      : t("Arrived. It is being looked at.");
}

function busy(form, is) {
  form.querySelectorAll("button, input[type=file]").forEach((control) => (control.disabled = is));
  form.toggleAttribute("aria-busy", is);
}

function problem(request) {
  const kind = request.getResponseHeader("content-type") ?? "";
  if (kind.includes("json")) return JSON.parse(request.responseText).detail;
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const said = page.querySelector("main .notice p, .notice p, .field.bad .hint")?.textContent.trim();
  return said || t("The upload was refused (%(status)s). Nothing was kept; try again.", { status: request.status });
}

function answered(form, request) {
  busy(form, false);
  if (request.status >= 400 || request.status === 0) {
    form.querySelector("[data-progress]")?.setAttribute("hidden", "");
    complain(problem(request));
    return;
  }
  const there = request.getResponseHeader("HX-Redirect");
  if (there) location.assign(there);
  else location.reload();
}

function send(event, form) {
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("HX-Request", "true"); // so that it is told where to go, and need not go there itself
  request.upload.addEventListener("progress", (sent) => progress(form, sent.loaded, sent.total));
  request.addEventListener("load", () => answered(form, request));
  request.addEventListener("error", () => {
    busy(form, false);
    complain(t("The connection broke. Nothing was kept; try again."));
  });
  busy(form, true);
  request.send(data);
}

export function startUploads() {
  on("submit", "form[data-upload]", send);
  on("change", "[data-drop] input[type=file]", (_event, input) => {
    names(input);
    if (input.files.length && input.form?.hasAttribute("data-upload-at-once")) input.form.requestSubmit();
  });
  on("dragover", "[data-drop]", (event, zone) => {
    event.preventDefault();
    zone.classList.add("over");
  });
  on("dragleave", "[data-drop]", (event, zone) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove("over");
  });
  on("drop", "[data-drop]", (event, zone) => {
    event.preventDefault();
    zone.classList.remove("over");
    const input = zone.querySelector("input[type=file]");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}
