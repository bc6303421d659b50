// What may not stand in a script never gets in: line ends of other systems, control characters, half characters.
import { EditorState, Transaction } from "@codemirror/state";
import { EditorView } from "@codemirror/view";

// Yjs writes UTF-8, where a half of a surrogate pair becomes U+FFFD: this text and the others' would differ.
const BAD = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFEFF]|\p{Surrogate}/u;
const ALL_BAD = new RegExp(BAD.source, "gu");

export const clean = (text) =>
  text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, "\n")
    .replace(ALL_BAD, "");

const size = (text) => new Blob([text]).size;

export function cleaning(config, refused) {
  const limit = config.limit_kb * 1024;

  const tooLarge = (transaction) => {
    let grows = 0;
    transaction.changes.iterChanges((from, to, _fromB, _toB, text) => (grows += text.length - (to - from)));
    if (grows <= 0 || transaction.newDoc.length * 4 <= limit) return false; // four bytes a character at most
    return size(transaction.newDoc.toString()) > limit;
  };

  const cleaned = (transaction) => {
    const changes = [];
    let dirty = false;
    transaction.changes.iterChanges((from, to, _fromB, _toB, text) => {
      const given = text.sliceString(0, text.length, "\n");
      const insert = BAD.test(given) || given.includes("\r") ? clean(given) : given;
      dirty ||= insert !== given;
      changes.push({ from, to, insert });
    });
    return dirty ? changes : null;
  };

  return [
    EditorState.lineSeparator.of("\n"), // a stray \r is a character: else places here and in the Y.Text would differ
    EditorView.clipboardInputFilter.of(clean),
    EditorState.transactionFilter.of((transaction) => {
      if (!transaction.docChanged || !transaction.annotation(Transaction.userEvent)) return transaction;
      if (tooLarge(transaction)) {
        refused();
        return [];
      }
      const changes = cleaned(transaction);
      if (!changes) return transaction;
      const event = transaction.annotation(Transaction.userEvent);
      return { changes, userEvent: event, scrollIntoView: true, selection: after(transaction, changes) };
    }),
  ];
}

function after(transaction, changes) {
  const set = transaction.startState.changes(changes);
  return { anchor: set.mapPos(transaction.startState.selection.main.head, 1) };
}
