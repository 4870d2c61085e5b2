// Totals, the bill, and the facts of the harness. In: `totals` events, and the answer of
// /api/info. Out: their places in the page.

import { byId, element, pairNodes } from "./dom.js";
import { amount, bytes, dollars, foreign } from "./text.js";

const whole = (value) => (Number.isFinite(value) ? value.toLocaleString("en-US") : "–");

/** The strip of totals and the bill; null before the first event. */
export function showTotals(totals) {
  const of = totals ?? {};
  const tiles = [
    ["Uploads", whole(of.uploads)],
    ["Stored", whole(of.stored), "stored"],
    ["Refused", whole(of.refused), of.refused > 0 && "refused"],
    ["Failed", whole(of.failed), of.failed > 0 && "failed"],
    ["Variants", whole(of.variants)],
    ["Invocations", whole(of.invocations), null, totals && `${whole(of.cold_starts)} cold`],
    ["Bytes in", bytes(of.source_bytes), null, totals && `${bytes(of.variant_bytes)} out`],
    ["Per million", of.uploads > 0 ? dollars(of.dollars_per_million_uploads) : "–", "cost"],
  ];
  byId("totals").replaceChildren(...tiles.map(tile));
  byId("bill").replaceChildren(bill(of));
}

/** Where everything is, and what things cost. */
export function showInfo(info) {
  const code = (text) => element("code", {}, foreign(text, "wrap"));
  byId("harness").replaceChildren(...pairNodes([
    ["Upload bucket", code(info.upload_bucket)],
    ["S3", code(info.s3)],
    ["Lambda", code(info.lambda)],
    ["Function URL", code(info.function_url)],
    ["Region", code(info.region)],
    ["Memory", `${whole(info.memory_mb)} MB, ${info.architecture}`],
    ["Timeout", `${info.timeout_s} s`],
    ["Concurrency", whole(info.concurrency)],
    ["Objects in", code(info.data_dir)],
  ]));
  byId("prices-date").textContent = `AWS prices of ${info.prices.as_of}, ${info.region}`;
  byId("empty-bucket").textContent = info.upload_bucket;
  byId("empty-command").textContent = `aws s3 cp photo.jpg s3://${info.upload_bucket}/`;
  byId("config-box").hidden = false;
  byId("config").textContent = info.config_toml || "The built-in one: widths 160, 320, 640, " +
    "1080 and 1920 in the format of the upload.";
}

function tile([name, value, kind, more]) {
  return element("div", { class: "tile numbers", "data-kind": kind || null },
    element("dt", {}, name, kind === "cost" && element("span", { class: "long" }, " uploads")),
    element("dd", {}, value, more && element("span", { class: "quiet more" }, ` ${more}`)));
}

/** Requests are counted; only other units need their name. */
function unitNode(unit) {
  return !unit || unit.startsWith("request") ? null
    : element("span", { class: "quiet" }, ` ${unit}`);
}

function bill(totals) {
  const lines = totals.bill ?? [];
  const row = ({ name, amount: quantity, unit, dollars: price }) => element("tr", {},
    element("th", { scope: "row" }, foreign(name)),
    element("td", { class: "end" }, amount(quantity), unitNode(unit)),
    element("td", { class: "end" }, dollars(price)));
  const empty = element("tr", {},
    element("td", { colspan: 3, class: "quiet" }, "Each upload adds to these lines."));
  return element("table", { class: "numbers bill" },
    element("thead", { class: "unseen" }, element("tr", {},
      ...["Line", "Amount", "Dollars"].map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, ...(lines.length > 0 ? lines.map(row) : [empty])),
    element("tfoot", {}, element("tr", {},
      element("th", { scope: "row", colspan: 2 }, "So far"),
      element("td", { class: "end" }, dollars(totals.dollars)))));
}
