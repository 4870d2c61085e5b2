// Draws the source of a trial and the window of it that the box keeps. In: an upload, the
// settings, and the server's window once it is known. Out: a picture with an SVG over it.

import { byId, element, picture, svg } from "./dom.js";
import { foreign, size } from "./text.js";

const MAX_HEIGHT = 300;
const PLACES = {
  northwest: [0, 0], north: [0.5, 0], northeast: [1, 0], west: [0, 0.5], center: [0.5, 0.5],
  east: [1, 0.5], southwest: [0, 1], south: [0.5, 1], southeast: [1, 1],
};

/** The picture of the form; `onPoint(x, y)` is called where it is clicked. */
export class CropView {
  #box = byId("crop");
  #frame = null;
  #overlay = svg("svg", {
    viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true", class: "crop-window",
  });
  #note = element("p", { class: "quiet numbers crop-note" });
  #onPoint;

  constructor(onPoint) {
    this.#onPoint = onPoint;
    this.showSource(null);
  }

  /** Changes the picture. */
  showSource(upload) {
    if (!upload) {
      this.#frame = null;
      this.#box.replaceChildren(element("p", { class: "empty" },
        "Upload a picture first. Then choose it here."));
      return;
    }
    const { width, height, url } = upload.source;
    this.#frame = element("div", { class: "crop-frame", onclick: (event) => this.#click(event) },
      picture(url, { width, height, alt: "The source", missing: "not shown by this browser" }),
      this.#overlay);
    this.#frame.style.setProperty("--ratio", `${width} / ${height}`);
    this.#frame.style.setProperty("--width", `${Math.round((MAX_HEIGHT * width) / height)}px`);
    this.#box.replaceChildren(this.#frame, this.#note);
  }

  /** Draws the window: the server's if it is given, else the one that the settings ask for. */
  showWindow(upload, settings, fromServer) {
    if (!upload) return;
    const window = fromServer ?? windowOf(upload.source, settings);
    const { width, height } = upload.source;
    this.#frame.dataset.takesPoint = String(settings.fit === "cover" || settings.fit === "pad");
    this.#overlay.replaceChildren(...(window ? shapes(window) : []));
    this.#note.replaceChildren(foreign(upload.source.format), ` · ${size(width, height)}`,
      window ? ` · keeps ${size(Math.round(window.width * width),
        Math.round(window.height * height))}` : "",
      window && settings.gravity === "attention" && !fromServer ? " · Try shows where" : "");
  }

  #click(event) {
    const frame = this.#frame.getBoundingClientRect();
    const share = (value) => Math.min(1, Math.max(0, value));
    this.#onPoint(share((event.clientX - frame.left) / frame.width),
      share((event.clientY - frame.top) / frame.height));
  }
}

/** The window of `cover` in fractions of the source; null where nothing is cropped. */
export function windowOf(source, { fit, width, height, gravity }) {
  const ratio = Number(width) / Number(height);
  if (fit !== "cover" || !Number.isFinite(ratio) || ratio <= 0) return null;
  const sourceRatio = source.width / source.height;
  const parts = [Math.min(1, ratio / sourceRatio), Math.min(1, sourceRatio / ratio)];
  const start = (axis) => {
    const free = 1 - parts[axis];
    if (!Array.isArray(gravity)) return free * (PLACES[gravity] ?? PLACES.center)[axis];
    return Math.min(free, Math.max(0, Number(gravity[axis]) - parts[axis] / 2));
  };
  return { x: start(0), y: start(1), width: parts[0], height: parts[1] };
}

function shapes({ x, y, width, height }) {
  const around = `M0 0H1V1H0Z M${x} ${y}v${height}h${width}v${-height}Z`;
  return [
    svg("path", { d: around, class: "crop-outside" }),
    svg("rect", { x, y, width, height, class: "crop-edge" }),
  ];
}
