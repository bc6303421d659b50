// Answers about a line are kept: at each key all lines but one are the same as before.
const MOST = 20_000;

export function memo(answer) {
  const kept = new Map();
  return (text, more = "") => {
    const key = more ? `${more}\n${text}` : text;
    if (!kept.has(key)) {
      if (kept.size > MOST) kept.clear();
      kept.set(key, answer(text, more));
    }
    return kept.get(key);
  };
}
