// Menus are popovers: the browser opens and closes them; here they find their place and are walked with arrows.
const GAP = 6;

function place(menu) {
  const opener = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
  if (!opener) return;
  const at = opener.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const rightwards = at.left + size.width > innerWidth - GAP;
  const left = Math.max(GAP, rightwards ? at.right - size.width : at.left);
  const below = at.bottom + GAP + size.height <= innerHeight;
  const top = below ? at.bottom + GAP : Math.max(GAP, at.top - GAP - size.height);
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}

const lines = (menu) => [...menu.querySelectorAll("[role=menuitem]:not(:disabled)")];

function walk(event, menu) {
  const all = lines(menu);
  const here = all.indexOf(document.activeElement);
  const steps = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: all.length - 1 };
  if (!(event.key in steps) || !all.length) return;
  event.preventDefault();
  event.stopPropagation();
  all[(steps[event.key] + all.length) % all.length].focus();
}

export function startMenus() {
  document.addEventListener(
    "toggle",
    (event) => {
      const menu = event.target;
      if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover]")) return;
      const opener = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
      opener?.setAttribute("aria-expanded", String(event.newState === "open"));
      if (event.newState !== "open") return;
      place(menu);
      lines(menu)[0]?.focus({ preventScroll: true });
    },
    true,
  );
  document.addEventListener("keydown", (event) => {
    const menu = event.target instanceof Element ? event.target.closest(".menu[popover]") : null;
    if (menu) walk(event, menu);
  });
  document.addEventListener("click", (event) => {
    const menu = event.target instanceof Element ? event.target.closest("[role=menuitem]")?.closest(".menu[popover]") : null;
    if (menu) menu.hidePopover();
  });
  addEventListener("resize", () => document.querySelectorAll(".menu:popover-open").forEach((menu) => menu.hidePopover()));
}
