// sharp as an expert would write it, to be bundled with esbuild: one decode to the widest variant's
// pixels, the other variants from those, all encoded and uploaded at the same time. libvips has as
// many threads as the function has processors, and no cache: no operation comes twice.

import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import sharp from 'sharp'

const WIDTHS = [1920, 1080, 640, 320, 160]
const MB_PER_PROCESSOR = 1769
const { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryMb, OUTPUT_BUCKET: bucketOfVariants } = process.env

sharp.cache(false)
sharp.concurrency(Math.max(1, Math.floor(memoryMb / MB_PER_PROCESSOR)))

// The checksums that are computed unless they are turned off protect nothing here that TLS and
// Content-Length do not.
const s3 = new S3Client({
  requestChecksumCalculation: 'WHEN_REQUIRED',
  responseChecksumValidation: 'WHEN_REQUIRED',
})

async function makeVariants(bucket, key) {
  const response = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  const source = await response.Body.transformToByteArray()
  const stem = key.replace(/\.[^./]*$/, '')
  const widest = sharp(source, { sequentialRead: true })
    .autoOrient()
    .resize({ width: WIDTHS[0], withoutEnlargement: true })
    .raw()
  const { data, info } = await widest.toBuffer({ resolveWithObject: true })
  const raw = { width: info.width, height: info.height, channels: info.channels }
  await Promise.all(
    WIDTHS.map(async width => {
      const image = sharp(data, { raw }).resize({ width, withoutEnlargement: true })
      const variant = {
        Bucket: bucketOfVariants,
        Key: `${stem}/${width}.jpg`,
        Body: await image.jpeg({ quality: 80 }).toBuffer(),
        ContentType: 'image/jpeg',
      }
      await s3.send(new PutObjectCommand(variant))
    }),
  )
}

export const handler = async event => {
  const records = event.Records.flatMap(message => JSON.parse(message.body).Records ?? [])
  for (const { s3: changed } of records) {
    const key = decodeURIComponent(changed.object.key.replace(/\+/g, ' '))
    await makeVariants(changed.bucket.name, key)
  }
}
