// One simulated writer: a real Yjs document and a real socket; writes real changes, one character at a time.
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import WebSocket from 'ws'
import * as Y from 'yjs'

const SYNC = 0
const AWARENESS = 1
const AUTH = 2
const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2
const LETTERS = '海上起风她把石子放进口袋灯塔熄了一下又亮有人在雾里喊着谁的名字没有回答只有潮水'

/** How an editor and a server talk: Hocuspocus puts the document's name before every frame, and wants a greeting. */
const framed = (head, kind, write) => {
  const encoder = encoding.createEncoder()
  if (head !== null) encoding.writeVarString(encoder, head)
  encoding.writeVarUint(encoder, kind)
  write(encoder)
  return encoding.toUint8Array(encoder)
}

/** Which changes an update carries, as [client, from, to]. The same bytes come to everybody: read once. */
const known = new Map()
const carried = update => {
  const key = Buffer.from(update.buffer, update.byteOffset, update.byteLength).latin1Slice()
  let ranges = known.get(key)
  if (ranges === undefined) {
    const { from, to } = Y.parseUpdateMeta(update)
    ranges = [...to].map(([client, end]) => [client, from.get(client) ?? 0, end])
    if (known.size > 4000) known.clear()
    known.set(key, ranges)
  }
  return ranges
}

export class Editor {
  /** `board` is shared by all: when each change was sent, and what arrived. `kept` ones replay everything at the end. */
  constructor (options, room, index, board) {
    Object.assign(this, { options, room, index, board, kept: index < 2, typed: 0, clock: 0, later: [], seen: new Map() })
    this.head = options.protocol === 'hocuspocus' ? room : null
    this.doc = new Y.Doc()
    this.text = this.doc.getText('content')
    this.doc.on('update', (update, origin) => { if (origin !== this) this.#sync(UPDATE, update) })
  }

  connect () {
    const { url, cookie } = this.options
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no answer in ${this.room} within 60 s`)), 60_000)
      this.whenSynced = () => { clearTimeout(late); resolve() }
      this.socket = new WebSocket(this.head === null ? `${url}/${this.room}` : url, {
        perMessageDeflate: false, headers: cookie ? { cookie } : {}
      })
      this.socket.binaryType = 'nodebuffer'
      this.socket.on('open', () => this.#greet())
      this.socket.on('message', data => this.#receive(data))
      this.socket.on('error', error => { clearTimeout(late); reject(error) })
      this.socket.on('close', () => { if (!this.closing) this.board.dropped++ })
    })
  }

  #greet () {
    if (this.head !== null) {
      this.socket.send(framed(this.head, AUTH, encoder => {
        encoding.writeVarUint(encoder, 0)
        encoding.writeVarString(encoder, 'token')
        encoding.writeVarString(encoder, '4.7.0')
      }))
    }
    this.#sync(STEP_1, Y.encodeStateVector(this.doc))
    this.#appear()
  }

  #sync (step, payload) {
    if (this.socket?.readyState !== WebSocket.OPEN) return
    this.socket.send(framed(this.head, SYNC, encoder => {
      encoding.writeVarUint(encoder, step)
      encoding.writeVarUint8Array(encoder, payload)
    }))
  }

  #receive (data) {
    const decoder = decoding.createDecoder(data)
    if (this.head !== null) decoding.readVarString(decoder)
    const kind = decoding.readVarUint(decoder)
    this.board.received++
    if (kind !== SYNC && kind !== 4) return // 4: what Hocuspocus answers a step 1 with
    const step = decoding.readVarUint(decoder)
    const payload = decoding.readVarUint8Array(decoder)
    if (step === STEP_1) return this.#sync(STEP_2, Y.encodeStateAsUpdate(this.doc, payload))
    if (!this.armed) Y.applyUpdate(this.doc, payload, this)
    else {
      this.#measure(payload)
      if (this.kept) this.later.push(Uint8Array.from(payload))
    }
    if (step === STEP_2) this.whenSynced()
  }

  #measure (payload) {
    const now = performance.now()
    for (const [client, from, to] of carried(payload)) {
      const sent = this.board.sent.get(client)
      if (sent === undefined || client === this.doc.clientID) continue
      const next = this.seen.get(client) ?? sent.base
      for (let clock = Math.max(next, from); clock < to; clock++) {
        const at = sent.at[clock - sent.base]
        if (at) this.board.note(now - at)
        this.board.delivered++
      }
      if (to > next) this.seen.set(client, to)
    }
  }

  /** Show the caret where it is, as an editor does with each key. */
  #appear () {
    const place = Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(this.text, Math.min(this.at ?? 0, this.text.length)))
    const state = JSON.stringify({ user: { name: `Writer ${this.index}`, color: '#5f9ea0' }, cursor: { anchor: place, head: place } })
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, this.doc.clientID)
    encoding.writeVarUint(encoder, ++this.clock)
    encoding.writeVarString(encoder, state)
    const payload = encoding.toUint8Array(encoder)
    this.socket.send(framed(this.head, AWARENESS, out => encoding.writeVarUint8Array(out, payload)))
  }

  /** From now on what others write is measured and put aside, so that this process has time. */
  arm () {
    this.at = this.text.length
    this.board.sent.set(this.doc.clientID, { base: Y.getState(this.doc.store, this.doc.clientID), at: [] })
    this.armed = true
  }

  type () {
    if (this.socket.readyState !== WebSocket.OPEN) return
    const letter = this.typed % 24 === 23 ? '\n' : LETTERS[(this.typed + this.index * 7) % LETTERS.length]
    this.board.sent.get(this.doc.clientID).at.push(this.board.measuring ? performance.now() : 0)
    this.text.insert(this.at++, letter)
    this.typed++
    this.#appear()
  }

  /** Take in all that was put aside, and return the text. */
  replay () {
    this.doc.transact(() => { for (const update of this.later) Y.applyUpdate(this.doc, update, this) }, this)
    return this.text.toString()
  }

  close () {
    this.closing = true
    this.socket.close()
  }
}
