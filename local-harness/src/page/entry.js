// One entry of the list: a line of facts that opens to the details. In: an upload, and later the
// report of its invocation. Out: a list item. Details are built when they are first opened.

import { Details } from "./details.js";
import { element, picture } from "./dom.js";
import { kindName, kindOf, outcomeName } from "./outcomes.js";
import { clock, count, dollars, foreign, milliseconds, bytes, plain, size } from "./text.js";
import { stack } from "./timeline.js";

/** An upload in the list. */
export class Entry {
  #billed = element("span", {}, "–");
  #details = null;
  #invocation = null;

  constructor(upload, actions) {
    this.upload = upload;
    const body = element("div", { class: "details" });
    const box = element("details", {
      class: "upload",
      ontoggle: () => {
        if (!box.open || this.#details !== null) return;
        this.#details = new Details(upload, actions);
        this.#details.showInvocation(this.#invocation);
        body.append(this.#details.node);
      },
    }, this.#summary(), body);
    this.node = element("li", { "data-at": upload.at_ms, "data-kind": kindOf(upload.kind) }, box);
  }

  /** Shows what START, END and REPORT say; null where nothing is known yet. */
  showInvocation(invocation) {
    this.#invocation = invocation;
    this.#billed.textContent = milliseconds(invocation?.report?.billed_ms);
    this.#details?.showInvocation(invocation);
  }

  #summary() {
    const upload = this.upload;
    const { total_ms: total } = upload.times ?? {};
    return element("summary", { class: "upload-grid" },
      thumbnail(upload),
      element("span", { class: "upload-key" },
        element("span", { class: "key", title: plain(upload.key) }, foreign(upload.key)),
        element("span", { class: "quiet numbers facts" }, sourceFacts(upload))),
      element("span", { class: "upload-outcome" },
        element("span", { class: "chip", title: kindName(upload.kind) },
          outcomeName(upload.outcome)),
        element("span", { class: "quiet numbers" }, outcomeFacts(upload))),
      cell("total", element("span", {}, milliseconds(total)), stack(upload)),
      cell("billed", this.#billed),
      cell("cost", dollars(upload.dollars)),
      cell("ended", element("time", { datetime: new Date(upload.at_ms).toISOString() },
        clock(upload.at_ms))));
  }
}

function cell(label, ...content) {
  return element("span", { class: `numbers cell cell-${label}` },
    element("span", { class: "cell-label" }, `${label} `), ...content);
}

function thumbnail({ variants, kind }) {
  const pixels = (variant) => variant.width * variant.height;
  const smallest = [...variants].sort((a, b) => pixels(a) - pixels(b))[0];
  const missing = { refused: "×", failed: "!" }[kind] ?? "–";
  return picture(smallest?.url, { width: 44, height: 44, className: "thumb", missing });
}

function sourceFacts({ source }) {
  if (!source) return "no picture was read";
  return `${source.format} · ${bytes(source.bytes)} · ${size(source.width, source.height)}`;
}

function outcomeFacts(upload) {
  const facts = [];
  if (upload.variants.length > 0) facts.push(count(upload.variants.length, "variant"));
  if (upload.delivery > 1) facts.push(`delivery ${upload.delivery}`);
  if (upload.init_ms !== null && upload.init_ms !== undefined) facts.push("cold start");
  return facts.join(" · ");
}
