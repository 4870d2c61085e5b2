// The queue and its dead letters. In: `queue` events. Out: their places in the page. A dead
// letter that was opened stays open.

import { byId, element } from "./dom.js";
import { count, foreign } from "./text.js";

const MAX_SHOWN = 50;
const MAX_BODY = 4000;

/** Depth, messages in flight, dead letters by key. */
export function showQueue({ visible, in_flight: inFlight, dead }) {
  byId("queue-visible").textContent = visible.toLocaleString("en-US");
  byId("queue-flight").textContent = inFlight.toLocaleString("en-US");
  byId("queue-dead").textContent = dead.length.toLocaleString("en-US");
  byId("queue-dead").dataset.kind = dead.length > 0 ? "failed" : "quiet";
  const box = byId("dead-letters");
  const state = JSON.stringify(dead);
  if (box.state === state) return;
  box.state = state;
  const open = new Set([...box.querySelectorAll("details[open]")].map((node) => node.letter));
  box.replaceChildren(...(dead.length > 0 ? letters(dead, open) : []));
}

function letters(dead, open) {
  const hidden = dead.length - MAX_SHOWN;
  return [
    element("p", { class: "quiet" }, "Every delivery of these events failed. Open the upload in " +
      "the list, do what it says, then upload the picture again."),
    element("ul", { class: "letters" }, ...dead.slice(0, MAX_SHOWN).map((one) =>
      element("li", {}, letter(one, open)))),
    hidden > 0 && element("p", { class: "quiet" }, `${count(hidden, "more dead letter")}`),
  ].filter(Boolean);
}

function letter({ key, bucket, deliveries, body }, open) {
  const text = String(body);
  const shown = text.length > MAX_BODY ? `${text.slice(0, MAX_BODY)}…` : text;
  const node = element("details", { class: "plain" },
    element("summary", {},
      element("span", { class: "key" }, foreign(key ?? "no key")),
      element("span", { class: "quiet numbers" },
        ` ${count(deliveries, "delivery", "deliveries")}`)),
    element("p", { class: "quiet wrap" }, "Bucket ", foreign(bucket ?? "unknown")),
    element("pre", { tabindex: 0, "aria-label": "Event" }, foreign(shown)));
  node.letter = `${bucket}/${key}`;
  node.open = open.has(node.letter);
  return node;
}
