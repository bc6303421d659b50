// What stands beside the text: one panel at a time, fetched when it is opened and again when it went stale.
import { on } from "../dom.js";

const KEY = "reelroom.inspector";

export function startInspector(editor) {
  const panel = document.getElementById("inspector-panel");
  if (!panel) return;
  const tabs = [...document.querySelectorAll("[data-tab]")];
  let open = "";

  const load = (address) => window.htmx.ajax("GET", address, { target: "#inspector-panel", swap: "innerMorph" });
  const show = (name) => {
    const tab = tabs.find((one) => one.dataset.tab === name) ?? tabs[0];
    open = tab.dataset.tab;
    for (const one of tabs) {
      if (one === tab) one.setAttribute("aria-current", "true");
      else one.removeAttribute("aria-current");
    }
    sessionStorage.setItem(KEY, open);
    return load(tab.getAttribute("href"));
  };
  editor.openTab = (name) => (name === open ? Promise.resolve() : show(name));
  editor.reloadTab = (name) => (name === open ? show(name) : Promise.resolve());

  on("click", "[data-tab]", (event, tab) => {
    event.preventDefault();
    show(tab.dataset.tab);
  });
  // links of a panel to itself (a filter, the next page) stay beside the text
  panel.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.defaultPrevented || event.metaKey || event.ctrlKey) return;
    const own = tabs.find((one) => one.dataset.tab === open);
    if (new URL(link.href).pathname !== new URL(own.href).pathname) return;
    event.preventDefault();
    load(link.getAttribute("href"));
  });
  const named = new URLSearchParams(location.search).get("tab");
  show(named ?? sessionStorage.getItem(KEY) ?? tabs[0].dataset.tab);
}
