// sharp and @napi-rs/image behind the line protocol: `worker.mjs MODE`, in a folder whose
// node_modules has them. One JSON order per line in, one answer per line out; see
// ../src/protocol.rs.

import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const require = createRequire(join(process.cwd(), 'package.json'))

function sharpModes() {
  const sharp = require('sharp')
  sharp.concurrency(1)
  // Without it, a repeated job would be answered from the last one's operations.
  sharp.cache(false)
  const { sharp: version, vips } = sharp.versions
  const options = order => (order.format === 'png' ? {} : { quality: order.quality })
  const encode = (image, order) => image.toFormat(order.format, options(order)).toBuffer()

  // As its documentation shows it: each variant from the input.
  const documented = async (order, source) => {
    const files = []
    for (const width of order.widths) files.push(await encode(sharp(source).resize(width), order))
    return files
  }
  // One pipeline with a clone per variant.
  const clone = (order, source) => {
    const input = sharp(source)
    return Promise.all(order.widths.map(width => encode(input.clone().resize(width), order)))
  }
  // Decoded once, to the widest variant's pixels; the rest from those.
  const byHand = async (order, source) => {
    const widest = sharp(source).resize(Math.max(...order.widths)).raw()
    const { data, info } = await widest.toBuffer({ resolveWithObject: true })
    const { width, height, channels } = info
    const files = []
    for (const wide of order.widths) {
      const input = sharp(data, { raw: { width, height, channels } })
      files.push(await encode(input.resize(wide), order))
    }
    return files
  }
  return { version: `sharp ${version}, libvips ${vips}`, documented, clone, 'by-hand': byHand }
}

function napiModes() {
  const { Transformer, ResizeFilterType, ResizeFit } = require('@napi-rs/image')
  const { version } = require('@napi-rs/image/package.json')
  const encoders = {
    jpeg: (image, quality) => image.jpeg(quality),
    webp: (image, quality) => image.webp(quality),
    avif: (image, quality) => image.avif({ quality }),
    png: image => image.png(),
  }
  const napi = async (order, source) => {
    const files = []
    for (const width of order.widths) {
      // Without a height it cuts off part of a row.
      const height = Math.round((width * order.size[1]) / order.size[0])
      const filter = ResizeFilterType.Lanczos3
      const image = new Transformer(source).resize(width, height, filter, ResizeFit.Fill)
      files.push(await encoders[order.format](image, order.quality))
    }
    return files
  }
  return { version: `@napi-rs/image ${version}`, napi }
}

const cpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e3
}

async function answer(order, make) {
  const source = readFileSync(order.input)
  const cpu = cpuMs()
  const wall = performance.now()
  const files = await make(order, source)
  const wall_ms = performance.now() - wall
  const cpu_ms = cpuMs() - cpu
  if (order.out) {
    files.forEach((file, index) => {
      writeFileSync(join(order.out, `${order.widths[index]}.${order.format}`), file)
    })
  }
  return { cpu_ms, wall_ms, bytes: files.map(file => file.length), process_cpu_ms: cpuMs() }
}

const say = value => process.stdout.write(`${JSON.stringify(value)}\n`)

const mode = process.argv[2]
const modes = mode === 'napi' ? napiModes() : sharpModes()
say({ version: modes.version })
for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await answer(JSON.parse(line), modes[mode]))
  } catch (error) {
    say({ error: String(error.message ?? error) })
  }
}
