// The kinds of the lines of a Chinese script: the rules of app/scripts/formats/chinese.py.
import { chineseHeading, parts } from "./headings.js";
import { TRIANGLES, bracket, card, episode, labelled, note, triangle } from "./marks.js";
import { memo } from "./memo.js";
import { CARDS, FIELDS, FLASHBACKS, NOTES, PEOPLE, PLACES, PROFILES, SOUNDS, stripped, trim } from "./vocabulary.js";

const LABELLED = /^([^\s:：（(【]{1,10})\s{0,2}[:：](.*)$/;
const TITLE_ALONE = /^《([^《》]{1,40})》$/;
const RULE = /^[-=*_—]{3,}$/;
const VOICES = "内心独白|内心OS|画外音|旁白|独白|心声|OS|VO|O\\.S\\.?|V\\.O\\.?";
const CUE = new RegExp(
  `^([^\\s（(【\\[\\]:：^△][^（(【\\[\\]:：^]{0,23}?)\\s{0,3}(?:${VOICES})?\\s{0,3}(?:(?:(?:[（(][^（）()]{0,60}[）)]|【[^】]{0,24}】|\\[[^\\]]{0,24}\\])\\s{0,2})*)(?:${VOICES})?\\s{0,3}[:：](.*)$`,
  "i",
);
const NO_NAME = /[，。！？；!?;“”"…]|^[\d\s.\-]+$|^https?$|第[\d一二三四五六七八九十百]+[集场]/;

export const labelOf = memo((words) => LABELLED.exec(words)?.[1] ?? "");
const afterColon = (words) => trim(LABELLED.exec(words)?.[2] ?? "");

const unwrapped = memo((text) => {
  const hashes = /^(#{1,6})\s*(.*)$/.exec(text);
  let words = hashes ? trim(hashes[2]) : text;
  while (words.length > 4 && /^(\*\*|__)/.test(words) && words.endsWith(words.slice(0, 2))) words = trim(words.slice(2, -2));
  return [words, hashes ? hashes[1].length : 0];
});

export const readCue = memo((words) => {
  const found = CUE.exec(words.startsWith("**") ? words.replace("**", "").replace("**", "") : words);
  if (!found) return null;
  const name = stripped(found[1], "*-• ");
  if (!name || NO_NAME.test(name) || PLACES.has(name) || NOTES.has(name)) return null;
  return { name, text: found[2] };
});

const formOf = memo((words) => bracket(words, true) || triangle(words) || card(words));
const isEpisode = memo((words) => episode(words) !== "");

function beginsSomething(text) {
  const [words, level] = unwrapped(text);
  return (
    `${TRIANGLES}【[《`.includes(words[0]) || level > 0 || RULE.test(words) || Boolean(episode(words)) ||
    Boolean(chineseHeading(words)) || PROFILES.has(stripped(words, ":："))
  );
}

export function chineseKinds(lines) {
  const texts = lines.map(trim);
  const kinds = new Array(lines.length).fill("blank");
  const standing = { inScene: false, inProfiles: false, begun: false };
  let at = 0;
  while (at < texts.length) at = texts[at] ? take(at, texts, kinds, standing) : at + 1;
  return kinds;
}

function take(at, texts, kinds, standing) {
  const text = texts[at];
  const [words, level] = unwrapped(text);
  const simple = note(text) || (RULE.test(text) ? "page_break" : "");
  if (simple || isEpisode(words)) {
    if (!simple) standing.inScene = standing.inProfiles = false;
    kinds[at] = simple || "episode";
    standing.begun = true;
    return at + 1;
  }
  const heading = headingEnd(at, texts, kinds, words);
  if (heading) {
    Object.assign(standing, { inScene: true, inProfiles: false, begun: true });
    return heading;
  }
  const marked = formOf(words) || labelledKind(words, standing);
  if (marked) {
    kinds[at] = marked;
    standing.begun ||= marked !== "title";
    return marked === "title" && !afterColon(words) && !TITLE_ALONE.test(words) ? longer(at + 1, texts, kinds) : at + 1;
  }
  return unmarked(at, texts, kinds, words, level, standing);
}

function longer(at, texts, kinds) {
  while (texts[at] && !labelOf(texts[at]) && !beginsSomething(texts[at])) kinds[at++] = "title";
  return at;
}

function headingEnd(at, texts, kinds, words) {
  const bare = `${TRIANGLES}.．`.includes(words[0]) ? trim(words.slice(1)) : words;
  const following = texts[at + 1] ? labelOf(texts[at + 1]) : "";
  let heading = chineseHeading(bare, PEOPLE.has(following) || PLACES.has(following) ? "sure" : "");
  if (!heading && bare === words && PLACES.has(labelOf(words))) {
    const told = parts("", words);
    if (((told.prefix || told.time) && told.place) || PLACES.has(following) || PEOPLE.has(following)) heading = told;
  }
  if (!heading || (bare !== words && !heading.number && TRIANGLES.includes(words[0]))) return 0;
  kinds[at] = "scene";
  return absorb(at + 1, texts, kinds);
}

// Lines below a heading that spell its parts out: 地点, 时间, with 人物 between them.
function absorb(at, texts, kinds) {
  let next = at;
  for (;;) {
    const label = texts[next] ? labelOf(unwrapped(texts[next])[0]) : "";
    const after = texts[next + 1] ? labelOf(unwrapped(texts[next + 1])[0]) : "";
    if (PLACES.has(label)) kinds[next] = "scene";
    else if (PEOPLE.has(label) && PLACES.has(after)) kinds[next] = "cast";
    else return next;
    next += 1;
  }
}

function labelledKind(words, standing) {
  const label = labelOf(words);
  if (PROFILES.has(stripped(words, ":：")) || PROFILES.has(label)) {
    standing.inProfiles = !standing.inScene;
    return "profile";
  }
  if (PEOPLE.has(label)) return "cast";
  if (CARDS.has(label) || SOUNDS.has(label) || (FLASHBACKS.has(label) && standing.inScene)) return labelled(label, afterColon(words));
  if (!standing.inScene && (FIELDS.has(label) || (TITLE_ALONE.test(words) && !standing.begun))) {
    standing.inProfiles = false;
    return standing.begun ? "text" : "title";
  }
  return NOTES.has(label) ? "note" : "";
}

function unmarked(at, texts, kinds, words, level, standing) {
  standing.begun = true;
  if (standing.inProfiles) kinds[at] = "profile";
  else if (level) kinds[at] = "section";
  else if (!standing.inScene) kinds[at] = "text";
  else {
    const cue = readCue(words);
    const below = texts[at + 1];
    if (cue && trim(cue.text)) kinds[at] = "speech";
    else if (cue && below && !beginsSomething(below) && !readCue(below)) {
      kinds[at] = kinds[at + 1] = "speech";
      return at + 2;
    } else kinds[at] = "action";
  }
  return at + 1;
}
