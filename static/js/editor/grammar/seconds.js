// How long words take on the screen, in seconds: the figures of app/scripts/breakdown/timing.py.
const HAN = /[\u3400-\u9fff\uf900-\ufaff]/g;
const WORD = /[A-Za-z0-9\u00c0-\u024f]+(?:['’][A-Za-z]+)?/g;
const PAUSES = [
  [/[，,、：:；;—–]/g, 0.15],
  [/[。．！!？?]|\.(?=\s|$)/g, 0.3],
  [/…+|\.{3}|--/g, 0.4],
];
const LAST_SIGNS = /[。.!！?？”" ]+$/;
const BREATH = 0.3; // between two lines of dialogue

const count = (text, pattern) => (text.match(pattern) ?? []).length;
const amount = (text, han, words) => count(text, HAN) / han + count(text, WORD) / words;

export const speechSeconds = (text) =>
  amount(text, 4.5, 2.7) + PAUSES.reduce((sum, [sign, weight]) => sum + weight * count(text.replace(LAST_SIGNS, ""), sign), 0);
export const actionSeconds = (text) => Math.max(amount(text, 6.3, 3.8) + 1, 2.8);
export const readingSeconds = (text) => Math.max(amount(text, 5, 2.5) + 1.2, 2.5);

export const wordsIn = (text) => count(text, HAN) + count(text, WORD);

const INNER = /[（(][^（）()]*[）)]/g;

export function secondsOf(kind, text) {
  if (kind === "dialogue" || kind === "lyric") return speechSeconds(text);
  if (kind === "cue") return BREATH;
  if (kind === "speech") return BREATH + speechSeconds(text.replace(/^[^:：]*[:：]/, "").replace(INNER, ""));
  if (kind === "action") return actionSeconds(text);
  return kind === "card" ? readingSeconds(text.replace(/[【】]/g, "").replace(/^[^:：]*[:：]/, "")) : 0;
}
