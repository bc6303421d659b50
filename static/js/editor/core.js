// The live script: one CodeMirror view on one Y.Text, shared through a room.
import * as Y from "yjs";
import { defaultKeymap } from "@codemirror/commands";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightSpecialChars, keymap, placeholder } from "@codemirror/view";
import { yCollab, yUndoManagerKeymap } from "y-codemirror.next";
import { t } from "../words.js";
import { carets } from "./carets.js";
import { cleaning } from "./cleaning.js";
import { readConfig } from "./config.js";
import { connect } from "./connection.js";
import { makeEvents } from "./events.js";
import { featureExtensions, startFeatures } from "./features.js";
import { startForms } from "./forms.js";
import { startInspector } from "./inspector.js";
import { startJumping } from "./jumping.js";
import { startPresence } from "./presence.js";
import { startState } from "./state.js";
import { keyList, showKeys, startTools } from "./tools.js";

const CHANGED_AFTER = 150; // ms of quiet
const COMPOSED_AFTER = 60; // ms: CodeMirror reads the composed word a moment after the composition's end
const TAKEN = new Set(["Mod-Enter", "Escape"]); // the page has these

const keys = [
  ...yUndoManagerKeymap,
  { key: "Mod-s", run: () => true }, // it is stored as it is written
  { key: "F1", run: () => (document.querySelector('button[data-key="?"]')?.click(), true) },
  { key: "Alt-Escape", run: (view) => (view.contentDOM.blur(), true) },
  ...defaultKeymap.filter(({ key }) => !TAKEN.has(key)),
];

export function startEditor() {
  const root = document.getElementById("editor-desk");
  const config = readConfig();
  if (!root || !config) return null;
  const events = makeEvents();
  const connection = connect(config, events);
  const undo = new Y.UndoManager(connection.text, { captureTimeout: 600 });
  const editor = { ...events, config, may: config.may, root, connection, undo };
  Object.assign(editor, { doc: connection.doc, text: connection.text, provider: connection.provider });
  editor.awareness = connection.awareness;
  editor.notice = announce;
  editor.sceneAt = null; // the grammar knows scenes
  editor.view = makeView(editor);
  editor.selected = () => {
    const { from, to } = editor.view.state.selection.main;
    return { from, to, text: editor.view.state.sliceDoc(from, to) };
  };
  startJumping(editor);
  const { saved } = startState(editor);
  editor.saved = saved;
  editor.isSaved = () => !config.may.edit || (connection.safe.settled && !connection.safe.unsaved);
  startPresence(editor);
  startTools(editor);
  startForms(editor);
  startInspector(editor);
  editor.keys = keyList(config);
  startFeatures(editor);
  showKeys(editor.keys);
  begin(editor);
  return editor;
}

function makeView(editor) {
  const { config, connection, undo } = editor;
  const writable = new Compartment();
  const may = (yes) => [EditorState.readOnly.of(!yes), EditorView.editable.of(yes)];
  const view = new EditorView({
    parent: document.getElementById("editor"),
    state: EditorState.create({
      doc: connection.text.toString(),
      extensions: [
        EditorView.cspNonce.of(config.nonce),
        cleaning(config, () => editor.notice(t("Not inserted: a script holds at most %(size)s KiB. Split it into episodes.", { size: config.limit_kb }))),
        writable.of(may(false)), // until the text has come nobody writes into the void
        featureExtensions(config),
        keymap.of(keys),
        EditorView.lineWrapping,
        drawSelection(),
        highlightSpecialChars(),
        placeholder(t("INT. KITCHEN - DAY, or 1-1 日 内 客厅, begins a scene.")),
        EditorView.contentAttributes.of({ "aria-label": t("Script"), spellcheck: "true", lang: config.language, tabindex: "0" }),
        yCollab(connection.text, null, { undoManager: undo }),
        carets(connection.text, connection.awareness),
        composing(connection.hold),
        EditorView.updateListener.of((update) => tell(editor, update)),
      ],
    }),
  });
  editor.letWrite = () => view.dispatch({ effects: writable.reconfigure(may(config.may.edit)) });
  return view;
}

let changing = 0;

function tell(editor, update) {
  if (update.selectionSet || update.focusChanged) editor.emit("selection", editor);
  if (!update.docChanged) return;
  clearTimeout(changing);
  changing = setTimeout(() => editor.emit("changed", editor), CHANGED_AFTER);
}

function composing(hold) {
  let timer = 0;
  return EditorView.domEventHandlers({
    compositionstart() {
      clearTimeout(timer);
      hold.begin();
      return false;
    },
    compositionend() {
      clearTimeout(timer);
      timer = setTimeout(hold.end, COMPOSED_AFTER);
      return false;
    },
  });
}

function begin(editor) {
  const { connection } = editor;
  const ready = () => {
    editor.letWrite();
    editor.root.dataset.state = "ready";
    editor.emit("state");
    editor.emit("changed", editor);
  };
  const stop = editor.on("synced", () => {
    stop();
    ready();
  });
  // with what this browser kept one can go on writing before, and without, the server
  connection.store?.whenSynced.then(() => connection.text.length > 0 && ready());
  connection.provider.connect();
}

function announce(text, status = "caution") {
  document.dispatchEvent(new CustomEvent("reelroom:toast", { detail: { text, status } }));
}
