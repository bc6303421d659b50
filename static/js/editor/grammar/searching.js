// Find and replace in the script, in the words of the page.
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { keymap } from "@codemirror/view";
import { t } from "../../words.js";

const phrases = () => ({
  Find: t("Find"),
  Replace: t("Replace"),
  next: t("Next"),
  previous: t("Previous"),
  all: t("All"),
  "match case": t("Match case"),
  regexp: t("Pattern"),
  "by word": t("Whole words"),
  replace: t("Replace"),
  "replace all": t("Replace all"),
  close: t("Close"),
  "current match": t("current match"),
  "replaced match on line $": t("replaced in line $"),
  "replaced $ matches": t("$ replaced"),
  "on line": t("in line"),
  "Go to line": t("Go to line"),
  go: t("Go"),
});

export const searching = () => [search({ top: true }), highlightSelectionMatches(), keymap.of(searchKeymap), EditorState.phrases.of(phrases())];
