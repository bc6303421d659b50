// Marks in the margin: the lines that changed since a revision the writer chose, asked for again after each save.
import { GutterMarker, gutter } from "@codemirror/view";
import { RangeSet, StateEffect, StateField } from "@codemirror/state";

const setMarks = StateEffect.define();

class Star extends GutterMarker {
  constructor(colour) {
    super();
    this.colour = colour;
  }

  eq(other) {
    return other.colour === this.colour;
  }

  toDOM() {
    const mark = document.createElement("span");
    mark.className = `revision-mark rev-${this.colour || "white"}`;
    mark.textContent = "*";
    return mark;
  }
}

const marks = StateField.define({
  create: () => RangeSet.empty,
  update(value, transaction) {
    let now = value.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setMarks)) continue;
      const { lines, colour } = effect.value;
      const star = new Star(colour);
      const known = lines.filter((line) => line <= transaction.state.doc.lines);
      now = RangeSet.of(known.map((line) => star.range(transaction.state.doc.line(line).from)));
    }
    return now;
  },
});

export function extensions() {
  return [marks, gutter({ class: "revision-gutter", markers: (view) => view.state.field(marks) })];
}

export function start(editor) {
  let chosen = null; // the chooser comes with the history beside the editor, and may be swapped at any time

  const show = async () => {
    if (!chosen?.since) {
      editor.view.dispatch({ effects: setMarks.of({ lines: [], colour: "" }) });
      return;
    }
    const asked = chosen;
    const answer = await fetch(`${asked.address}?since=${encodeURIComponent(asked.since)}`, {
      headers: { Accept: "application/json" },
    });
    if (answer.ok && asked === chosen) editor.view.dispatch({ effects: setMarks.of(await answer.json()) });
  };

  document.addEventListener("change", (event) => {
    const chooser = event.target.closest?.("[data-marks-since]");
    if (!chooser) return;
    chosen = { address: chooser.dataset.marksSince, since: chooser.value };
    show();
  });
  editor.on?.("saved", show);
}
