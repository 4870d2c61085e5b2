// Writes a rule. In: the settings of the form, as typed. Out: TOML, after docs/configuration.md.
// Settings at their defaults are left out. The server, not this module, decides what is valid.

const DEFAULTS = {
  effort: "balanced", filter: "lanczos3", light: "linear", color: "srgb", metadata: "copyright",
  animation: "first-frame", truncated: "refuse",
};
const DEFAULT_WIDTHS = ["160", "320", "640", "1080", "1920"];

/** The configuration as text, with a line break at its end. */
export function ruleToml(settings) {
  const shared = sharedLines(settings);
  const box = boxLines(settings);
  const widths = settings.widths.length === 0 && box.length === 0 && shared.length > 0
    ? DEFAULT_WIDTHS : settings.widths;
  const lines = ["[[rule]]"];
  if (widths.length > 0 && shared.length === 0) {
    lines.push(`widths = [${widths.map(number).join(", ")}]`);
  }
  lines.push(...ruleLines(settings));
  if (shared.length > 0) {
    for (const width of widths) lines.push(...variant([`width = ${number(width)}`], shared));
  }
  if (box.length > 0) lines.push(...variant(box, shared));
  return `${lines.join("\n")}\n`;
}

/** The name of the variant of the box, as the configuration gives it; null without a box. */
export function boxName({ name, width, height }) {
  if (width === "" && height === "") return null;
  if (name !== "") return name;
  if (height === "") return `w${width}`;
  return width === "" ? `h${height}` : `${width}x${height}`;
}

function ruleLines(settings) {
  const lines = [];
  if (settings.formats.length > 0) {
    lines.push(`formats = [${settings.formats.map(text).join(", ")}]`);
  }
  const qualities = Object.entries(settings.quality).filter(([, value]) => value !== "")
    .map(([format, value]) => `${format} = ${number(value)}`);
  if (qualities.length > 0) lines.push(`quality = { ${qualities.join(", ")} }`);
  for (const [name, byDefault] of Object.entries(DEFAULTS)) {
    if (settings[name] !== byDefault) lines.push(`${name} = ${text(settings[name])}`);
  }
  if (settings.trim !== "") lines.push(`trim = ${number(settings.trim)}`);
  if (settings.manifest) lines.push('output.manifest = "manifests/{key}.json"');
  return lines;
}

/** What only variants have, and the form sets for all of them. */
function sharedLines({ sharpen, background, enlarge }) {
  const lines = [];
  if (sharpen !== "") lines.push(`sharpen = ${number(sharpen)}`);
  if (background !== "") lines.push(`background = ${text(background)}`);
  if (enlarge) lines.push("enlarge = true");
  return lines;
}

function boxLines({ name, width, height, fit, gravity }) {
  if (width === "" && height === "") return [];
  const lines = [];
  if (name !== "") lines.push(`name = ${text(name)}`);
  if (width !== "") lines.push(`width = ${number(width)}`);
  if (height !== "") lines.push(`height = ${number(height)}`);
  if (fit !== "inside") lines.push(`fit = ${text(fit)}`);
  if (fit === "cover" || fit === "pad") {
    if (Array.isArray(gravity)) lines.push(`gravity = [${gravity.map(share).join(", ")}]`);
    else if (gravity !== "center") lines.push(`gravity = ${text(gravity)}`);
  }
  return lines;
}

function variant(own, shared) {
  return ["", "[[rule.variant]]", ...own, ...shared];
}

/** What is no number stays as it was typed, in quotes, so that the server can point at it. */
function number(typed) {
  return /^-?\d{1,12}$/.test(typed) ? String(Number(typed)) : text(typed);
}

function share(typed) {
  return /^-?\d{1,3}(\.\d{1,9})?$/.test(typed) ? typed : text(typed);
}

function text(value) {
  return JSON.stringify(value.toWellFormed()).replaceAll("\u007f", "\\u007f");
}
