// Moments in the reader's own zone and language, kept current.
import { locale } from "../words.js";

const STEPS = [
  ["second", 45],
  ["minute", 45 * 60],
  ["hour", 22 * 3600],
  ["day", 6 * 86400],
];
const LENGTH = { second: 1, minute: 60, hour: 3600, day: 86400 };
const STYLES = {
  time: { hour: "2-digit", minute: "2-digit", hour12: false },
  date: { year: "numeric", month: "short", day: "numeric" },
  datetime: { year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false },
};

export function relative(moment, now = Date.now()) {
  const seconds = (moment - now) / 1000;
  const step = STEPS.find(([, most]) => Math.abs(seconds) < most);
  if (!step) return new Intl.DateTimeFormat(locale(), STYLES.date).format(moment);
  const [unit] = step;
  const count = unit === "second" ? 0 : Math.round(seconds / LENGTH[unit]);
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(count, unit);
}

function show(element) {
  const moment = Date.parse(element.dateTime);
  if (Number.isNaN(moment)) return;
  const style = element.dataset.format;
  const text = style === "relative" ? relative(moment) : new Intl.DateTimeFormat(locale(), STYLES[style]).format(moment);
  if (element.textContent !== text) element.textContent = text;
  element.title ||= new Intl.DateTimeFormat(locale(), { dateStyle: "full", timeStyle: "long" }).format(moment);
}

const showAll = (root = document) => root.querySelectorAll("time[data-format]").forEach(show);

export function startTimes() {
  showAll();
  setInterval(() => showAll(), 30_000);
  document.addEventListener("htmx:after:settle", () => showAll());
}
