// The details of one upload: why and what to do, before and after, variants, timeline, facts,
// log. In: an upload, and the report of its invocation. Out: one node.

import { button, element, pairs, pairNodes } from "./dom.js";
import { advice, kindName, kindOf } from "./outcomes.js";
import { comparison } from "./slider.js";
import { foreign, milliseconds } from "./text.js";
import { timeline } from "./timeline.js";
import { variantTable } from "./variants.js";

const MAX_LINES = 400;
const MAX_LINE_LENGTH = 20_000;

/** The opened part of an entry. */
export class Details {
  #upload;
  #report = element("dl", { class: "pairs" });
  #log = element("pre", { class: "log", tabindex: 0, "aria-label": "Log lines" });
  #timeline = element("div");

  constructor(upload, actions) {
    this.#upload = upload;
    const compare = comparison(upload);
    const showVariant = (variant) => compare?.show(variant);
    this.node = element("div", { class: "details-grid" },
      reason(upload),
      element("div", { class: "details-column" },
        compare && part("Before and after", compare.node),
        part("Facts", element("div", {}, this.#facts(), this.#report,
          tryButton(upload, actions)), "facts-part")),
      element("div", { class: "details-column" },
        upload.variants.length > 0 &&
          part("Variants", variantTable(upload, compare ? showVariant : null)),
        part("Timeline", this.#timeline),
        part("Log of the invocation", this.#log, "log-part")));
  }

  /** Shows the report and the log lines of the invocation, once they are there. */
  showInvocation(invocation) {
    const { report } = invocation ?? {};
    this.#report.replaceChildren(...pairNodes(reportFacts(report)));
    this.#log.replaceChildren(...logNodes(invocation?.log ?? []));
    this.#timeline.replaceChildren(timeline(this.#upload, report));
  }

  #facts() {
    const upload = this.#upload;
    const requests = Object.entries(upload.requests ?? {})
      .filter(([, number]) => number > 0)
      .map(([name, number]) => `${number} ${name.toUpperCase()}`).join(", ");
    const known = (value) => value !== null && value !== undefined;
    return pairs([
      ["Key", foreign(upload.key, "wrap")],
      known(upload.bucket) && ["Bucket", foreign(upload.bucket, "wrap")],
      ["Outcome", element("code", {}, foreign(upload.outcome, "wrap"))],
      known(upload.delivery) && ["Delivery", String(upload.delivery)],
      known(upload.rounds) && ["Rounds", String(upload.rounds)],
      ["Requests", requests || "none"],
      ["Request ID", element("code", {}, foreign(upload.request_id, "wrap"))],
    ].filter(Boolean));
  }
}

function part(title, content, className = "") {
  return element("section", { class: `part ${className}` }, element("h3", {}, title), content);
}

function reason(upload) {
  if (!upload.message && kindOf(upload.kind) !== "refused" && kindOf(upload.kind) !== "failed") {
    return null;
  }
  const toDo = advice(upload.outcome);
  return element("div", { class: "reason wide", "data-kind": kindOf(upload.kind) },
    element("p", { class: "wrap" }, element("strong", {}, `${capital(kindName(upload.kind))}. `),
      upload.message ? foreign(upload.message, "wrap") : ""),
    toDo && element("p", {}, element("strong", {}, "What to do: "), toDo));
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function reportFacts(report) {
  if (!report) return [["Report", "not known"]];
  return [
    ["Duration", milliseconds(report.duration_ms)],
    ["Billed", milliseconds(report.billed_ms)],
    ["Init", report.init_ms === null ? "none, a warm start" : milliseconds(report.init_ms)],
    ["Memory", `${report.max_memory_mb} of ${report.memory_mb} MB`],
    ...(report.status ? [["Status", foreign(report.status, "wrap")]] : []),
  ];
}

function logNodes(lines) {
  if (lines.length === 0) return ["No log lines are known for this invocation."];
  const shown = lines.slice(0, MAX_LINES).map((line) => {
    const text = String(line).slice(0, MAX_LINE_LENGTH).replaceAll("\t", "  ");
    return element("span", { class: "line" }, foreign(text), "\n");
  });
  if (lines.length > MAX_LINES) shown.push(`${lines.length - MAX_LINES} more lines`);
  return shown;
}

function tryButton(upload, actions) {
  if (!upload.source?.url) return "";
  return button("Try a rule on this picture", () => actions.tryRule(upload));
}
