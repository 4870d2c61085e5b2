// Finds the files of a drop, a paste or an input. In: a DataTransfer or a FileList. Out: a list
// of `{ file, name }`, where the name keeps the folders, and whether files were left out.

export const MAX_FILES = 500;
const MAX_DEPTH = 16;

/** Files and folders that were dropped. Call it in the event: the transfer is empty later. */
export async function ofTransfer(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (entries.length === 0) return ofList(transfer.files);
  const found = [];
  for (const entry of entries) await collect(entry, "", found, 0);
  return bounded(found);
}

/** Files of an input; those of a folder have a relative path. */
export function ofList(list) {
  const found = [...list].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
  return bounded(found.filter(({ file, name }) => name === file.name || !isHidden(file.name)));
}

/** Pasted pictures, which browsers all name "image.png". */
export function ofClipboard(list, now) {
  const time = now.toISOString().slice(0, 19).replaceAll(":", "-");
  const named = [...list].map((file, index) => {
    const ending = file.name.includes(".") ? file.name.slice(file.name.lastIndexOf(".")) : ".png";
    const number = index > 0 ? `-${index + 1}` : "";
    return { file, name: `pasted-${time}${number}${ending}` };
  });
  return bounded(named);
}

async function collect(entry, folder, found, depth) {
  if (found.length > MAX_FILES || depth > MAX_DEPTH) return;
  if (entry.isFile) {
    if (depth > 0 && isHidden(entry.name)) return;
    const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
    if (file !== null) found.push({ file, name: folder + entry.name });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) return;
    for (const inner of some) await collect(inner, `${folder}${entry.name}/`, found, depth + 1);
  }
}

function bounded(found) {
  return { files: found.slice(0, MAX_FILES), isCropped: found.length > MAX_FILES };
}

function isHidden(name) {
  return name.startsWith(".");
}
