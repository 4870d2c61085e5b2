// Draws where the time of an upload went. In: an upload's stage times, and the report of its
// invocation. Out: a table whose bars are SVG; the numbers in it are the text alternative.

import { element, svg } from "./dom.js";
import { milliseconds } from "./text.js";

const STAGES = [
  ["init_ms", "Init", "start"],
  ["fetch_ms", "Fetch", "network"],
  ["plan_ms", "Plan", "compute"],
  ["decode_ms", "Decode", "compute"],
  ["resize_ms", "Resize", "compute"],
  ["encode_ms", "Encode", "compute"],
  ["store_ms", "Store", "network"],
  ["verify_ms", "Verify", "network"],
];
const WIDTH = 1000;

/** A table of all stages, each with a bar from where it begins to where it ends. */
export function timeline(upload, report) {
  const spans = spansOf(upload, report);
  const end = Math.max(...spans.map((span) => span.from + span.time), 0.001);
  const rows = spans.map((span) => row(span, end));
  const billed = report ? `. Invocation billed ${milliseconds(report.billed_ms)}` : "";
  return element("table", { class: "timeline numbers" },
    element("caption", {},
      `Total ${milliseconds(upload.times?.total_ms)}${billed}. `,
      key("compute", "computing"), key("network", "requests to S3"), key("start", "init, other")),
    element("thead", { class: "unseen" }, element("tr", {},
      ...["Stage", "Time as a bar", "Time"].map((name) =>
        element("th", { scope: "col" }, name)))),
    element("tbody", {}, ...rows));
}

/** One small bar of all stages, for the list. */
export function stack(upload) {
  const spans = spansOf(upload, null).filter((span) => span.kind !== "start");
  const end = Math.max(...spans.map((span) => span.from + span.time), 0.001);
  const first = Math.min(...spans.map((span) => span.from));
  const bars = spans.map((span) => bar(span.from - first, span.time, end - first, span.kind, 4));
  return svg("svg", {
    class: "stack", viewBox: `0 0 ${WIDTH} 4`, preserveAspectRatio: "none", "aria-hidden": "true",
  }, ...bars);
}

function spansOf(upload, report) {
  const times = { ...upload.times, init_ms: report?.init_ms ?? upload.init_ms };
  let from = 0;
  const spans = STAGES.filter(([name]) => times[name] > 0 || name !== "init_ms")
    .map(([name, label, kind]) => {
      const span = { label, kind, from, time: Number(times[name]) || 0 };
      from += span.time;
      return span;
    });
  const init = Number(times.init_ms) || 0;
  const other = (Number(times.total_ms) || 0) - (from - init);
  if (other > 0.05) spans.push({ label: "Other", kind: "start", from, time: other });
  return spans;
}

function row({ label, kind, from, time }, end) {
  const share = Math.round((time / end) * 100);
  return element("tr", {},
    element("th", { scope: "row" }, label),
    element("td", { class: "timeline-bar" }, svg("svg", {
      viewBox: `0 0 ${WIDTH} 10`, preserveAspectRatio: "none", role: "img",
      "aria-label": `${share}% of the time`,
    }, bar(from, time, end, kind, 10))),
    element("td", { class: "end" }, milliseconds(time)));
}

function bar(from, time, end, kind, height) {
  const width = time > 0 ? Math.max((time / end) * WIDTH, 2) : 0;
  const x = Math.min((from / end) * WIDTH, WIDTH - width);
  return svg("rect", { class: `bar-${kind}`, x, y: 0, width, height });
}

function key(kind, name) {
  return element("span", { class: "legend" },
    svg("svg", { viewBox: "0 0 8 8", width: 8, height: 8, "aria-hidden": "true" },
      svg("rect", { class: `bar-${kind}`, width: 8, height: 8 })), name);
}
