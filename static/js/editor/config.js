// What the page says of the room, of the person and of what they may do.
export function readConfig() {
  const said = document.getElementById("editor-desk")?.dataset.config;
  return said ? JSON.parse(said) : null;
}

export function socketAddress(config) {
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${location.host}${config.socket}`;
}
