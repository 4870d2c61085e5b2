// sharp as AWS's tutorial on S3 triggers uses it: the upload's bytes, then resize and PutObject for
// one variant after the other.

import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import sharp from 'sharp'

const WIDTHS = [160, 320, 640, 1080, 1920]
const s3 = new S3Client()

async function makeVariants(bucket, key) {
  const response = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
  const source = await response.Body.transformToByteArray()
  const stem = key.replace(/\.[^./]*$/, '')
  for (const width of WIDTHS) {
    const image = sharp(source).autoOrient().resize({ width, withoutEnlargement: true })
    const variant = {
      Bucket: process.env.OUTPUT_BUCKET,
      Key: `${stem}/${width}.jpg`,
      Body: await image.jpeg({ quality: 80 }).toBuffer(),
      ContentType: 'image/jpeg',
    }
    await s3.send(new PutObjectCommand(variant))
  }
}

export const handler = async event => {
  for (const message of event.Records) {
    for (const record of JSON.parse(message.body).Records ?? []) {
      const key = decodeURIComponent(record.s3.object.key.replace(/\+/g, ' '))
      await makeVariants(record.s3.bucket.name, key)
    }
  }
}
