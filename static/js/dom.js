// Small helpers that several behaviours share.
export const on = (type, selector, handler, capture = false) =>
  document.addEventListener(
    type,
    (event) => {
      const found = event.target instanceof Element ? event.target.closest(selector) : null;
      if (found) handler(event, found);
    },
    capture,
  );

export const inText = (element) =>
  element instanceof HTMLElement &&
  (element.isContentEditable ||
    element.matches("textarea, select, [role=textbox], input:not([type=checkbox], [type=radio], [type=button], [type=submit])"));

export const isShown = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[inert]");

export const icon = (name) => {
  const sheet = document.querySelector("svg.ic use")?.getAttribute("href")?.split("#")[0] ?? "";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "ic");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${sheet}#${name}`);
  svg.append(use);
  return svg;
};
