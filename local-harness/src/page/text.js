// Writes values for people. In: numbers and foreign text. Out: strings, or nodes in which foreign
// text cannot change its surroundings: isolated, and with invisible characters made visible.

import { element } from "./dom.js";

// Controls, bidirectional controls, zero-width characters, line separators, tags, lone surrogates.
const INVISIBLE = new RegExp(
  "[\\u0000-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u115f\\u1160\\u180e\\u200b-\\u200f" +
  "\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufe00-\\ufe0f\\ufeff\\uffa0\\ufff9-\\ufffb" +
  "\\u{e0000}-\\u{e0fff}\\ud800-\\udfff]", "gu");
const SHORT = new Map([["\n", "\\n"], ["\r", "\\r"], ["\t", "\\t"]]);

/** Foreign text as a string without invisible characters. */
export function plain(text) {
  return String(text).replace(INVISIBLE, escape);
}

/** Foreign text as an isolated node; escapes are marked. */
export function foreign(text, className = "") {
  const node = element("bdi", { class: className || null });
  const whole = String(text);
  let from = 0;
  for (const match of whole.matchAll(INVISIBLE)) {
    node.append(whole.slice(from, match.index));
    node.append(element("span", { class: "escape" }, escape(match[0])));
    from = match.index + match[0].length;
  }
  node.append(whole.slice(from));
  return node;
}

function escape(character) {
  return SHORT.get(character) ?? `\\u{${character.codePointAt(0).toString(16)}}`;
}

/** 2600000 -> "2.6 MB". */
export function bytes(count) {
  if (!Number.isFinite(count)) return "–";
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** 5.25 -> "5.3 ms", 12345 -> "12.3 s". */
export function milliseconds(value) {
  if (!Number.isFinite(value)) return "–";
  if (value >= 9999.5) return `${(value / 1000).toFixed(1)} s`;
  return `${value.toFixed(value < 99.95 ? 1 : 0)} ms`;
}

/** Small amounts keep three significant digits: 0.0000123 -> "$0.0000123". */
export function dollars(amount) {
  if (!Number.isFinite(amount)) return "–";
  if (amount === 0) return "$0";
  if (Math.abs(amount) >= 1) return `$${amount.toFixed(2)}`;
  const digits = Math.min(12, 2 - Math.floor(Math.log10(Math.abs(amount))));
  return `$${amount.toFixed(digits)}`;
}

/** 12345.678 -> "12,345.7"; whole numbers stay whole. */
export function amount(value) {
  if (!Number.isFinite(value)) return "–";
  return value.toLocaleString("en-US", { maximumSignificantDigits: value < 1000 ? 4 : 9 });
}

/** How much smaller a file is than its source: "−98.7%". */
export function saved(variantBytes, sourceBytes) {
  if (!(sourceBytes > 0) || !Number.isFinite(variantBytes)) return "–";
  const percent = (variantBytes / sourceBytes - 1) * 100;
  const sign = percent > 0 ? "+" : "−";
  const digits = percent < -99.95 ? 2 : 1;
  return `${sign}${Math.abs(percent).toFixed(digits)}%`;
}

/** "4000 × 3000". */
export function size(width, height) {
  return `${width} × ${height}`;
}

/** The time of day, to the second. */
export function clock(unixMilliseconds) {
  return new Date(unixMilliseconds).toLocaleTimeString("en-GB");
}

/** "1 variant", "5 variants". */
export function count(number, noun, plural = `${noun}s`) {
  return `${number.toLocaleString("en-US")} ${number === 1 ? noun : plural}`;
}
