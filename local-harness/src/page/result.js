// The result of a trial. In: the answer of /api/try, and the settings of the form. Out: a node
// with the outcome, the variants as pictures, a comparison, numbers, and placeholders.

import { element, link, pairs, picture } from "./dom.js";
import { advice, kindOf, outcomeName } from "./outcomes.js";
import { boxName } from "./rule.js";
import { comparison } from "./slider.js";
import { bytes, foreign, milliseconds, saved, size } from "./text.js";
import { timeline } from "./timeline.js";
import { formatName, variantTable } from "./variants.js";

const MAX_CARDS = 60;
const COLOR = /^#[0-9a-f]{6}$/i;

/** Everything that the trial made. */
export function trialResult({ upload, crops, placeholders }, settings) {
  const compare = comparison(upload, withFits(upload, crops ?? {}, settings));
  return element("div", { class: "trial-result" },
    verdict(upload),
    upload.variants.length > 0 && element("ul", { class: "gallery" },
      ...upload.variants.slice(0, MAX_CARDS).map((variant) => card(variant, upload.source))),
    compare && element("section", { class: "part" },
      element("h3", {}, "Before and after"), compare.node),
    upload.variants.length > 0 && element("section", { class: "part" },
      element("h3", {}, "Variants"), variantTable(upload, compare && compare.show)),
    element("section", { class: "part" },
      element("h3", {}, "Timeline"), timeline(upload, null)),
    placeholders && placeholderFacts(placeholders));
}

function verdict(upload) {
  const toDo = kindOf(upload.kind) === "stored" ? null : advice(upload.outcome);
  return element("p", { class: "verdict wrap", "data-kind": kindOf(upload.kind) },
    element("span", { class: "chip" }, outcomeName(upload.outcome)),
    element("span", { class: "numbers" }, ` in ${milliseconds(upload.times?.total_ms)}. `),
    upload.message && foreign(upload.message), toDo && ` ${toDo}`);
}

function card(variant, source) {
  const { width, height } = variant;
  return element("li", {},
    link(variant.url, picture(variant.url, {
      width, height, alt: `Variant ${variant.name}`, missing: "not shown by this browser",
    })),
    element("p", {}, foreign(variant.name), ` ${formatName(variant)}`),
    element("p", { class: "quiet numbers" }, `${size(width, height)} · ${bytes(variant.bytes)}`),
    element("p", { class: "quiet numbers" }, source ? saved(variant.bytes, source.bytes) : ""));
}

/** Adds how the box was fitted, for which the server names no window. */
function withFits({ variants }, crops, settings) {
  const name = boxName(settings);
  const isStretched = settings.fit === "exact" || settings.fit === "pad";
  return Object.fromEntries(variants.map((variant) => {
    const fit = variant.name === name && isStretched ? settings.fit : null;
    return [variant.name, { ...(crops[variant.name] ?? WHOLE), fit }];
  }));
}

const WHOLE = { x: 0, y: 0, width: 1, height: 1 };

function placeholderFacts({ thumbhash, blurhash, dominant }) {
  const swatch = element("span", { class: "swatch", "aria-hidden": "true" });
  if (COLOR.test(dominant)) swatch.style.backgroundColor = dominant;
  return element("section", { class: "part" }, element("h3", {}, "Placeholders"), pairs([
    ["Dominant color", swatch, element("code", {}, foreign(dominant))],
    ["ThumbHash", element("code", {}, foreign(thumbhash, "wrap"))],
    ["BlurHash", element("code", {}, foreign(blurhash, "wrap"))],
  ]));
}
