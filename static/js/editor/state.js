// What is true of the words just typed: stored, on their way, or kept in this browser only.
import { t, tn } from "../words.js";
import { icon } from "../dom.js";

const SIGNED_OUT = 4401;
const FORBIDDEN = 4403;
const ROLE_CHANGED = 4408;
const TOO_LARGE = 4413;

export function startState(editor) {
  const { connection, config, root } = editor;
  const shown = root.querySelector("[data-saved]");
  let ended = 0;

  const kept = (count) => (count ? tn("%(count)s change kept here", "%(count)s changes kept here", count) : t("what you write is kept here"));

  function now() {
    const count = connection.safe.unsaved;
    if (ended === SIGNED_OUT) return { words: t("Signed out: %(kept)s", { kept: kept(count) }), kind: "s-failed", sign: "warn" };
    if (ended === FORBIDDEN) return { words: t("You may no longer be here: %(kept)s", { kept: kept(count) }), kind: "s-failed", sign: "warn" };
    if (ended === TOO_LARGE) return { words: t("Too large to save. Delete something, then it goes on"), kind: "s-failed", sign: "warn" };
    if (!config.may.edit) return { words: t("Read only"), kind: "s-planned", sign: "lock" };
    if (!connection.provider.wsconnected) return { words: t("Offline: %(kept)s", { kept: kept(count) }), kind: "s-failed", sign: "unplug" };
    if (!connection.provider.synced) return { words: t("Fetching the text"), kind: "s-waiting", sign: "clock" };
    if (count || !connection.safe.settled) return { words: t("Saving"), kind: "s-waiting", sign: "clock" };
    return { words: t("Saved"), kind: "s-circled", sign: "saved" };
  }

  function draw() {
    const { words, kind, sign } = now();
    const label = shown.querySelector("span");
    if (label.textContent === words && shown.classList.contains(kind)) return;
    label.textContent = words;
    shown.className = `saved ${kind}`;
    shown.querySelector("svg")?.replaceWith(icon(sign === "unplug" ? "plug" : sign));
    editor.emit("shown", kind);
  }

  editor.on("state", () => {
    draw();
    if (connection.safe.settled && !connection.safe.unsaved) editor.emit("saved");
  });
  editor.on("closed", (code) => {
    if (code === ROLE_CHANGED) location.reload(); // what this person may do is in the page
    ended = [SIGNED_OUT, FORBIDDEN, TOO_LARGE].includes(code) ? code : 0;
    root.querySelector("[data-signed-out]").hidden = ended !== SIGNED_OUT;
    draw();
  });
  editor.on("changed", () => {
    if (ended !== TOO_LARGE) return;
    ended = 0;
    connection.provider.connect();
  });
  addEventListener("beforeunload", (event) => {
    // kept in the browser in any case; but whoever closes the laptop now should know that nobody else has it
    if (config.may.edit && connection.safe.unsaved && !connection.store) event.preventDefault();
  });
  draw();
  return { saved: () => savedSoon(editor) };
}

function savedSoon(editor) {
  const { safe } = editor.connection;
  if (safe.settled && !safe.unsaved) return Promise.resolve(true);
  return new Promise((resolve) => {
    const stop = editor.on("saved", () => {
      stop();
      resolve(true);
    });
  });
}
