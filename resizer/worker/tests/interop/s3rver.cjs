// s3rver with the uploads' and the variants' bucket in the folder argv[2]. It prints its port, then
// a line for each event that the webhook has taken. Each line of its input is the webhook's URL
// from then on: events wait for the first one, and are sent again until the answer is 200.
const readline = require("node:readline");
const S3rver = require("s3rver");

const PAUSE_MS = 300;
let webhook;
const pause = () => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

async function push(event) {
  for (;;) {
    const to = webhook;
    const status = to && (await post(to, event));
    if (status === 200) {
      console.log(JSON.stringify({ taken: event.Records[0].s3.object.key }));
      return;
    }
    await pause();
  }
}

async function post(url, event) {
  const headers = { "content-type": "application/json", authorization: `Bearer ${process.argv[3]}` };
  try {
    return (await fetch(url, { method: "POST", headers, body: JSON.stringify(event) })).status;
  } catch {
    return undefined; // The worker was killed, or is not there yet.
  }
}

const server = new S3rver({
  address: "127.0.0.1",
  port: 0,
  silent: true,
  directory: process.argv[2],
  configureBuckets: [{ name: "uploads" }, { name: "uploads-variants" }],
});
server.on("event", (event) => {
  // The worker's own results are of no interest to it.
  if (event.Records[0].s3.bucket.name === "uploads") push(event);
});
readline.createInterface({ input: process.stdin }).on("line", (line) => (webhook = line));
server.run().then(({ port }) => console.log(JSON.stringify({ port })));
