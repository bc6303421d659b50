// What each line of a script is. Pure: no editor, no page.
import { chineseKinds, labelOf, readCue } from "./chinese.js";
import { withoutCuts } from "./cut.js";
import { fountainKinds, isCue } from "./fountain.js";
import { chineseHeading, isFountainHeading } from "./headings.js";
import { TRIANGLES, episode } from "./marks.js";
import { PEOPLE, trim } from "./vocabulary.js";

const ENOUGH = 3000; // lines that tell which format it is

export function kindsOf(lines, dialect) {
  const { rows, cut } = withoutCuts(lines);
  const kinds = dialect === "chinese" ? chineseKinds(rows) : fountainKinds(rows);
  for (const line of cut) kinds[line] = trim(lines[line]) ? "boneyard" : "blank";
  return kinds;
}

export function dialectOf(lines) {
  let balance = 0;
  const texts = lines.slice(0, ENOUGH).map(trim);
  texts.forEach((text, index) => (balance += text ? vote(text, texts[index + 1] ?? "") : 0));
  return balance > 0 ? "chinese" : "fountain";
}

function vote(text, following) {
  if (/^(?:INT|EXT|EST|I\/E)[./\s]/i.test(text) && isFountainHeading(text)) return -4;
  if (/^(?:\.[^\s.]|@\S|![^\s!]|>\s*\S)/.test(text)) return text[0] === "." || text[0] === "@" ? -4 : -2;
  if (!/[\u3400-\u9fff]/.test(text)) return following && isCue(text) ? -1 : 0;
  if (TRIANGLES.includes(text[0]) || PEOPLE.has(labelOf(text)) || episode(text)) return 2;
  if (text[0] === "【") return 1;
  if (!isFountainHeading(text) && chineseHeading(text)) return 4;
  if (/^(?:# |= |\[\[)/.test(text)) return -1;
  return readCue(text) ? 1 : 0;
}
