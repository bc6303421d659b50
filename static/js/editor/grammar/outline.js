// The scenes of a script with their sizes, read from what its lines are. Pure.
import { labelOf } from "./chinese.js";
import { chineseHeading, fountainHeading } from "./headings.js";
import { secondsOf, wordsIn } from "./seconds.js";
import { PLACES, trim } from "./vocabulary.js";

const SAID = new Set(["dialogue", "speech", "action", "card", "lyric", "parenthetical", "transition", "insert"]);
// A line such as 地点：客厅 below a heading belongs to it.
export const isSpelledOut = (text, before) => (before === "scene" || before === "cast") && PLACES.has(labelOf(trim(text)));

const LINES_A_PAGE = 55; // as app/scripts/formats/paper.py fills one, about

function headingOf(text, dialect) {
  const bare = trim(text).replace(/^[.．△▲#\s]+/, "").replace(/^\*\*|\*\*$/g, "");
  const read = dialect === "chinese" ? chineseHeading(bare, "sure") : fountainHeading(bare);
  return { number: read?.number ?? "", place: read?.place || bare, time: read?.time ?? "" };
}

// Returns scenes in order, with `to` behind the last line of each, and the sums of the whole script.
export function outlineOf(doc, { kinds, dialect, lines }) {
  const scenes = [];
  const sums = { words: 0, seconds: 0, pages: 0 };
  let place = 0;
  let scene = null;
  let filled = 0;
  lines.forEach((text, index) => {
    const kind = kinds[index];
    const begins = kind === "scene" && !isSpelledOut(text, kinds[index - 1]);
    if (scene && (begins || kind === "episode")) {
      scene.to = place;
      scene = null;
    }
    if (begins) {
      scene = { index: scenes.length, line: index + 1, from: place, to: doc.length, heading: trim(text), words: 0, seconds: 0 };
      Object.assign(scene, headingOf(text, dialect));
      scenes.push(scene);
    }
    const words = SAID.has(kind) ? wordsIn(text) : 0;
    const seconds = secondsOf(kind, text);
    sums.words += words;
    sums.seconds += seconds;
    filled += Math.max(1, Math.ceil(text.length / (dialect === "chinese" ? 36 : 60)));
    if (scene) {
      scene.words += words;
      scene.seconds += seconds;
    }
    place += text.length + 1;
  });
  sums.pages = Math.max(1, Math.ceil(filled / LINES_A_PAGE));
  return { scenes, sums };
}
