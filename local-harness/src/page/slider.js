// Compares the source with a variant in one frame. In: an upload, and the windows of cropped
// variants where they are known. Out: a node with a slider, and a function that changes the
// variant; null if there is nothing to compare.

import { allowedUrl, element } from "./dom.js";
import { bytes, plain, saved, size } from "./text.js";
import { formatName } from "./variants.js";

const MIN_WIDTH = 320;
const MAX_WIDTH = 760;
const MAX_HEIGHT = 560;

/** `crops[name]` is a variant's window in fractions of the upright source, and its `fit`. */
export function comparison(upload, crops = {}) {
  const { source, variants } = upload;
  if (!allowedUrl(source?.url) || variants.length === 0) return null;
  const before = element("img", { alt: "The source", class: "before", draggable: "false" });
  const after = element("img", { alt: "The variant", class: "after", draggable: "false" });
  const divider = element("span", { class: "divider", "aria-hidden": "true" });
  const note = element("p", { class: "quiet numbers slider-note" });
  const range = element("input", {
    type: "range", min: 0, max: 100, step: 1, value: 50, class: "slider-range",
    "aria-label": "Share of the frame that shows the source",
    oninput: () => split(Number(range.value)),
  });
  const frame = element("div", { class: "frame" }, after,
    element("div", { class: "before-clip" }, before), divider,
    element("span", { class: "tag tag-before", "aria-hidden": "true" }, "source"),
    element("span", { class: "tag tag-after", "aria-hidden": "true" }, "variant"), range);
  const choice = element("select", { onchange: () => show(variants[choice.selectedIndex]) },
    ...variants.map((variant) => element("option", { dir: "auto" }, label(variant))));

  function split(percent) {
    frame.style.setProperty("--split", `${percent}%`);
    range.setAttribute("aria-valuetext", `${percent}% source, ${100 - percent}% variant`);
  }

  function show(variant) {
    choice.selectedIndex = variants.indexOf(variant);
    const scale = Math.min(MAX_WIDTH / variant.width, MAX_HEIGHT / variant.height,
      Math.max(1, MIN_WIDTH / variant.width));
    frame.style.setProperty("--width", `${Math.round(variant.width * scale)}px`);
    frame.style.setProperty("--ratio", `${variant.width} / ${variant.height}`);
    after.src = allowedUrl(variant.url) ?? "";
    const crop = crops[variant.name] ?? null;
    place(before, crop);
    note.replaceChildren(...notes(source, variant, crop === null && isCropped(source, variant)));
  }

  before.src = allowedUrl(source.url);
  before.addEventListener("error", () => {
    note.textContent = `The browser cannot show the source (${plain(source.format)}). ` +
      "The frame shows the variant alone.";
    split(0);
    frame.classList.add("alone");
  });
  split(50);
  show(variants.reduce((best, one) => (one.width > best.width ? one : best)));
  const node = element("div", { class: "slider" },
    element("label", { class: "field inline" }, "Variant", choice), frame, note);
  return { node, show };
}

function place(image, crop) {
  const { style } = image;
  const window = crop ?? { x: 0, y: 0, width: 1, height: 1 };
  style.width = `${100 / window.width}%`;
  style.height = `${100 / window.height}%`;
  style.left = `${(-100 * window.x) / window.width}%`;
  style.top = `${(-100 * window.y) / window.height}%`;
  style.objectFit = crop === null ? "cover" : crop.fit === "pad" ? "contain" : "fill";
}

function isCropped(source, { width, height }) {
  const sourceRatio = source.width / source.height;
  const isWithinRounding = Math.abs(sourceRatio * height - width) < 1.5 ||
    Math.abs(width / sourceRatio - height) < 1.5;
  return !isWithinRounding;
}

function label(variant) {
  const { name, width, height } = variant;
  return `${plain(name)} · ${plain(formatName(variant))} · ${size(width, height)}`;
}

function notes(source, variant, isWindowUnknown) {
  const facts = `Source ${bytes(source.bytes)}, variant ${bytes(variant.bytes)} ` +
    `(${saved(variant.bytes, source.bytes)}). Move with the arrow keys.`;
  const hint = " The variant has another shape: the source is shown around its center.";
  return isWindowUnknown ? [facts, hint] : [facts];
}
