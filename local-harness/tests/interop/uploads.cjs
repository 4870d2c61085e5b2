// Uploads and reads with AWS's SDK for JavaScript. In: a bucket; endpoint and credentials from
// AWS's own variables. Out: one JSON object with the result of each way. It judges nothing.
"use strict";

const { Readable } = require("node:stream");
const s3 = require("@aws-sdk/client-s3");
const { Upload } = require("@aws-sdk/lib-storage");
const { getSignedUrl } = require("@aws-sdk/s3-request-presigner");

const Bucket = process.argv[2];
const KEYS = ["..", "a/../../b", "a//b", "/lead", "k".repeat(1024), "a+b%2Fc", " a  b ", "🏖️.jpg",
  "q?a=b&c#d", "<&>'\"", "folder/"];
const client = new s3.S3Client({ region: "us-east-1", forcePathStyle: true });

const text = async (Key) => {
  const object = await client.send(new s3.GetObjectCommand({ Bucket, Key }));
  return object.Body.transformToString();
};

async function keys() {
  let same = 0;
  for (const Key of KEYS) {
    await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: Key }));
    same += (await text(Key)) === Key;
  }
  const listing = await client.send(new s3.ListObjectsV2Command({ Bucket }));
  const listed = new Set(listing.Contents.map((object) => object.Key));
  return { count: KEYS.length, same: KEYS.every((key) => listed.has(key)) ? same : "not listed" };
}

async function multipart() {
  const Key = "multipart.bin";
  const bytes = Buffer.alloc(12 << 20, 7);
  const Body = Readable.from([bytes.subarray(0, 7 << 20), bytes.subarray(7 << 20)]);
  await new Upload({ client, params: { Bucket, Key, Body }, partSize: 5 << 20 }).done();
  const head = await client.send(new s3.HeadObjectCommand({ Bucket, Key }));
  const object = await client.send(new s3.GetObjectCommand({ Bucket, Key }));
  const stored = Buffer.from(await object.Body.transformToByteArray());
  const parts = Number(head.ETag.replace(/"/g, "").split("-")[1]);
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key }));
  return { parts, bytes: head.ContentLength, same: stored.equals(bytes) };
}

// A stream whose checksum is known at its end only, so that the SDK sends it as a trailer.
async function trailer() {
  const sending = new s3.S3Client({ region: "us-east-1", forcePathStyle: true });
  let sent = {};
  sending.middlewareStack.add((next) => (args) => {
    sent = args.request.headers;
    return next(args);
  }, { step: "finalizeRequest", priority: "low" });
  const Body = Readable.from([Buffer.from("abc")]);
  await sending.send(new s3.PutObjectCommand({
    Bucket, Key: "trailer", Body, ContentLength: 3, ChecksumAlgorithm: "CRC32",
  }));
  const wanted = { Bucket, Key: "trailer", ChecksumMode: "ENABLED" };
  const head = await client.send(new s3.HeadObjectCommand(wanted));
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key: "trailer" }));
  return { checksum: head.ChecksumCRC32, trailer: sent["x-amz-trailer"] };
}

const refusal = async (command) => {
  try {
    await client.send(command);
    return "taken";
  } catch (error) {
    return error.name;
  }
};

async function presigned() {
  const wanted = new s3.GetObjectCommand({ Bucket, Key: KEYS[5] });
  const url = await getSignedUrl(client, wanted, { expiresIn: 60 });
  const answer = await fetch(url);
  const same = (await answer.text()) === KEYS[5];
  const altered = await fetch(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"));
  return { get: answer.status, same, altered: altered.status };
}

async function main() {
  const results = { keys: await keys(), multipart: await multipart(), trailer: await trailer() };
  results.wrong_checksum = await refusal(new s3.PutObjectCommand({
    Bucket, Key: "wrong", Body: "abc", ChecksumCRC32: "AAAAAA==",
  }));
  results.presigned = await presigned();
  results.missing = await refusal(new s3.GetObjectCommand({ Bucket, Key: "none" }));
  const Objects = KEYS.map((Key) => ({ Key }));
  const gone = await client.send(new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
  results.deleted = gone.Deleted.length;
  console.log(JSON.stringify(results));
}

main();
