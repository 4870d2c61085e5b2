// The variants of an upload as a table. In: an upload, and what to call when one is chosen for
// the comparison, or null. Out: a table with a line of sums.

import { button, element, link } from "./dom.js";
import { bytes, foreign, plain, saved, size } from "./text.js";

const MAX_VARIANTS = 200;

/** Names, formats, sizes, bytes, and how much smaller or larger than the source each is. */
export function variantTable(upload, onCompare) {
  const { variants, source } = upload;
  const shown = variants.slice(0, MAX_VARIANTS);
  const sum = variants.reduce((total, variant) => total + variant.bytes, 0);
  const heads = ["Name", "Format", "Size", "Bytes", "Change", onCompare && "Compare"];
  return element("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "Variants" },
    element("table", { class: "numbers variants" },
      element("thead", {}, element("tr", {}, ...heads.filter(Boolean).map((name, index) =>
        element("th", { scope: "col", class: index > 1 ? "end" : null }, name)))),
      element("tbody", {}, ...shown.map((variant) => row(variant, source, onCompare))),
      element("tfoot", {}, element("tr", {},
        element("th", { scope: "row", colspan: 3 }, `Sum of ${variants.length}`),
        element("td", { class: "end" }, bytes(sum)),
        element("td", { class: "end" }, source ? saved(sum, source.bytes) : "–"),
        onCompare && element("td")))));
}

/** "image/webp" -> "WebP", with a note on animations. */
export function formatName({ media_type: type, animated }) {
  const names = {
    "image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/avif": "AVIF",
    "image/gif": "GIF",
  };
  return `${names[type] ?? type}${animated ? ", animated" : ""}`;
}

function row(variant, source, onCompare) {
  const compare = onCompare && element("td", { class: "end" },
    button("Show", () => onCompare(variant), {
      className: "small quiet-button", name: `Show ${plain(variant.name)} beside the source`,
    }));
  return element("tr", {},
    element("th", { scope: "row" }, link(variant.url, foreign(variant.name))),
    element("td", {}, foreign(formatName(variant))),
    element("td", { class: "end" }, size(variant.width, variant.height)),
    element("td", { class: "end" }, bytes(variant.bytes)),
    element("td", { class: "end" }, source ? saved(variant.bytes, source.bytes) : "–"),
    compare);
}
