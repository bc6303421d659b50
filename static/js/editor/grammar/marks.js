// Lines that both formats share: 【…】, [[notes]], cards, episodes, △: the rules of app/scripts/formats/marks.py.
import { CARDS, FLASHBACKS, FLASHBACK_ENDS, NOTES, PEOPLE, PROFILES, SOUNDS, TRANSITIONS, stripped, trim } from "./vocabulary.js";

export const TRIANGLES = "△▲Δ∆▵▽▼";
const BRACKET = /^【([^】:：]{1,60})(?:[:：]([^】]*))?】(.*)$/s;
const HALF_BRACKET = /^\[([^\]\[】:：]{1,60})(?:[:：]([^\]]*))?\](.*)$/s;
const LABELLED = /^([^\s:：]{1,8})[:：](.*)$/s;
const CARD = /^(SUPER|SUPERIMPOSE|TITLE CARD|CHYRON|CARD|TITLE OVER|INTERTITLE)\s?:\s*(\S.*)$/i;
const EPISODE = /^第\s{0,2}([零〇一二两三四五六七八九十百\d]{1,6})\s{0,2}集(.*)$/;
const EPISODE_EN = /^(EPISODE|EP\.?)\s{0,3}(\d{1,5})(?:\s*[:.\-–—]\s*|\s+|$)(.*)$/i;
const SEPARATORS = " :：、.．-—–·|";

export function labelled(label, words) {
  if (CARDS.has(label)) return "card";
  if (SOUNDS.has(label)) return "sound";
  if (FLASHBACK_ENDS.has(label) || FLASHBACKS.has(label)) return "flashback";
  if (TRANSITIONS.has(label) && !words) return "transition";
  return NOTES.has(label) ? "note" : "insert";
}

export function bracket(text, half = false) {
  const found = BRACKET.exec(text) ?? (half ? HALF_BRACKET.exec(text) : null);
  if (!found || (found[2] && trim(found[3]))) return "";
  const label = trim(found[1]);
  return label ? labelled(label, trim(found[2] || found[3] || "").replace(/^[:：\s]+/, "")) : "";
}

export function note(text) {
  if (!(text.startsWith("[[") && text.endsWith("]]") && text.length >= 4)) return "";
  const inner = trim(text.slice(2, -2));
  if (PROFILES.has(inner)) return "profile";
  const label = LABELLED.exec(inner)?.[1] ?? "";
  if (PROFILES.has(label)) return "profile";
  if (PEOPLE.has(label)) return "cast";
  if (label === "正文") return "text";
  if (NOTES.has(label)) return "note";
  return inner.includes("]]") ? "" : "note";
}

export const triangle = (text) => (text && TRIANGLES.includes(text[0]) ? "action" : "");
export const card = (text) => (CARD.test(text) ? "card" : "");

export function episode(text) {
  if (EPISODE_EN.test(text)) return "episode";
  const found = EPISODE.exec(text);
  if (!found) return "";
  const title = stripped(found[2], SEPARATORS);
  const attached = found[2] !== "" && !` \t\u3000《${SEPARATORS}`.includes(found[2][0]);
  const prose = /[。，！？；]/.test(title) || /^(完|结束|终|到此)/.test(title);
  const tooLong = title.length > (attached ? 12 : 40);
  return tooLong || (prose && (attached || title.length > 20)) ? "" : "episode";
}
