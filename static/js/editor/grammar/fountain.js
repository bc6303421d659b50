// The kinds of the lines of a Fountain script: the rules of app/scripts/formats/fountain.py.
import { isFountainHeading } from "./headings.js";
import { bracket, card, episode, note, triangle } from "./marks.js";
import { memo } from "./memo.js";
import { TITLE_KEYS, trim } from "./vocabulary.js";

const KEY = /^([^\s:：\[\]#.!@>~=△【][^:：\n]{0,38})[:：](.*)$/s;
const CUE = /^([^^]{1,60}?)((?:\s*[（(][^()（）]*[）)])*)\s*(\^?)$/;
const TRANSITION = /^(?:[A-Z0-9 .'’-]{1,40} TO:|FADE (?:IN|OUT|UP|TO (?:BLACK|WHITE))[.:]?|(?:SMASH |HARD |QUICK )?CUT TO BLACK\.?)$/;
const SLUG =
  /^(?:INSERT|CLOSE|CLOSER|ANGLE|SUPER|MONTAGE|END|BACK TO|INTERCUT|SERIES OF|WIDE|POV|FADE|CUT|LATER|MOMENTS LATER|FLASHBACK|THE END|TITLE|TRACKING|OVERHEAD|ON SCREEN|EXTREME)\b/;
const HAN_CUE = /^[\u3400-\u9fff·]{1,4}$/;
const STRUCTURAL = "#=>~.@△▲Δ∆▵▽▼【";
const MANNER = /^[（(]([^（）()]*)[）)]$/;

const isForcedAction = (text) => text.startsWith("!") && trim(text.slice(1)) !== "";

export function readCue(text) {
  const found = CUE.exec(text);
  return found && trim(found[1]) ? trim(found[1]) : "";
}

export function isCue(text) {
  const name = readCue(text);
  if (!name || SLUG.test(text) || isFountainHeading(text)) return false;
  if (HAN_CUE.test(name)) return true;
  const capitals = /\p{Lu}/u.test(name);
  return capitals && name === name.toUpperCase() && !/[:：!?。]$/.test(name) && name.length <= 40;
}

function structural(text) {
  if (isForcedAction(text)) return bracket(trim(text.slice(1))) || triangle(trim(text.slice(1)));
  if (text[0] === "." && text.length > 1 && text[1] !== "." && !/\s/.test(text[1])) return "scene";
  if (isFountainHeading(text)) return "scene";
  const section = /^#{1,6}(.*)$/.exec(text);
  if (section) return episode(trim(section[1])) || "section";
  if (text[0] === "=") return /^={3,}$/.test(text) ? "page_break" : "synopsis";
  if (text[0] === ">") {
    const inner = trim(text.endsWith("<") ? text.slice(1, -1) : text.slice(1));
    return inner ? (text.endsWith("<") ? "centred" : "transition") : "";
  }
  if (text[0] === "~") return "lyric";
  return bracket(text) || triangle(text) || card(text);
}

// What a line is by its form alone.
const formOf = memo((text) => {
  const kind = structural(text);
  const ends = (STRUCTURAL.includes(text[0]) && (text[0] === "@" || kind !== "")) || isFountainHeading(text);
  return { kind, ends, cue: isCue(text) };
});

export function fountainKinds(lines) {
  const texts = lines.map(trim);
  const kinds = new Array(lines.length).fill("blank");
  let at = titlePage(lines, texts, kinds);
  while (at < texts.length) at = texts[at] ? block(at, lines, texts, kinds) : at + 1;
  return kinds;
}

function titlePage(lines, texts, kinds) {
  let first = 0;
  while (first < texts.length && !texts[first]) first += 1;
  let end = first;
  while (end < texts.length && texts[end]) end += 1;
  const key = first < end && KEY.exec(texts[first]);
  if (!key || isFountainHeading(texts[first]) || TRANSITION.test(texts[first])) return first;
  const keyed = (at) => KEY.test(texts[at]) || /^[ \t]/.test(lines[at]);
  let page = TITLE_KEYS.has(trim(key[1]).toLowerCase());
  if (!page && !card(texts[first]) && !SLUG.test(texts[first])) {
    page = true;
    for (let at = first; at < end; at += 1) page &&= keyed(at);
  }
  if (!page) return first;
  kinds.fill("title", first, end);
  return end;
}

function block(at, lines, texts, kinds) {
  const text = texts[at];
  if (text.startsWith("[[")) {
    const end = behind(at, texts, "]]");
    const kind = end ? note(trim(texts.slice(at, end).join("\n"))) : "";
    if (kind) {
      kinds.fill(kind, at, end);
      return end;
    }
  }
  const { kind } = formOf(text);
  if (kind) {
    kinds[at] = kind;
    return at + 1;
  }
  if (isForcedAction(text)) return action(at, texts, kinds);
  return speech(at, lines, texts, kinds) || transition(at, texts, kinds) || action(at, texts, kinds);
}

// Returns the line behind the one of this paragraph that holds `closing`, 0 when none does.
function behind(at, texts, closing) {
  for (let end = at; texts[end]; end += 1) if (texts[end].includes(closing)) return end + 1;
  return 0;
}

function speech(at, lines, texts, kinds) {
  const forced = texts[at].startsWith("@");
  if (!texts[at + 1] || !(forced || formOf(texts[at]).cue) || !readCue(forced ? trim(texts[at].slice(1)) : texts[at])) return 0;
  kinds[at] = "cue";
  let next = at + 1;
  for (; next < texts.length && (texts[next] || lines[next] === "  "); next += 1)
    kinds[next] = texts[next] && MANNER.test(texts[next]) ? "parenthetical" : "dialogue";
  return next;
}

function transition(at, texts, kinds) {
  if (texts[at + 1] || !TRANSITION.test(texts[at])) return 0;
  kinds[at] = "transition";
  return at + 1;
}

function action(at, texts, kinds) {
  let next = at;
  for (; next < texts.length && texts[next]; next += 1) {
    const forced = isForcedAction(texts[next]);
    const { kind, ends } = formOf(texts[next]);
    if (next > at && !forced && (ends || texts[next].startsWith("[["))) break;
    if (next > at && forced && kind) break;
    kinds[next] = "action";
  }
  return next;
}
