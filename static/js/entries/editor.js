// The live editor of a script.
import { startEditor } from "../editor/core.js";
import { loadWords } from "../words.js";

async function start() {
  await loadWords();
  startEditor();
}

start();
