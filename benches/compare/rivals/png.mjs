// sharp's palettes: `png.mjs ROUNDS QUALITY`, run in the folder that has sharp;
// QUALITY is 1 to 100, or `all` for all colors. A line `SOURCE<tab>FILE`
// in, the median of CPU milliseconds out.
import { createRequire } from "node:module";
import { readFileSync, writeFileSync } from "node:fs";

const sharp = createRequire(`${process.cwd()}/`)("sharp");
sharp.concurrency(1);
sharp.cache(false);
const rounds = Number(process.argv[2]);
const quality = process.argv[3];
const options =
  quality === "all" ? { compressionLevel: 9 } : { palette: true, quality: Number(quality) };
for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const [source, file] = line.split("\t");
  const bytes = readFileSync(source);
  const times = [];
  let made;
  for (let round = 0; round <= rounds; round++) {
    const before = process.cpuUsage();
    made = await sharp(bytes).png(options).toBuffer();
    const { user, system } = process.cpuUsage(before);
    // The first round warms up.
    if (round > 0) times.push((user + system) / 1000);
  }
  times.sort((one, other) => one - other);
  writeFileSync(file, made);
  console.log(times[times.length >> 1]);
}
