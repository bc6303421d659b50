// The sentence a form left for this page is shown once: its cookie is forgotten.
export function startNotes() {
  if (document.cookie.includes("reelroom_note=")) document.cookie = "reelroom_note=; max-age=0; path=/";
}
