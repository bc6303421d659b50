// What every page loads: htmx and the behaviours, which listen at the document and read data attributes.
import htmx from "htmx.org";
import { loadWords } from "../words.js";
import { startChanges } from "../behaviours/changes.js";
import { startConfirm } from "../behaviours/confirm.js";
import { startCopy } from "../behaviours/copy.js";
import { startDialogs } from "../behaviours/dialogs.js";
import { startForms } from "../behaviours/forms.js";
import { startKeys } from "../behaviours/keys.js";
import { startLive } from "../behaviours/live.js";
import { startMenus } from "../behaviours/menus.js";
import { startNotes } from "../behaviours/notes.js";
import { startNotices } from "../behaviours/notices.js";
import { startPreferences } from "../behaviours/preferences.js";
import { startSelection } from "../behaviours/selection.js";
import { startSorting } from "../behaviours/sorting.js";
import { startTimes } from "../behaviours/times.js";
import { startUnsaved } from "../behaviours/unsaved.js";
import { startUploads } from "../behaviours/uploads.js";

window.htmx = htmx;
startConfirm(); // first: it must be able to stop the others

loadWords();
startChanges();
startCopy();
startDialogs();
startForms();
startKeys();
startLive();
startMenus();
startNotices();
startPreferences();
startSelection();
startSorting();
startTimes();
startUnsaved();
startUploads();
startNotes();
document.documentElement.dataset.ready = "true";
