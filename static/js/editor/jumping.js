// Links that lead to a place in the text: by offset, by line, or by the mark of a comment or a suggestion.
import { EditorView } from "@codemirror/view";
import { on } from "../dom.js";

export function jumpTo(view, place, { focus = true } = {}) {
  const anchor = Math.max(0, Math.min(place, view.state.doc.length));
  view.dispatch({ selection: { anchor }, effects: EditorView.scrollIntoView(anchor, { y: "start", yMargin: 72 }) });
  if (focus) view.focus();
}

export function placeOfMark(text, key) {
  let place = 0;
  for (const run of text.toDelta()) {
    if (run.attributes && key in run.attributes) return place;
    place += run.insert.length;
  }
  return null;
}

const LINE = /^#line-(\d+)$/;
const MARK = /^#([cs]-[\w-]+)$/;

export function startJumping(editor) {
  const { view, text } = editor;
  const line = (number) => view.state.doc.line(Math.max(1, Math.min(number, view.state.doc.lines))).from;

  on("click", "[data-offset], [data-jump], [data-line]", (event, link) => {
    event.preventDefault();
    if (link.dataset.line) jumpTo(view, line(Number(link.dataset.line)));
    else jumpTo(view, Number(link.dataset.offset ?? link.dataset.jump));
  });
  on("click", "[data-jump-mark]", (event, link) => {
    if (editor.jumpToMark(link.dataset.jumpMark)) event.preventDefault();
  });

  const byAddress = () => {
    const lined = LINE.exec(location.hash);
    const marked = MARK.exec(location.hash);
    if (lined) jumpTo(view, line(Number(lined[1])));
    else if (marked) editor.jumpToMark(marked[1]);
  };
  addEventListener("hashchange", byAddress);
  const stop = editor.on("synced", () => {
    stop();
    byAddress();
  });
  editor.jump = (place, options) => jumpTo(view, place, options);
  editor.jumpToMark = (key) => {
    const place = placeOfMark(text, key);
    if (place === null) return false;
    jumpTo(view, place);
    return true;
  };
}
