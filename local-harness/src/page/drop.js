// The drop zone: the whole page takes drops and pastes, two buttons open the file dialogs.
// In: a function that takes `{ files, isCropped }`. Out: nothing; it calls that function.

import { byId } from "./dom.js";
import { ofClipboard, ofList, ofTransfer } from "./files.js";

/** Starts listening. */
export function takeFiles(onFiles) {
  takeInput("choose-files", "files", onFiles);
  takeInput("choose-folder", "folder", onFiles);
  byId("choose-folder").hidden = !("webkitdirectory" in byId("folder"));
  takeDrops(onFiles);
  document.addEventListener("paste", (event) => {
    const list = event.clipboardData?.files ?? [];
    if (list.length === 0) return;
    event.preventDefault();
    onFiles(ofClipboard(list, new Date()));
  });
}

function takeInput(buttonId, inputId, onFiles) {
  const input = byId(inputId);
  byId(buttonId).addEventListener("click", () => input.click());
  input.addEventListener("change", () => {
    const found = ofList(input.files);
    input.value = "";
    if (found.files.length > 0) onFiles(found);
  });
}

function takeDrops(onFiles) {
  const mark = (isOver) => document.body.classList.toggle("dragging", isOver);
  const hasFiles = (event) => event.dataTransfer?.types.includes("Files");
  document.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    mark(true);
  });
  document.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  document.addEventListener("drop", async (event) => {
    mark(false);
    if (!hasFiles(event)) return;
    event.preventDefault();
    const found = await ofTransfer(event.dataTransfer);
    if (found.files.length > 0) onFiles(found);
  });
}
