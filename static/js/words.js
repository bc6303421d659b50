// Words that JavaScript shows, in the language of the page; English until the others have come.
let table = {};

export async function loadWords() {
  const address = document.body.dataset.words;
  if (!address) return;
  try {
    const answer = await fetch(address);
    if (answer.ok) table = await answer.json();
  } catch {
    table = {}; // offline: English will do
  }
}

const fill = (text, values) => text.replace(/%\((\w+)\)s/g, (whole, name) => values[name] ?? whole);

export const t = (message, values = {}) => fill(table[message] || message, values);

export function tn(singular, plural, count, values = {}) {
  const forms = table[singular];
  const text = forms ? forms[Math.min(count === 1 ? 0 : 1, forms.length - 1)] : count === 1 ? singular : plural;
  return fill(text, { count, ...values });
}

export const locale = () => (document.documentElement.dataset.locale === "zh" ? "zh-CN" : "en");
