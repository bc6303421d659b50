// The text, the room it is shared in, and what of it is safe: stored by the server, or only kept in this browser.
//
// The server tells in a frame of its own (kind 100) which state vector PostgreSQL holds, and how many of the changes
// that came over this socket. Deletions do not show in a state vector, so both count.
import * as Y from "yjs";
import { WebsocketProvider } from "y-websocket";
import { IndexeddbPersistence } from "y-indexeddb";
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { socketAddress } from "./config.js";

const SYNC = 0;
const SAVED = 100;
const ROOT = "content"; // app/rooms/document.py calls it the same
const SCHEMA = 1; // what is kept in browsers has another name when it is laid out in another way
const MOST_HELD = 1000;
const NOTHING = 2; // bytes of an update without structs and deletions
const KEY = "unsaved";

export function connect(config, events) {
  const doc = new Y.Doc();
  const text = doc.getText(ROOT);
  const store = config.may.edit ? new IndexeddbPersistence(`reelroom-${SCHEMA}-${config.me.id}-${config.room}`, doc) : null;
  const provider = new WebsocketProvider(socketAddress(config), config.room, doc, {
    connect: false,
    disableBc: true, // a second tab is another client, as another person is
    maxBackoffTime: 5000,
  });
  const safe = watchSaved(doc, provider, store, events);
  const hold = holdWhileComposing(provider);
  provider.on("connection-close", (event) => events.emit("closed", event?.code ?? 1006));
  provider.on("status", ({ status }) => {
    // a server hears of somebody who returns only when they move (yjs/y-websocket#122)
    if (status === "connected") provider.awareness.setLocalState(provider.awareness.getLocalState());
    events.emit("state");
  });
  provider.on("sync", (synced) => synced && events.emit("synced"));
  return { doc, text, provider, awareness: provider.awareness, store, safe, hold };
}

function watchSaved(doc, provider, store, events) {
  const known = { sent: 0, stored: 0, vector: new Map(), unsaved: 0, told: false };
  const settled = () => known.told && provider.synced && known.stored >= known.sent && covers(known.vector, doc);

  const note = (count) => {
    if (known.unsaved !== count) store?.set(KEY, count);
    known.unsaved = count;
  };
  const look = () => {
    if (settled()) note(0);
    events.emit("state");
  };

  provider.messageHandlers[SAVED] = (_encoder, decoder) => {
    known.vector = readVector(decoding.readVarUint8Array(decoder));
    known.stored = decoding.readVarUint(decoder);
    known.told = true;
    look();
  };
  provider.on("status", ({ status }) => {
    if (status !== "connected") known.told = false;
    if (status === "connecting") known.sent = known.stored = 0;
  });
  const answer = provider.messageHandlers[SYNC];
  provider.messageHandlers[SYNC] = (encoder, decoder, ...rest) => {
    const before = encoding.length(encoder);
    answer(encoder, decoder, ...rest);
    if (encoding.length(encoder) > before + 1) known.sent += 1; // our answer to their step 1
  };
  doc.on("update", (update, origin) => {
    if (origin === provider || origin === store || update.length <= NOTHING) return;
    if (provider.wsconnected) known.sent += 1;
    note(known.unsaved + 1);
    events.emit("state");
  });
  store?.whenSynced.then(async () => {
    const left = (await store.get(KEY)) ?? 0;
    if (left && !settled()) note(Math.max(known.unsaved, left));
    events.emit("state");
  });
  return { get unsaved() { return known.unsaved; }, get settled() { return settled(); } };
}

function readVector(bytes) {
  const decoder = decoding.createDecoder(bytes);
  const vector = new Map();
  for (let left = decoding.readVarUint(decoder); left > 0; left -= 1) {
    const client = decoding.readVarUint(decoder);
    vector.set(client, decoding.readVarUint(decoder));
  }
  return vector;
}

function covers(vector, doc) {
  for (const [client, structs] of doc.store.clients) {
    const last = structs[structs.length - 1];
    if (last && (vector.get(client) ?? 0) < last.id.clock + last.length) return false;
  }
  return true;
}

// A change in the line in which pinyin is being composed makes browsers start the composition anew, and the letters
// stay: colleagues' changes wait until the word stands. A composition takes seconds.
function holdWhileComposing(provider) {
  const answer = provider.messageHandlers[SYNC];
  let held = null;

  const take = ({ bytes, rest }) => {
    const encoder = encoding.createEncoder();
    answer(encoder, decoding.createDecoder(bytes), ...rest);
    if (encoding.length(encoder) > 1 && provider.wsconnected) provider.ws.send(encoding.toUint8Array(encoder));
  };
  const release = () => {
    const frames = held ?? [];
    held = null;
    frames.forEach(take);
  };

  provider.messageHandlers[SYNC] = (encoder, decoder, ...rest) => {
    if (!held) return answer(encoder, decoder, ...rest);
    held.push({ bytes: decoding.readTailAsUint8Array(decoder).slice(), rest });
    if (held.length > MOST_HELD) release();
    return undefined;
  };
  // what waits from a socket that is gone comes again with the next one's step 2
  provider.on("status", ({ status }) => status !== "connected" && held && (held = []));
  return { begin: () => (held ??= []), end: release };
}
