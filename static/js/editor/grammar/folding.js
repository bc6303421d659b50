// Scenes and episodes fold behind their headings.
import { codeFolding, foldGutter, foldKeymap, foldService } from "@codemirror/language";
import { keymap } from "@codemirror/view";
import { t } from "../../words.js";
import { isSpelledOut } from "./outline.js";
import { script } from "./script.js";

const ENDS = { scene: ["scene", "episode"], episode: ["episode"] };

const service = foldService.of((state, from) => {
  const line = state.doc.lineAt(from);
  const { kinds, lines } = state.field(script);
  const ends = ENDS[kinds[line.number - 1]];
  const inside = (index) => !ends.includes(kinds[index]) || isSpelledOut(lines[index], kinds[index - 1]);
  if (!ends || isSpelledOut(line.text, kinds[line.number - 2])) return null;
  let last = line.number;
  while (last < state.doc.lines && inside(last)) last += 1;
  while (last > line.number && kinds[last - 1] === "blank") last -= 1;
  return last > line.number ? { from: line.to, to: state.doc.line(last).to } : null;
});

export const folding = () => [
  service,
  codeFolding({ placeholderText: "…" }),
  foldGutter({
    markerDOM(open) {
      const mark = document.createElement("span");
      mark.className = `fold ${open ? "open" : ""}`;
      mark.title = open ? t("Fold") : t("Unfold");
      return mark;
    },
  }),
  keymap.of(foldKeymap),
];
