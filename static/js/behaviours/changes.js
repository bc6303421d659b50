// Jumping between the changes of a comparison: the buttons that carry data-change-step, and their keys.

export function startChanges() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-change-step]");
    if (button) jump(Number(button.dataset.changeStep));
  });
}

function jump(step) {
  const lines = [...document.querySelectorAll("[data-changes] [data-change]")];
  const firsts = lines.filter((line) => !line.previousElementSibling?.hasAttribute("data-change"));
  if (!firsts.length) return;
  const now = firsts.findIndex((line) => line.hasAttribute("data-change-here"));
  const next = now < 0 ? (step > 0 ? 0 : firsts.length - 1) : (now + step + firsts.length) % firsts.length;
  for (const line of firsts) line.removeAttribute("data-change-here");
  firsts[next].setAttribute("data-change-here", "");
  firsts[next].tabIndex = -1;
  firsts[next].focus({ preventScroll: true });
  firsts[next].scrollIntoView({ block: "center" });
}
