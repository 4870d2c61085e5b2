// The list of the last 200 uploads, newest first. In: `upload` and `invocation` events.
// Out: entries in the page; an invocation that ends in an error without an upload has one too.

import { byId } from "./dom.js";
import { Entry } from "./entry.js";
import { outcomeName } from "./outcomes.js";
import { count, plain } from "./text.js";

const MAX_ENTRIES = 200;
const MAX_INVOCATIONS = 400;

/** The entries, by their identity, and the facts of invocations, by request ID. */
export class Uploads {
  #entries = new Map();
  #invocations = new Map();
  #running = new Set();
  #actions;

  /** `actions.tryRule(upload)` opens the form for an upload. */
  constructor(actions) {
    this.#actions = actions;
  }

  /** An upload's end; false for a repeated event, which changes nothing. */
  add(upload, isLive) {
    const identity = `${upload.request_id} ${upload.id}`;
    if (this.#entries.has(identity)) return false;
    const entry = new Entry(upload, this.#actions);
    entry.showInvocation(this.#invocations.get(upload.request_id) ?? null);
    this.#entries.set(identity, entry);
    this.#place(entry);
    this.#bound();
    byId("uploads-empty").hidden = true;
    if (isLive) announce(upload);
    return true;
  }

  /** The start or the end of an invocation. */
  invocation(event) {
    if (event.state === "started") this.#running.add(event.request_id);
    else this.#ended(event);
    this.#showRunning();
  }

  /** After the connection was lost, what ran then is unknown. */
  forgetRunning() {
    this.#running.clear();
    this.#showRunning();
  }

  /** Once the first events are here: says so if there are none. */
  settle() {
    byId("uploads-empty").hidden = this.#entries.size > 0;
  }

  #ended(event) {
    this.#running.delete(event.request_id);
    this.#invocations.set(event.request_id, event);
    if (this.#invocations.size > MAX_INVOCATIONS) {
      this.#invocations.delete(this.#invocations.keys().next().value);
    }
    const own = [...this.#entries.values()]
      .filter((entry) => entry.upload.request_id === event.request_id);
    for (const entry of own) entry.showInvocation(event);
    if (own.length === 0 && event.report?.status) this.add(withoutUpload(event), false);
  }

  #place(entry) {
    const list = byId("uploads");
    for (const node of list.children) {
      if (Number(node.dataset.at) <= entry.upload.at_ms) {
        node.before(entry.node);
        return;
      }
    }
    list.append(entry.node);
  }

  #bound() {
    while (this.#entries.size > MAX_ENTRIES) {
      const last = byId("uploads").lastElementChild;
      const [identity] = [...this.#entries].find(([, entry]) => entry.node === last);
      this.#entries.delete(identity);
      last.remove();
    }
  }

  #showRunning() {
    const running = this.#running.size;
    byId("running").textContent =
      running === 0 ? "newest first" : `${count(running, "invocation")} running`;
  }
}

/** The entry of an invocation that ended before it logged an upload. */
function withoutUpload(event) {
  return {
    id: "invocation", request_id: event.request_id, at_ms: event.at_ms, bucket: null,
    key: `invocation ${event.request_id}`, outcome: event.report.status, kind: "failed",
    message: "The invocation ended before it logged an upload. The log lines say why.",
    source: null, times: { total_ms: event.report.duration_ms }, init_ms: event.report.init_ms,
    rounds: null, requests: {}, delivery: null, dollars: null, variants: [],
  };
}

function announce(upload) {
  byId("announcer").textContent = `${plain(upload.key).slice(0, 80)}: ` +
    `${outcomeName(upload.outcome)}, ${count(upload.variants.length, "variant")}`;
}
