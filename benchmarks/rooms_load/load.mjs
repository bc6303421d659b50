// Writers type into rooms, and the time until every other one has each character is measured. Prints one line of JSON.
import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { Editor } from './editor.mjs'

const { values } = parseArgs({
  options: {
    url: { type: 'string' }, protocol: { type: 'string', default: 'y-websocket' }, cookie: { type: 'string', default: '' },
    room: { type: 'string', default: 'load' }, docs: { type: 'string', default: '1' }, editors: { type: 'string', default: '100' },
    rate: { type: 'string', default: '5' }, warmup: { type: 'string', default: '3' }, seconds: { type: 'string', default: '15' },
    pid: { type: 'string', multiple: true, default: [] }
  }
})
const [docs, editors, rate, warmup, seconds] = ['docs', 'editors', 'rate', 'warmup', 'seconds'].map(name => Number(values[name]))
const SEED = '灯塔下的石子一颗一颗'.repeat(200)
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))

const buckets = new Float64Array(1000) // each 2 % wide, from a microsecond
const board = {
  sent: new Map(), measuring: false, delivered: 0, received: 0, dropped: 0, samples: 0,
  note (ms) {
    board.samples++
    buckets[Math.max(0, Math.min(999, Math.round(Math.log(Math.max(ms, 0.001) / 0.001) / Math.log(1.02))))]++
  }
}
const quantile = share => {
  let count = 0
  for (let bucket = 0; bucket < buckets.length; bucket++) {
    count += buckets[bucket]
    if (count >= share * board.samples) return Math.round(0.1 * 1.02 ** bucket) / 100
  }
  return null
}
/** CPU seconds of processes, with those that have ended counted by their parents. */
const cpu = () => values.pid.reduce((sum, pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1).split(' ')
  return sum + (Number(fields[11]) + Number(fields[12])) / 100
}, 0)

const rooms = Array.from({ length: docs }, (_, doc) => Array.from({ length: editors }, (_, index) => new Editor(values, `${values.room}-${doc}`, index, board)))
const everybody = rooms.flat()
for (let from = 0; from < docs; from += 50) await Promise.all(rooms.slice(from, from + 50).map(room => room[0].connect()))
for (const room of rooms) room[0].text.insert(0, SEED)
await pause(500)
for (let index = 1; index < editors; index++) {
  for (let from = 0; from < docs; from += 50) await Promise.all(rooms.slice(from, from + 50).map(room => room[index].connect()))
}
for (const until = Date.now() + 20_000; Date.now() < until && everybody.some(one => one.text.length !== SEED.length);) await pause(50)
await pause(500)

for (const one of everybody) one.arm()
let typing = true
for (const one of everybody) {
  let due = performance.now() + Math.random() * 1000 / rate
  const type = () => {
    if (!typing) return
    one.type()
    due += (0.5 + Math.random()) * 1000 / rate
    setTimeout(type, Math.max(0, due - performance.now()))
  }
  setTimeout(type, Math.max(0, due - performance.now()))
}
await pause(warmup * 1000)
const lag = monitorEventLoopDelay({ resolution: 2 })
lag.enable()
const [began, before, framesBefore] = [performance.now(), cpu(), board.received]
board.measuring = true
await pause(seconds * 1000)
board.measuring = false
const [took, used, frames] = [(performance.now() - began) / 1000, cpu() - before, board.received - framesBefore]
lag.disable()
typing = false

const expected = rooms.reduce((sum, room) => sum + room.reduce((typed, one) => typed + one.typed, 0) * (editors - 1), 0)
for (const until = Date.now() + 20_000; Date.now() < until && board.delivered < expected;) await pause(50)
let diverged = 0
for (const room of rooms) {
  const wanted = SEED.length + room.reduce((typed, one) => typed + one.typed, 0)
  const texts = new Set(room.filter(one => one.kept).map(one => one.replay()))
  if (texts.size > 1 || [...texts][0].length !== wanted) diverged++
}
console.log(JSON.stringify({
  lost: Math.max(0, expected - board.delivered), diverged, dropped: board.dropped,
  typed: rooms.map(room => room.reduce((typed, one) => typed + one.typed, SEED.length)),
  p50_ms: quantile(0.5), p95_ms: quantile(0.95), p99_ms: quantile(0.99),
  cpu_percent: Math.round(1000 * used / took) / 10, frames_a_second: Math.round(frames / took),
  generator_lag_p99_ms: Math.round(lag.percentile(99) / 1e4) / 100
}))
await pause(500) // what was typed last is stored
for (const one of everybody) one.close()
await pause(200)
process.exit(0)
