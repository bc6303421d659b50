// Who is here, where they are, and following one of them.
import { EditorView } from "@codemirror/view";
import { t } from "../words.js";
import { placeIn } from "./carets.js";

export function startPresence(editor) {
  const { awareness, text, view, root } = editor;
  const list = root.querySelector("[data-people]");
  const told = root.querySelector("[data-following]");
  let followed = null;

  awareness.setLocalStateField("user", editor.config.me);

  const people = () => {
    const seen = new Map();
    for (const [client, state] of awareness.getStates()) {
      if (!state.user?.id || client === awareness.clientID) continue;
      const place = placeIn(text, state.cursor?.head);
      const before = seen.get(state.user.id);
      if (!before || before.place === null) seen.set(state.user.id, { ...state.user, client, place });
    }
    seen.delete(editor.config.me.id); // another tab of one's own is no colleague
    return [...seen.values()];
  };

  const where = (person) => {
    if (person.place === null) return t("reads along");
    const scene = editor.sceneAt?.(person.place);
    if (scene) return t("in %(scene)s", { scene: scene.heading });
    return t("in line %(line)s", { line: view.state.doc.lineAt(Math.min(person.place, view.state.doc.length)).number });
  };

  const draw = () => {
    const here = people();
    list.replaceChildren(...here.slice(0, 8).map((person) => chip(person, where(person), followed === person.id)));
    if (here.length > 8) list.append(Object.assign(document.createElement("small"), { textContent: `+${here.length - 8}` }));
    editor.emit("people", here);
    const leader = here.find((person) => person.id === followed);
    if (followed && !leader) follow(null);
    else if (leader) goTo(leader.place);
  };

  const goTo = (place) => {
    if (place === null || place > view.state.doc.length) return;
    view.dispatch({ effects: EditorView.scrollIntoView(place, { y: "center" }) });
  };

  const follow = (id) => {
    followed = id;
    const leader = people().find((person) => person.id === id);
    told.hidden = !leader;
    told.querySelector("span").textContent = leader ? t("Following %(name)s", { name: leader.name }) : "";
    soon();
  };

  let timer = 0;
  const soon = () => {
    timer ||= setTimeout(() => {
      timer = 0;
      draw();
    }, 100);
  };
  awareness.on("change", soon);
  editor.on("outline", soon);
  list.addEventListener("click", (event) => {
    const id = event.target.closest("button")?.dataset.person;
    if (id) follow(id === followed ? null : id);
  });
  // whoever moves by themselves follows nobody
  const stop = () => followed && follow(null);
  for (const name of ["wheel", "touchmove", "mousedown"]) view.scrollDOM.addEventListener(name, stop, { passive: true });
  view.contentDOM.addEventListener("keydown", stop);
  document.addEventListener("keydown", (event) => event.key === "Escape" && stop());
  told.querySelector("button").addEventListener("click", stop);
  draw();
}

function chip(person, where, isFollowed) {
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.person = person.id;
  button.className = `who p${Number(person.colour) % 7 || 1}${person.place === null ? " away" : ""}`;
  button.title = `${person.name}, ${where}`;
  button.setAttribute("aria-label", t("Follow %(name)s, %(where)s", { name: person.name, where }));
  button.setAttribute("aria-pressed", String(isFollowed));
  button.textContent = [...person.name][0] ?? "?";
  return button;
}
