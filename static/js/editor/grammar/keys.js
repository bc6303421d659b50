// Tab makes another element of a line, Enter goes on as the block does.
import { EditorSelection } from "@codemirror/state";
import { readCue } from "./chinese.js";
import { isCue } from "./fountain.js";
import { chineseHeading, isFountainHeading } from "./headings.js";
import { kindAt, script } from "./script.js";
import { trim } from "./vocabulary.js";

const CYCLE = {
  chinese: ["action", "speech", "scene", "insert"],
  fountain: ["action", "cue", "scene", "transition"],
};

// The element that a line is written as, by its mark alone: what stands around it may make something else of it.
const WRITTEN = {
  chinese: (text) => {
    if (/^[△▲Δ∆]/.test(text)) return "action";
    if (/^【.*】$/.test(text)) return "insert";
    if (chineseHeading(text)) return "scene";
    return /[：:]$/.test(text) || readCue(text) ? "speech" : "action";
  },
  fountain: (text) => {
    if (text.startsWith("!")) return "action";
    if (text.startsWith(">")) return "transition";
    if (isFountainHeading(text) || /^\.[^.\s]/.test(text)) return "scene";
    return text.startsWith("@") || isCue(text) ? "cue" : "action";
  },
};

// The words of a line without what marks its element.
function bare(text, kind) {
  if (kind === "speech") return text.replace(/[：:]$/, "");
  if (kind === "insert") return text.slice(1, -1);
  if (kind === "scene")
    return text.replace(/^\.|^(?:INT\.?\/EXT|INT|EXT|I\/E)[.\s]\s*|^\d+(?:[-－.]\d+)?\s+(?:\S+\s+[内外](?:\/[内外])?\s+)?/i, "");
  return trim(text.replace(/^[△▲Δ∆!@>]/, ""));
}

function nextNumber(state, line) {
  for (let number = line - 1; number > 0; number -= 1) {
    const found = /^\s*(\d+)[-－](\d+)/.exec(state.doc.line(number).text);
    if (found) return `${found[1]}-${Number(found[2]) + 1}`;
  }
  return "1-1";
}

const isLoud = (words) => /\p{Lu}/u.test(words) && words === words.toUpperCase();

const AS = {
  chinese: {
    action: (words) => `△ ${words}`,
    speech: (words) => (readCue(words) ? words : `${words}：`),
    scene: (words, state, line) => `${nextNumber(state, line)} 日 内 ${words}`,
    insert: (words) => `【${words}】`,
  },
  fountain: {
    action: (words) => (isLoud(words) ? `!${words}` : words),
    cue: (words) => (isLoud(words) ? words : `@${words}`),
    scene: (words) => `INT. ${words}`,
    transition: (words) => `> ${words}`,
  },
};

const cycle = (step) => (view) => {
  const { state } = view;
  const line = state.doc.lineAt(state.selection.main.head);
  const { dialect } = state.field(script);
  const text = trim(line.text);
  const kind = WRITTEN[dialect](text);
  const order = CYCLE[dialect];
  const next = order[(order.indexOf(kind) + step + order.length) % order.length];
  const words = AS[dialect][next](bare(text, kind), state, line.number);
  const caret = next === "insert" ? words.length - 1 : words.length;
  view.dispatch({
    changes: { from: line.from, to: line.to, insert: words },
    selection: EditorSelection.cursor(line.from + caret),
    userEvent: "input.element",
    scrollIntoView: true,
  });
  return true;
};

const GOES_ON = {
  chinese: { scene: "\n人物：", cast: "\n△ ", action: "\n△ " },
  fountain: { scene: "\n\n", action: "\n\n", dialogue: "\n\n", transition: "\n\n" },
};

function enter(view) {
  const { state } = view;
  const { main } = state.selection;
  const line = state.doc.lineAt(main.head);
  if (!main.empty || main.head !== line.to || view.composing) return false;
  const { dialect } = state.field(script);
  if (/^\s*[△▲]\s*$/.test(line.text) || /^人物[：:]\s*$/.test(line.text)) {
    // a second Enter ends the block: the mark nobody wrote behind goes
    view.dispatch({ changes: { from: line.from, to: line.to }, userEvent: "delete" });
    return true;
  }
  const kind = kindAt(state, line.number);
  const marked = kind !== "action" || dialect !== "chinese" || /^\s*[△▲Δ∆]/.test(line.text);
  const insert = marked ? GOES_ON[dialect][kind] : undefined;
  if (!insert || !line.text.trim()) return false;
  view.dispatch({
    changes: { from: main.head, insert },
    selection: EditorSelection.cursor(main.head + insert.length),
    userEvent: "input",
    scrollIntoView: true,
  });
  return true;
}

export const keys = [
  { key: "Tab", run: cycle(1), shift: cycle(-1) },
  { key: "Enter", run: enter },
];
