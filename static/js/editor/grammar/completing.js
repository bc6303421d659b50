// What is likely to be written next: who speaks here, places of earlier scenes, times of day, signs in 【】.
import { autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { kindAt, script } from "./script.js";
import { DAYTIMES, DAYTIMES_EN, trim } from "./vocabulary.js";
import { readCue as chineseCue } from "./chinese.js";
import { readCue as fountainCue } from "./fountain.js";
import { chineseHeading, fountainHeading } from "./headings.js";

const MOST = 40;

function tally(state, reader) {
  const { kinds, lines, dialect } = state.field(script);
  const counts = new Map();
  lines.forEach((text, index) => {
    for (const found of reader(kinds[index], trim(text), dialect)) counts.set(found, (counts.get(found) ?? 0) + 1);
  });
  return [...counts].sort((one, other) => other[1] - one[1]).slice(0, MOST).map(([word]) => word);
}

const people = (kind, text) => {
  if (kind === "speech") return [chineseCue(text)?.name].filter(Boolean);
  if (kind === "cue") return [fountainCue(text.replace(/^@/, ""))].filter(Boolean);
  return kind === "cast" ? text.replace(/^[^:：]*[:：]/, "").split(/[、，,/]\s*/).filter(Boolean) : [];
};
const places = (kind, text, dialect) => {
  if (kind !== "scene") return [];
  const heading = dialect === "chinese" ? chineseHeading(text, "sure") : fountainHeading(text.replace(/^\./, ""));
  return heading?.place ? [heading.place] : [];
};

const options = (words, type, apply = (word) => word) => words.map((label, index) => ({ label, type, boost: -index, apply: apply(label) }));

function complete(context) {
  const line = context.state.doc.lineAt(context.pos);
  const head = line.text.slice(0, context.pos - line.from);
  const { dialect } = context.state.field(script);
  const kind = kindAt(context.state, line.number);
  const zh = dialect === "chinese";
  if (kind === "scene") return inHeading(context, head, zh);
  if (/^(?:出场)?人物[：:]/.test(head)) {
    const word = /[^、，,：:\s]*$/.exec(head)[0];
    return { from: context.pos - word.length, options: options(tally(context.state, people), "variable") };
  }
  const typed = zh ? /^[^\s：:△▲【（(@#>!.]{0,8}$/.exec(head) : /^@?[^\s.!@>~=#[(][^.!?。]{0,30}$/.exec(head);
  if (!typed || (!head && !context.explicit)) return null;
  if (!zh && !context.explicit && head !== head.toUpperCase()) return null;
  const from = line.from + (head[0] === "@" ? 1 : 0);
  return { from, options: options(tally(context.state, people), "variable", (word) => (zh ? `${word}：` : word)) };
}

function inHeading(context, head, zh) {
  const word = /[^\s]*$/.exec(head)[0];
  if (!word && !context.explicit) return null;
  const times = options(zh ? DAYTIMES : DAYTIMES_EN, "keyword");
  const inside = options(zh ? ["内", "外", "内/外"] : ["INT.", "EXT.", "INT./EXT."], "keyword");
  return { from: context.pos - word.length, options: [...options(tally(context.state, places), "text"), ...times, ...inside] };
}

export const completing = () => [
  autocompletion({ override: [complete], icons: false, maxRenderedOptions: MOST, closeOnBlur: true }),
  Prec.high(keymap.of(completionKeymap)),
];
