// Tries a rule on a stored upload. In: uploads of the feed, and the form. Out: the rule as TOML,
// the server's problems with their lines, or the variants that the rule makes.

import { tryRule } from "./api.js";
import { CropView } from "./crop.js";
import { byId, element } from "./dom.js";
import { RuleForm } from "./form.js";
import { boxName, ruleToml } from "./rule.js";
import { plain } from "./text.js";
import { trialResult } from "./result.js";

const MAX_CHOICES = 200;
const COPIED_MS = 2000;

/** The view "Try a rule". */
export class Trial {
  #uploads = new Map();
  #chosen = "";
  #crops = {};
  #toml = "";
  #form = new RuleForm(() => this.#compose());
  #crop = new CropView((x, y) => this.#form.takesPoint() && this.#form.setPoint(x, y));

  constructor() {
    byId("try-picture").addEventListener("change", (event) => this.#choose(event.target.value));
    byId("rule-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#run();
    });
    byId("copy").addEventListener("click", () => this.#copy());
    this.#compose();
    showEmpty();
  }

  /** An upload that the form may offer. A newer one of the same key replaces the older. */
  add(upload) {
    const identity = `${upload.bucket}/${upload.key}`;
    if (upload.outcome === "deleted") this.#uploads.delete(identity);
    if (!upload.source?.url) return;
    const before = this.#uploads.get(identity);
    if (before && before.at_ms > upload.at_ms) return;
    this.#uploads.delete(identity);
    this.#uploads.set(identity, upload);
    if (this.#uploads.size > MAX_CHOICES) {
      const oldest = [...this.#uploads.keys()].find((one) => one !== this.#chosen);
      this.#uploads.delete(oldest);
    }
  }

  /** Offers what was added. The first choice is the newest upload. */
  settle() {
    if (document.activeElement === byId("try-picture") || this.#uploads.size === 0) return;
    this.#offer();
    if (!this.#uploads.has(this.#chosen)) this.#choose([...this.#uploads.keys()].at(-1));
  }

  /** Chooses an upload, as the buttons in the list do. */
  use(upload) {
    this.add(upload);
    this.#offer();
    this.#choose(`${upload.bucket}/${upload.key}`);
  }

  #offer() {
    const newestFirst = [...this.#uploads].reverse();
    byId("try-picture").replaceChildren(...newestFirst.map(([identity, { key }]) =>
      element("option", { value: identity, dir: "auto" }, plain(key).slice(0, 100))));
    byId("try-picture").value = this.#chosen;
  }

  #choose(identity) {
    this.#chosen = identity;
    byId("try-picture").value = identity;
    this.#crop.showSource(this.#uploads.get(identity));
    this.#compose();
  }

  #compose() {
    const settings = this.#form.settings();
    this.#crops = {};
    this.#toml = ruleToml(settings);
    showToml(this.#toml, []);
    this.#showWindow(settings);
  }

  #showWindow(settings) {
    const upload = this.#uploads.get(this.#chosen);
    const name = boxName(settings);
    this.#crop.showWindow(upload, settings, name === null ? null : this.#crops[name]);
  }

  async #run() {
    const upload = this.#uploads.get(this.#chosen);
    if (!upload) {
      showState("Upload a picture first, then choose it.");
      return;
    }
    const [settings, toml] = [this.#form.settings(), this.#toml];
    byId("try").disabled = true;
    showState("Rendering…");
    try {
      const answer = await tryRule(upload.bucket, upload.key, toml);
      showState("");
      byId("result").replaceChildren(trialResult(answer, settings));
      if (toml === this.#toml) {
        showToml(toml, []);
        this.#crops = answer.crops ?? {};
        this.#showWindow(settings);
      }
    } catch (error) {
      const problems = error.body?.problems;
      showState(problems ? "The configuration is not valid." : error.message);
      if (problems && toml === this.#toml) showToml(toml, problems);
    } finally {
      byId("try").disabled = false;
    }
  }

  async #copy() {
    const label = byId("copy");
    try {
      await navigator.clipboard.writeText(this.#toml);
      label.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(byId("toml"));
      label.textContent = "Selected";
    }
    setTimeout(() => { label.textContent = "Copy"; }, COPIED_MS);
  }
}

function showToml(toml, problems) {
  const bad = new Set(problems.map((problem) => problem.line));
  const lines = toml.trimEnd().split("\n");
  byId("toml").replaceChildren(...lines.map((line, index) =>
    element("span", { class: bad.has(index + 1) ? "line problem" : "line" }, `${line}\n`)));
  byId("problems").replaceChildren(...(problems.length === 0 ? [] : [
    element("ul", { class: "problems" }, ...problems.map(({ line, text }) =>
      element("li", { class: "wrap" }, element("strong", {}, line ? `Line ${line}: ` : ""),
        plain(text)))),
  ]));
}

function showState(sentence) {
  byId("try-state").textContent = sentence;
}

function showEmpty() {
  byId("result").replaceChildren(element("p", { class: "empty" },
    "Set up a rule, then press Try. The function renders the picture by this rule, apart from " +
    "the stored variants."));
}
