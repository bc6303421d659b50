// The list of scenes beside the text: where one is, how long each runs, moved by dragging or by keys.
import Sortable from "sortablejs";
import { t, tn } from "../../words.js";
import { outlineOf } from "./outline.js";
import { script } from "./script.js";

function clock(exact) {
  const seconds = Math.round(exact);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

export function startScenes(editor) {
  const { view, config } = editor;
  const list = document.getElementById("editor-outline");
  const totals = document.getElementById("editor-totals");
  let outline = { scenes: [], sums: { words: 0, seconds: 0, pages: 1 } };

  editor.sceneAt = (place) => outline.scenes.find((scene) => scene.from <= place && place < Math.max(scene.to, scene.from + 1)) ?? null;

  let dragging = false;
  const draw = () => {
    if (dragging) return; // what is held would go
    outline = outlineOf(view.state.doc, view.state.field(script));
    if (list) drawList(list, outline.scenes, config.may.edit);
    if (totals) drawTotals(totals, outline.sums, config.target_seconds);
    markCurrent();
    editor.emit("outline", outline.scenes);
  };
  const markCurrent = () => {
    const here = editor.sceneAt(view.state.selection.main.head);
    for (const item of list?.querySelectorAll("a") ?? []) {
      if (here && Number(item.dataset.scene) === here.index) item.setAttribute("aria-current", "true");
      else item.removeAttribute("aria-current");
    }
  };
  editor.on("changed", draw);
  editor.on("selection", markCurrent);
  editor.on("people", (people) => markPeople(list, people, editor));
  list?.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-scene]");
    if (!link) return;
    event.preventDefault();
    editor.jump(outline.scenes[Number(link.dataset.scene)].from);
  });
  if (config.may.edit && list) moving(editor, list, () => outline.scenes, draw, (yes) => (dragging = yes));
  draw();
}

function drawList(list, scenes, movable) {
  const focused = document.activeElement?.closest?.("#editor-outline a")?.dataset.scene;
  const nav = document.createElement("nav");
  nav.className = "items";
  nav.setAttribute("aria-label", t("Scenes"));
  for (const scene of scenes) {
    const link = Object.assign(document.createElement("a"), { href: `#line-${scene.line}`, title: scene.heading });
    link.dataset.scene = scene.index;
    if (movable) link.setAttribute("aria-keyshortcuts", "Alt+ArrowUp Alt+ArrowDown");
    const part = (name, text, className) => link.append(Object.assign(document.createElement(name), { textContent: text, className }));
    part("span", scene.number || String(scene.index + 1), "tc faint");
    part("span", [scene.place, scene.time].filter(Boolean).join(" · "), "cut-off");
    part("small", clock(scene.seconds), "num faint");
    nav.append(link);
  }
  if (!scenes.length) {
    const hint = t("A scene begins with a heading: INT. KITCHEN - DAY, or 1-1 日 内 客厅.");
    nav.append(Object.assign(document.createElement("p"), { className: "small faint", textContent: hint }));
  }
  list.replaceChildren(nav);
  if (focused) list.querySelector(`[data-scene="${CSS.escape(focused)}"]`)?.focus();
}

function drawTotals(place, sums, target) {
  const over = target && sums.seconds > target * 1.1;
  const time = Object.assign(document.createElement("b"), { textContent: clock(sums.seconds) });
  if (over) time.className = "over";
  const words = tn("%(count)s word", "%(count)s words", sums.words);
  const pages = tn("%(count)s page", "%(count)s pages", sums.pages);
  const size = Object.assign(document.createElement("small"), { className: "faint", textContent: `${words} · ${pages}` });
  place.replaceChildren(time, ` ${target ? t("of %(target)s", { target: clock(target) }) : ""}`, size);
}

function markPeople(list, people, editor) {
  list?.querySelectorAll("i.here").forEach((dot) => dot.remove());
  for (const person of people) {
    const scene = person.place === null ? null : editor.sceneAt(person.place);
    const item = scene && list?.querySelector(`[data-scene="${scene.index}"]`);
    if (!item) continue;
    const dot = Object.assign(document.createElement("i"), { className: `here p${Number(person.colour) % 7 || 1}`, title: person.name });
    item.querySelector("small").before(dot);
  }
}

function moving(editor, list, scenes, draw, hold) {
  const move = (from, to) => {
    editor.undo.stopCapturing(); // a step of its own, apart from what was typed just before
    moveScene(editor.view, scenes(), from, to);
    editor.undo.stopCapturing();
    draw();
    list.querySelector(`[data-scene="${to}"]`)?.focus();
    editor.notice(t("The scene stands at place %(place)s now. Undo takes it back.", { place: to + 1 }), "done");
  };
  list.addEventListener("keydown", (event) => {
    const link = event.target.closest("a[data-scene]");
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!link || !event.altKey || !step) return;
    event.preventDefault();
    const from = Number(link.dataset.scene);
    if (scenes()[from + step]) move(from, from + step);
  });
  // the list is drawn anew at each change: the one that is sorted is its present child
  let sortable = null;
  const bind = () => {
    const nav = list.querySelector("nav");
    if (!nav || nav === sortable?.el) return;
    sortable?.destroy();
    sortable = Sortable.create(nav, {
      draggable: "a[data-scene]",
      animation: 120,
      onStart: () => hold(true),
      onEnd: ({ oldDraggableIndex, newDraggableIndex }) => {
        hold(false);
        if (oldDraggableIndex !== newDraggableIndex) move(oldDraggableIndex, newDraggableIndex);
        else draw();
      },
    });
  };
  editor.on("outline", bind);
}

// Moves the whole text of a scene in one change, so that one undo takes it back.
export function moveScene(view, scenes, from, to) {
  const scene = scenes[from];
  const other = scenes[to];
  if (!scene || !other || scene === other) return;
  const { doc } = view.state;
  const text = doc.sliceString(scene.from, scene.to);
  const behind = to > from ? other.to : other.from;
  const open = !text.endsWith("\n"); // it ends the script, without a line end of its own
  const joins = behind === doc.length && doc.sliceString(behind - 1, behind) !== "\n";
  const insert = open ? `${text}\n` : joins ? `\n${text.replace(/\n$/, "")}` : text;
  view.dispatch({
    changes: [{ from: open ? Math.max(0, scene.from - 1) : scene.from, to: scene.to }, { from: behind, insert }],
    userEvent: "move.line",
    scrollIntoView: true,
  });
}
