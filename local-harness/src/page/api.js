// Calls of the harness. In: values of the contract. Out: JSON, or an `ApiError` whose message
// says who is to blame and what to do. Files go to S3 by presigned POST.

const UNREACHABLE = "The harness does not answer. Start it again with: cargo harness up";

/** A failed call; `status` is 0 where there was no answer. */
export class ApiError extends Error {
  constructor(message, status, body = null) {
    super(message);
    this.status = status;
    this.body = body;
  }
}

/** The facts of the harness. */
export function info() {
  return call("/api/info");
}

/** A presigned POST for a file of this name and media type. */
export function presign(name, type) {
  return call("/api/presign", { name, type });
}

/** The result of a rule on a stored upload. */
export function tryRule(bucket, key, toml) {
  return call("/api/try", { bucket, key, toml });
}

/** Sends a file with a presigned POST; `onProgress` gets fractions. */
export function postFile({ url, fields }, file, onProgress) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  form.append("file", file);
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    });
    request.addEventListener("load", () => {
      if (request.status >= 200 && request.status < 300) resolve();
      else reject(new ApiError(s3Message(request), request.status));
    });
    request.addEventListener("error", () => reject(new ApiError(unreachableS3(url), 0)));
    request.open("POST", url);
    request.send(form);
  });
}

async function call(path, body) {
  const options = body === undefined ? {} : {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new ApiError(UNREACHABLE, 0);
  }
  const value = await answer.json().catch(() => null);
  if (answer.ok && value !== null) return value;
  const message = value?.error ?? `The harness answered ${path} with status ${answer.status}.`;
  throw new ApiError(message, answer.status, value);
}

function s3Message(request) {
  const xml = new DOMParser().parseFromString(request.responseText, "application/xml");
  const code = xml.querySelector("Error > Code")?.textContent;
  const message = xml.querySelector("Error > Message")?.textContent;
  if (!code) return `S3 refused the upload with status ${request.status}.`;
  return `S3 refused the upload: ${code}${message ? `. ${message}` : ""}`;
}

function unreachableS3(url) {
  let origin = "the S3 endpoint";
  try {
    origin = new URL(url).origin;
  } catch {
    // The message does without the address.
  }
  return `S3 does not answer at ${origin}, or the connection broke. Check that the harness runs, ` +
    "then send the file again.";
}
