// Who wants to hear of something, by its name.
export function makeEvents() {
  const heard = new Map();
  return {
    on(name, listener) {
      if (!heard.has(name)) heard.set(name, new Set());
      heard.get(name).add(listener);
      return () => heard.get(name).delete(listener);
    },
    emit(name, data) {
      for (const listener of heard.get(name) ?? []) listener(data);
    },
  };
}
