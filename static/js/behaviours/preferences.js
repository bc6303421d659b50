// The theme changes at once; the server hears of it, so that the next page comes in it. A language needs new words.
export function startPreferences() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const button = event.submitter;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-preferences]") || button?.name !== "theme") return;
    event.preventDefault();
    const theme = button.value;
    document.documentElement.dataset.theme = theme;
    document.querySelector("meta[name=color-scheme]")?.setAttribute("content", theme);
    fetch(form.action, { method: "POST", body: new URLSearchParams({ theme, next: "/" }), redirect: "manual" });
    turn(theme);
  });
}

function turn(theme) {
  const words = document.documentElement.dataset;
  document.querySelectorAll("[data-preferences] button[name=theme]").forEach((button) => {
    const label = theme === "light" ? button.dataset.toDark : button.dataset.toLight;
    button.value = theme === "light" ? "dark" : "light";
    button.querySelector("use")?.setAttribute("href", sheet(button, theme === "light" ? "moon" : "sun"));
    if (button.hasAttribute("aria-label")) {
      button.setAttribute("aria-label", label);
      button.title = label;
    } else {
      button.querySelector("span").textContent = label;
    }
  });
  words.theme = theme;
}

const sheet = (button, name) => `${button.querySelector("use").getAttribute("href").split("#")[0]}#${name}`;
