// What outcomes mean. In: an outcome's code, its kind. Out: words, and what to do, after
// docs/operations.md.

const WORDS = new Map(Object.entries({
  stored: ["Stored", null],
  already_done: ["Up to date", "Every variant was in place. Nothing was rendered again."],
  deleted: ["Deleted", "The source is gone, and its results are deleted."],
  ignored_no_rule: ["Ignored: no rule", "Add a rule that takes this bucket and key."],
  ignored_own_key: ["Ignored: own key", "The function itself could have written this key."],
  ignored_own_result: ["Ignored: own result", "The function wrote this object."],
  ignored_no_original: ["Ignored: no original", "There is no object under this key."],
  ignored_folder: ["Ignored: folder", "The object is an empty folder."],
  not_an_image: ["Not an image", "Upload an image."],
  unsupported: ["Not supported", "Convert the file to JPEG, PNG or WebP."],
  malformed: ["Malformed", "Upload the file again, or set truncated = \"accept\" in the rule."],
  too_large: ["Too large", "Raise the limit, or give the function more memory."],
  archived: ["Archived", "Restore the object. Its variants are then made automatically."],
  encrypted: ["Encrypted", "Allow the function to use the KMS key. It cannot read SSE-C objects."],
  content_encoding: ["Content-Encoding", "Upload the image without an encoding."],
  key_taken: ["Key taken", "Name {key} in the key template, so that no two uploads share a key."],
  too_slow: ["Too slow", "Give the function more memory or a longer timeout."],
  crashed: ["Crashed", "Report the problem, with the file."],
  still_refused: ["Still refused", "Do what the message of the earlier refusal says."],
  throttle: ["Throttled", "Nothing. If it persists, lower the concurrency."],
  io: ["Request failed", "Nothing. The queue delivers the event again."],
  integrity: ["Integrity", "Nothing. The queue delivers the event again."],
  deadline: ["Deadline", "Use more memory, smaller batches, or a longer timeout."],
  setup: ["Setup", "Add the bucket or the permission. The message names the request."],
  not_quiescent: ["Not quiescent", "Nothing. A later delivery moves or deletes the original."],
  unanswered: ["Unanswered write", "Nothing. The next delivery checks the results."],
  bug: ["Bug", "Report the problem, with the file."],
}));

const KINDS = new Map(Object.entries({
  stored: "stored",
  quiet: "done, nothing stored",
  refused: "refused: the file is at fault, and a retry does not help",
  failed: "failed: the queue delivers the event again",
}));

/** A short name for people. */
export function outcomeName(code) {
  return WORDS.get(code)?.[0] ?? String(code).replaceAll("_", " ");
}

/** What to do, or null. */
export function advice(code) {
  return WORDS.get(code)?.[1] ?? null;
}

/** What kind of end it is. */
export function kindName(kind) {
  return KINDS.get(kind) ?? String(kind);
}

/** One of the four kinds, for colors. */
export function kindOf(kind) {
  return KINDS.has(kind) ? kind : "failed";
}
