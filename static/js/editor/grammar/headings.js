// What is a scene heading, in both formats: the rules of app/scripts/formats/headings.py.
import { memo } from "./memo.js";
import { ALL_TIME, INSIDE, INSIDE_EN, TIME, trim } from "./vocabulary.js";

const LONGEST = 120;
const SENTENCE = /[。！？!?…；;“”]/;
const FOUNTAIN = /^(INT|EXT|EST|I\.?\/E)(\.|\s|\s?\/|$)/i;
const BARE = /^(?:(?:内\/外景|外\/内景|内外景|内景|外景)[\s.。·:：,，]|(?:内\/外|外\/内|内|外)[\s·])/;
const NUMBER = "\\d{1,4}[A-Za-z]?(?:\\s{0,2}[-－—–.·]\\s{0,2}\\d{1,4}[A-Za-z]?)?";
const NUMBER_ZH = "[零〇一二两三四五六七八九十百]{1,5}";
const NUMBERED = new RegExp(`^(${NUMBER})\\s{0,4}(?:[、.:：,，]|场(?!景)|(?=\\s|$|[【\\u4e00-\\u9fff]))(.*)$`);
const NAMED = new RegExp(
  `^(?:场次?|场景|SCENE)\\s{0,2}[:：]?\\s{0,2}[（(]?(${NUMBER}|${NUMBER_ZH})[）)]?\\s{0,2}(?:场(?!景))?(?:[、.:：,，]|(?=[\\s（(【]|$)|(?<=[）)]))(.*)$`,
  "i",
);
const INSERTED = /^([+＋])\s{0,2}场[:：、]?(.*)$/;
const ORDINAL = new RegExp(`^第\\s{0,2}(${NUMBER}|${NUMBER_ZH})\\s{0,2}场(?!景)[、.:：,，]?(.*)$`);
const PEOPLE = /[;；,，\s]*(?:出场|登场)?(?:人物|角色)\s{0,2}[:：]\s*(.*)$/;
const LABEL = /(?:场景|地点|时间|内外景|内外)\s{0,2}[:：]/g;
const PARENTHESIS = /[（(]([^（）()]{1,16})[）)]/g;
const GLUED = new RegExp(`^(?:(${TIME})[/·、]?(${INSIDE})|(${INSIDE})[/·、]?(${TIME}))$`, "i");
const INTERIOR = new RegExp(`^(?:${INSIDE_EN}|${INSIDE})$`, "i");
const PREFIX = new RegExp(`^(${INSIDE_EN}|${INSIDE})(?=[\\s.。·:：,，、]|$)[\\s.。·:：,，、]*`, "i");
const MARK = /#([^#\n]{1,24})#$/;

export const isFountainHeading = memo((text) => {
  if (text.length > LONGEST) return false;
  const found = FOUNTAIN.exec(text);
  if (found) return found[1] === found[1].toUpperCase() || found[2] === ".";
  return BARE.test(text) && ("景/外".includes(text[1]) || Boolean(fountainHeading(text).time)) && !SENTENCE.test(text);
});

export function fountainHeading(text) {
  let rest = text;
  const marked = MARK.exec(rest);
  if (marked) rest = trim(rest.slice(0, marked.index));
  const inside = PREFIX.exec(rest);
  if (inside) rest = rest.slice(inside[0].length);
  const [place, time] = splitTime(rest);
  return { number: marked ? trim(marked[1]) : "", prefix: inside?.[1] ?? "", place: trim(place), time };
}

function splitTime(text) {
  const dash = /^(.*?)(?:^|\s+)[-–—]+\s+((?:(?!\s[-–—]+\s).)*)$/.exec(text);
  if (dash && isTime(trim(dash[2]))) return [dash[1], trim(dash[2])];
  const dot = text.lastIndexOf("·");
  if (dot >= 0 && ALL_TIME.test(trim(text.slice(dot + 1)))) return [text.slice(0, dot), trim(text.slice(dot + 1))];
  const parts = text.split(/\s+/).filter(Boolean);
  if (parts.length && ALL_TIME.test(parts.at(-1))) return [parts.slice(0, -1).join(" "), parts.at(-1)];
  if (parts.length && ALL_TIME.test(parts[0])) return [parts.slice(1).join(" "), parts[0]];
  return [text, ""];
}

const isTime = (text) => ALL_TIME.test(text) || (text.toUpperCase().match(/[A-Z]+/g) ?? []).some((word) => ALL_TIME.test(word));

// `sure` says that the next line names people or a place.
export const chineseHeading = memo((text, sure) => {
  if (text.length > LONGEST) return null;
  for (const pattern of [ORDINAL, NAMED, INSERTED]) {
    const found = pattern.exec(text);
    const heading = found && named(found);
    if (heading) return heading;
  }
  const found = NUMBERED.exec(text);
  if (found) {
    const number = found[1].replace(/\s*[-－—–.·]\s*/, "-");
    const heading = parts(number, found[2]);
    const proofs = Number(Boolean(heading.prefix)) + Number(Boolean(heading.time));
    const needed = number.includes("-") ? 1 : 2;
    const short = found[2].length <= 30 && !SENTENCE.test(found[2]);
    return proofs >= needed || (sure && needed === 1 && short) ? heading : null;
  }
  if (isFountainHeading(text)) return fountainHeading(text);
  if (text.length > 30 || text.split(/\s+/).length < 3 || SENTENCE.test(text)) return null;
  const heading = parts("", text);
  return heading.prefix && heading.time && heading.place ? heading : null;
});

function named(found) {
  const heading = parts(found[1], found[2]);
  const prose = SENTENCE.test(heading.place) || heading.place.length > 30;
  return prose && !(heading.prefix || heading.time) ? null : heading;
}

export function parts(number, text) {
  const people = PEOPLE.exec(text);
  let rest = people ? text.slice(0, people.index) : text;
  rest = rest.replace(LABEL, " ").replace(PARENTHESIS, (whole, inner) => {
    const known = trim(inner).split(/[\s,，/、·]+/).every((word) => ALL_TIME.test(word) || INTERIOR.test(word) || GLUED.test(word));
    return known ? ` ${inner.replace(/[\s,，/、·]+/g, " ")} ` : whole;
  });
  const heading = { number, prefix: "", place: "", time: "", people: people ? trim(people[1]) : "" };
  const place = [];
  for (const word of rest.split(/[\s,，;；【】]+/)) {
    const bare = word.replace(/^[。.!！?？、:：]+|[。.!！?？、:：]+$/g, "");
    const glued = GLUED.exec(bare);
    if (glued && !heading.prefix && !heading.time) {
      heading.time = glued[1] || glued[4];
      heading.prefix = glued[2] || glued[3];
    } else if (!heading.time && ALL_TIME.test(bare)) heading.time = bare;
    else if (!heading.prefix && INTERIOR.test(bare)) heading.prefix = bare;
    else if (word && !/^[-–—/|]+$/.test(word)) place.push(word);
  }
  heading.place = place.join(" ");
  return heading;
}
