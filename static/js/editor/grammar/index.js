// The screenplay in the editor: what lines are, how they look, keys, completion, folding, the list of scenes.
import { Prec } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { t } from "../../words.js";
import { completing } from "./completing.js";
import { folding } from "./folding.js";
import { keys } from "./keys.js";
import { startScenes } from "./scenes.js";
import { script } from "./script.js";
import { searching } from "./searching.js";
import { styles } from "./styles.js";

export const extensions = (config) => [
  script,
  styles,
  folding(),
  searching(),
  config.may.edit ? [completing(), Prec.default(keymap.of(keys))] : [],
];

export function start(editor) {
  startScenes(editor);
  editor.keys.push(["Ctrl+f", t("Find and replace")], ["Ctrl+Shift+[", t("Fold the scene")], ["Ctrl+Shift+]", t("Unfold the scene")]);
  if (!editor.may.edit) return;
  editor.keys.unshift(
    ["Tab", t("Another element: action, dialogue, heading …")],
    ["Enter", t("Go on with the block; twice ends it")],
    ["Ctrl+Space", t("Suggest names, places, times")],
    ["Alt+ArrowUp", t("Move the chosen scene up, in the list of scenes")],
  );
}
