// Sends files to S3, three at a time, and shows each one's progress, error, and outcome.
// In: found files, and the uploads that the feed reports. Out: rows in the drop zone.

import { postFile, presign } from "./api.js";
import { button, byId, element } from "./dom.js";
import { MAX_FILES } from "./files.js";
import { outcomeName } from "./outcomes.js";
import { bytes, count, foreign, plain } from "./text.js";

const PARALLEL = 3;
const MAX_ROWS = 500;
// Browsers write every line break in a form as CR LF, which would be another key.
const LINE_BREAK = "A browser cannot send a name that has a line break. Give the file another " +
  "name, or upload it with the AWS CLI.";

/** The files of this page that are or were sent. */
export class Sending {
  #rows = [];
  #active = 0;
  #isCropped = false;

  constructor() {
    byId("sending-clear").addEventListener("click", () => this.#clear());
  }

  /** Puts files into the line. */
  add({ files, isCropped }) {
    for (const { file, name } of files) {
      const row = { file, name, key: null, state: "waiting", ...rowNodes(name, file) };
      this.#rows.push(row);
      byId("sending-list").append(row.node);
    }
    this.#isCropped = isCropped;
    this.#trim();
    this.#next();
  }

  /** An upload's outcome, from the feed. It may be here before S3's answer is. */
  ended(upload) {
    const isSent = ({ state, bar }) => state === "sent" || (state === "sending" && bar.value === 1);
    const row = this.#rows.find((one) => one.key === upload.key && isSent(one));
    if (!row) return;
    if (upload.kind === "failed") {
      show(row, "sent", `${outcomeName(upload.outcome)}; the queue delivers it again`);
      return;
    }
    show(row, "done", outcomeName(upload.outcome), upload.kind);
    this.#sum();
  }

  #next() {
    while (this.#active < PARALLEL) {
      const row = this.#rows.find((one) => one.state === "waiting");
      if (!row) break;
      this.#active += 1;
      this.#send(row).finally(() => {
        this.#active -= 1;
        this.#next();
      });
    }
    this.#sum();
  }

  async #send(row) {
    show(row, "sending", "0%");
    try {
      if (/[\r\n]/.test(row.name)) throw new Error(LINE_BREAK);
      const post = await presign(row.name, row.file.type || "application/octet-stream");
      row.key = post.key;
      await postFile(post, row.file, (share) => progress(row, share));
      row.bar.value = 1;
      if (row.state === "sending") show(row, "sent", "sent, waiting for the function");
    } catch (error) {
      show(row, "error", error.message, "failed");
      row.status.append(" ", button("Send again", () => this.#again(row)));
    }
  }

  #again(row) {
    row.bar.value = 0;
    show(row, "waiting", "waiting");
    this.#next();
  }

  #clear() {
    for (const row of this.#rows) {
      if (row.state === "done" || row.state === "error") row.node.remove();
    }
    this.#rows = this.#rows.filter((row) => row.state !== "done" && row.state !== "error");
    this.#sum();
    if (this.#rows.length === 0) byId("choose-files").focus();
  }

  #trim() {
    const done = this.#rows.filter((row) => row.state === "done");
    for (const row of done.slice(0, Math.max(0, this.#rows.length - MAX_ROWS))) {
      row.node.remove();
      this.#rows.splice(this.#rows.indexOf(row), 1);
    }
  }

  #sum() {
    const of = (...states) => this.#rows.filter((row) => states.includes(row.state)).length;
    const parts = [`${of("sent", "done")} of ${count(this.#rows.length, "file")} sent`];
    if (of("error") > 0) parts.push(`${of("error")} not sent`);
    if (this.#isCropped) parts.push(`only the first ${MAX_FILES} files were taken`);
    byId("sending").hidden = this.#rows.length === 0;
    byId("sending-sum").textContent = parts.join(", ");
  }
}

function rowNodes(name, file) {
  const bar = element("progress", { max: 1, value: 0, "aria-label": `Sent of ${plain(name)}` });
  const status = element("span", { class: "sending-status" }, "waiting");
  const node = element("li", { "data-state": "waiting" },
    element("span", { class: "sending-name", title: plain(name) }, foreign(name)),
    element("span", { class: "quiet numbers end" }, bytes(file.size)), bar, status);
  return { node, bar, status };
}

function show(row, state, words, kind = "quiet") {
  row.state = state;
  row.node.dataset.state = state;
  row.node.dataset.kind = kind;
  row.status.textContent = words;
}

function progress(row, share) {
  row.bar.value = share;
  if (row.state === "sending") row.status.textContent = `${Math.floor(share * 100)}%`;
}
