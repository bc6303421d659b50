// The script in the editor's state: what each line is, in which format, kept as the text changes.
import { StateField } from "@codemirror/state";
import { dialectOf, kindsOf } from "./classify.js";

const linesOf = (doc) => [...doc.iterLines()];

function read(doc, before) {
  const lines = linesOf(doc);
  // the format is settled once there is something to tell it by: a line typed later does not turn all the others over
  const dialect = before?.settled ? before.dialect : dialectOf(lines);
  return { dialect, settled: doc.length > 200, kinds: kindsOf(lines, dialect), lines };
}

export const script = StateField.define({
  create: (state) => read(state.doc, null),
  update: (value, transaction) => (transaction.docChanged ? read(transaction.state.doc, transaction.startState.doc.length ? value : null) : value),
});

export const kindAt = (state, line) => state.field(script).kinds[line - 1] ?? "blank";
