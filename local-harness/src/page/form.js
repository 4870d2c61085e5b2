// The form of a rule. In: its fields in the page. Out: the settings as typed, and an event
// whenever they change. It also builds the choice of gravity.

import { byId, element } from "./dom.js";

const COMPASS = [
  "northwest", "north", "northeast", "west", "center", "east", "southwest", "south", "southeast",
];
const OTHER = ["attention", "point"];

/** The form; `onChange` is called after each change. */
export class RuleForm {
  #form = byId("rule-form");

  constructor(onChange) {
    byId("compass").append(...COMPASS.map((word) => choice(word, "unseen")));
    byId("compass").after(element("div", { class: "gravity-other" },
      ...OTHER.map((word) => choice(word, ""))));
    this.#enable();
    this.#form.addEventListener("input", (event) => {
      if (event.target.name === "x" || event.target.name === "y") this.#gravity("point");
      this.#enable();
      onChange();
    });
  }

  /** The settings, all as strings but for the switches. */
  settings() {
    const data = new FormData(this.#form);
    const typed = (name) => String(data.get(name) ?? "").trim();
    const gravity = data.get("gravity") ?? "center";
    return {
      widths: typed("widths").split(/[\s,]+/).filter((word) => word !== ""),
      width: typed("width"), height: typed("height"), name: typed("name"), fit: typed("fit"),
      gravity: gravity === "point" ? [typed("x") || "0.5", typed("y") || "0.5"] : gravity,
      formats: data.getAll("formats"),
      quality: {
        avif: typed("quality-avif"), webp: typed("quality-webp"), jpeg: typed("quality-jpeg"),
      },
      effort: typed("effort"), filter: typed("filter"), light: typed("light"),
      sharpen: typed("sharpen"), trim: typed("trim"), background: typed("background"),
      color: typed("color"), metadata: typed("metadata"), animation: typed("animation"),
      truncated: typed("truncated"), enlarge: data.has("enlarge"), manifest: data.has("manifest"),
    };
  }

  /** Whether the fit has a gravity. */
  takesPoint() {
    return !byId("gravity").disabled;
  }

  /** Sets a gravity point, in fractions of the source. */
  setPoint(x, y) {
    this.#form.elements.x.value = x.toFixed(2);
    this.#form.elements.y.value = y.toFixed(2);
    this.#gravity("point");
    this.#form.elements.x.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #gravity(word) {
    for (const radio of this.#form.querySelectorAll("[name=gravity]")) {
      radio.checked = radio.value === word;
    }
  }

  #enable() {
    byId("gravity").disabled = !["cover", "pad"].includes(this.#form.elements.fit.value);
  }
}

function choice(word, labelClass) {
  const radio = element("input", { type: "radio", name: "gravity", value: word });
  radio.checked = word === "center";
  return element("label", { class: "check", title: word }, radio,
    element("span", { class: labelClass || null }, word));
}
