// What is cut out of a script (/* … */) where it fills its lines: the rules of app/scripts/formats/lines.py.
import { trim } from "./vocabulary.js";

function opened(line) {
  const words = trim(line);
  const first = line.indexOf(words);
  for (let at = line.indexOf("/*"); at >= 0; ) {
    const closed = line.indexOf("*/", at + 2);
    if (closed < 0 || (at === first && closed + 2 === first + words.length)) return at;
    at = line.indexOf("/*", closed + 2);
  }
  return -1;
}

// Returns the lines without what is cut, and which of them hold nothing else.
export function withoutCuts(lines) {
  const rows = [...lines];
  const cut = new Set();
  for (let at = 0; at < rows.length; at += 1) {
    if (!rows[at].includes("/*")) continue;
    const open = opened(rows[at]);
    const close = open < 0 ? null : closing(rows, at, open + 2);
    if (!close) continue;
    const rest = rows[close.line].slice(close.place + 2);
    const before = rows[at].slice(0, open);
    for (let line = at; line <= close.line; line += 1) {
      rows[line] = "";
      cut.add(line);
    }
    if (trim(before)) keep(rows, cut, at, before);
    if (trim(rest)) keep(rows, cut, close.line, rest);
    at = trim(rest) ? close.line - 1 : close.line;
  }
  return { rows, cut };
}

function closing(rows, from, after) {
  for (let line = from; line < rows.length; line += 1) {
    const place = rows[line].indexOf("*/", line === from ? after : 0);
    if (place >= 0) return { line, place };
  }
  return null;
}

function keep(rows, cut, line, words) {
  rows[line] = words;
  cut.delete(line);
}
