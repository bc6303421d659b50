// Where colleagues write: a caret with their name, and what they have selected, in their colour.
import * as Y from "yjs";
import { Annotation } from "@codemirror/state";
import { Decoration, ViewPlugin, WidgetType } from "@codemirror/view";

const moved = Annotation.define();
const EVERY = 100; // ms between two messages of where this person is: presence is most of the traffic
const NAMED = 2500; // ms for which the name stands after a move

class Caret extends WidgetType {
  constructor(client, name, colour, named) {
    super();
    Object.assign(this, { client, name, colour, named });
  }

  eq(other) {
    return other.client === this.client && other.name === this.name && other.colour === this.colour && other.named === this.named;
  }

  toDOM() {
    const caret = document.createElement("span");
    caret.className = `remote-caret p${this.colour}${this.named ? " named" : ""}`;
    caret.setAttribute("aria-hidden", "true");
    // word joiners keep the line's height and the way it breaks as they are
    const name = Object.assign(document.createElement("b"), { textContent: this.name });
    caret.append("\u2060", name, "\u2060");
    return caret;
  }

  get estimatedHeight() {
    return -1;
  }

  ignoreEvent() {
    return true;
  }
}

export const placeIn = (text, relative) => {
  const place = relative && Y.createAbsolutePositionFromRelativePosition(Y.createRelativePositionFromJSON(relative), text.doc);
  return place && place.type === text ? place.index : null;
};

class Carets {
  constructor(view, text, awareness) {
    this.view = view;
    this.awareness = awareness;
    this.text = text;
    this.decorations = Decoration.none;
    this.movedAt = new Map();
    this.told = "";
    this.listener = ({ added, updated, removed }) => {
      const now = Date.now();
      for (const client of [...added, ...updated]) this.movedAt.set(client, now);
      removed.forEach((client) => this.movedAt.delete(client));
      if ([...added, ...updated, ...removed].some((client) => client !== awareness.clientID)) this.later();
    };
    awareness.on("change", this.listener);
  }

  later() {
    this.redraw ??= setTimeout(() => {
      this.redraw = null;
      this.view.dispatch({ annotations: moved.of(true) });
    }, 50);
  }

  update(update) {
    if (update.docChanged) this.decorations = this.decorations.map(update.changes);
    const asked = update.transactions.some((transaction) => transaction.annotation(moved));
    // a widget that comes into the line of a composition would end it
    if (this.view.composing) this.waits ||= asked;
    else if (asked || update.docChanged || this.waits) this.rebuild();
    if (update.selectionSet || update.docChanged || update.focusChanged) this.tell();
  }

  rebuild() {
    this.waits = false;
    const now = Date.now();
    const length = this.view.state.doc.length;
    const found = [];
    for (const [client, state] of this.awareness.getStates()) {
      if (client === this.awareness.clientID || !state.user || !state.cursor) continue;
      const anchor = placeIn(this.text, state.cursor.anchor);
      const head = placeIn(this.text, state.cursor.head);
      if (anchor === null || head === null || Math.max(anchor, head) > length) continue;
      const named = now - (this.movedAt.get(client) ?? 0) < NAMED;
      if (named) this.rename(now);
      const colour = Number(state.user.colour) % 7 || 1;
      if (anchor !== head) {
        const mark = Decoration.mark({ class: `remote-selection p${colour}` });
        found.push(mark.range(Math.min(anchor, head), Math.max(anchor, head)));
      }
      const widget = new Caret(client, String(state.user.name ?? "?").slice(0, 40), colour, named);
      found.push(Decoration.widget({ widget, side: head > anchor ? -1 : 1 }).range(head));
    }
    this.decorations = Decoration.set(found, true);
  }

  rename() {
    this.unnamed ??= setTimeout(() => {
      this.unnamed = null;
      this.later();
    }, NAMED + 50);
  }

  tell() {
    this.telling ??= setTimeout(() => {
      this.telling = null;
      this.tellNow();
    }, EVERY);
  }

  tellNow() {
    const { main } = this.view.state.selection;
    const at = (place) => Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(this.text, Math.min(place, this.text.length)));
    const cursor = this.view.hasFocus ? { anchor: at(main.anchor), head: at(main.head) } : null;
    const told = JSON.stringify(cursor);
    if (told === this.told) return;
    this.told = told;
    this.awareness.setLocalStateField("cursor", cursor);
  }

  destroy() {
    this.awareness.off("change", this.listener);
    [this.redraw, this.unnamed, this.telling].forEach(clearTimeout);
  }
}

export const carets = (text, awareness) =>
  ViewPlugin.define((view) => new Carets(view, text, awareness), { decorations: (plugin) => plugin.decorations });
