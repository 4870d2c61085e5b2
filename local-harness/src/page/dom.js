// Builds elements. In: a tag, attributes, children; strings become text nodes, never markup.
// Out: DOM nodes. URLs go through `allowedUrl`, which accepts those of the S3 endpoint alone.

const SVG = "http://www.w3.org/2000/svg";
let s3Origin = null;

/** Names the only origin that pictures and links may have. */
export function allowOrigin(origin) {
  s3Origin = new URL(origin).origin;
}

/** The URL if S3 serves it, else null. */
export function allowedUrl(url) {
  if (typeof url !== "string" || s3Origin === null) return null;
  try {
    const parsed = new URL(url);
    return parsed.origin === s3Origin ? parsed.href : null;
  } catch {
    return null;
  }
}

/** An HTML element; attributes whose value is a function are listeners, as `onclick`. */
export function element(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** An image of S3 in a box of known size; `missing` says what stands there if it cannot load. */
export function picture(url, { width, height, alt = "", className = "", missing }) {
  const allowed = allowedUrl(url);
  const fallback = () => element("span", { class: `${className} missing` }, missing);
  if (allowed === null) return fallback();
  const image = element("img", {
    alt, width, height, class: className, decoding: "async", loading: "lazy", draggable: "false",
    onerror: () => image.replaceWith(fallback()),
  });
  image.src = allowed;
  return image;
}

/** A link to an object in S3, or only its text. */
export function link(url, ...children) {
  const allowed = allowedUrl(url);
  if (allowed === null) return element("span", {}, ...children);
  const anchor = element("a", { target: "_blank", rel: "noreferrer" }, ...children);
  anchor.href = allowed;
  return anchor;
}

/** A small button; `name` is what a screen reader says, where the label is not enough. */
export function button(label, onclick, { className = "small", name = null } = {}) {
  return element("button", { type: "button", class: className, "aria-label": name, onclick },
    label);
}

/** A list of names and values: `[[name, node or text], ...]`. */
export function pairs(entries, className = "pairs") {
  return element("dl", { class: className }, ...pairNodes(entries));
}

/** The rows of such a list. */
export function pairNodes(entries) {
  return entries.map(([name, ...value]) =>
    element("div", {}, element("dt", {}, name), element("dd", {}, ...value)));
}

/** The element of the page that has this id. */
export function byId(id) {
  return document.getElementById(id);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      node.setAttribute(name, value);
    }
  }
  const isChild = (child) => child !== null && child !== undefined && child !== false;
  node.append(...children.flat().filter(isChild));
  return node;
}
