// How a line looks: a class for its kind, and the name before a Chinese line of dialogue.
import { Decoration, ViewPlugin } from "@codemirror/view";
import { script } from "./script.js";

const lineClasses = new Map();
const ofKind = (kind) => {
  if (!lineClasses.has(kind)) lineClasses.set(kind, Decoration.line({ class: `sp sp-${kind}` }));
  return lineClasses.get(kind);
};
const name = Decoration.mark({ class: "sp-name" });
const SPEAKER = /^\s*([^\s：:（(【\[][^：:（(【\[]*)/;

function build(view) {
  const { kinds } = view.state.field(script);
  const found = [];
  for (const { from, to } of view.visibleRanges) {
    for (let place = from; place <= to; ) {
      const line = view.state.doc.lineAt(place);
      const kind = kinds[line.number - 1];
      if (kind !== "blank") found.push(ofKind(kind).range(line.from));
      const speaker = kind === "speech" ? SPEAKER.exec(line.text) : null;
      if (speaker) found.push(name.range(line.from, line.from + speaker[0].length));
      place = line.to + 1;
    }
  }
  return Decoration.set(found, true);
}

export const styles = ViewPlugin.fromClass(
  class {
    constructor(view) {
      this.decorations = build(view);
    }

    update(update) {
      // what is rebuilt in the line of a composition ends it
      if (update.view.composing) {
        this.decorations = this.decorations.map(update.changes);
        this.waits = true;
      } else if (update.docChanged || update.viewportChanged || this.waits) {
        this.waits = false;
        this.decorations = build(update.view);
      }
    }
  },
  { decorations: (plugin) => plugin.decorations },
);
