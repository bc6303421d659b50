// The plain script page: saves by itself a moment after typing stops, and never over somebody else's words.
import { locale, t } from "../words.js";

const PAUSE = 1200;

export function startPlainEditor() {
  const form = document.querySelector("form[data-script]");
  if (!form) return;
  const text = form.elements.text;
  const version = form.elements.version;
  const state = form.querySelector("[data-saved]");
  let saved = text.value;
  let timer = 0;
  let running = null;

  const show = (words, kind) => {
    state.querySelector("span").textContent = words;
    state.className = `saved ${kind}`;
  };

  const save = async () => {
    clearTimeout(timer);
    if (running) await running;
    if (text.value === saved) return true;
    running = send();
    const done = await running;
    running = null;
    return done;
  };

  const send = async () => {
    const sent = text.value;
    show(t("Saving"), "s-waiting");
    let answer;
    try {
      answer = await fetch(form.action, {
        method: "POST",
        headers: { Accept: "application/json", "Content-Type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ text: sent, version: version.value }),
      });
    } catch {
      show(t("Offline: not saved yet, kept in this page"), "s-failed");
      timer = setTimeout(save, 4 * PAUSE);
      return false;
    }
    if (answer.ok) {
      const told = await answer.json();
      version.value = told.version;
      saved = sent;
      const time = new Date(told.saved_at).toLocaleTimeString(locale(), { hour12: false });
      show(t("Saved %(time)s", { time }), "s-circled");
      return true;
    }
    if (answer.status === 409) {
      saved = text.value;
      form.submit();
      return false;
    }
    const problem = await answer.json().catch(() => ({}));
    show(problem.detail ?? t("Not saved"), "s-failed");
    return false;
  };

  text.addEventListener("input", () => {
    show(t("Not saved yet"), "s-review");
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await save();
  });
  for (const other of document.querySelectorAll("form[data-after-save]"))
    other.addEventListener("submit", async (event) => {
      if (text.value === saved) return;
      event.preventDefault();
      if (await save()) other.submit();
    });
  addEventListener("beforeunload", (event) => {
    if (text.value !== saved) event.preventDefault();
  });
  for (const link of document.querySelectorAll("[data-offset]"))
    link.addEventListener("click", (event) => {
      event.preventDefault();
      jump(text, Number(link.dataset.offset));
    });
}

function jump(text, offset) {
  const before = text.value.slice(0, offset);
  const lines = before.split("\n").length - 1;
  const height = parseFloat(getComputedStyle(text).lineHeight) || 24;
  text.focus();
  text.setSelectionRange(offset, offset);
  text.scrollTop = Math.max(0, lines * height - text.clientHeight / 4);
}
