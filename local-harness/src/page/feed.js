// Follows /api/feed. In: listeners by event name. Out: parsed events, and the state of the
// connection: "connecting", "live" or "lost". Connects again by itself, with a growing delay.

const EVENTS = ["invocation", "upload", "totals", "queue"];
const FIRST_DELAY_MS = 1000;
const MAX_DELAY_MS = 8000;

/** Starts following; `onState` hears of the connection. */
export function follow(listeners, onState) {
  let delay = FIRST_DELAY_MS;
  const connect = () => {
    const source = new EventSource("/api/feed");
    source.addEventListener("open", () => {
      delay = FIRST_DELAY_MS;
      onState("live");
    });
    source.addEventListener("error", () => {
      source.close();
      onState("lost");
      setTimeout(connect, delay);
      delay = Math.min(delay * 2, MAX_DELAY_MS);
    });
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => {
        const value = parse(event.data);
        if (value !== null) listeners[name](value);
      });
    }
  };
  connect();
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
