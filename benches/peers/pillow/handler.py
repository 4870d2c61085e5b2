"""Pillow as AWS's tutorial on S3 triggers uses it: the upload goes to a file, each variant is made
from that file by `thumbnail`, and `upload_file` stores it."""

import io
import json
import os
import tempfile
from urllib.parse import unquote_plus

import boto3
from PIL import Image, ImageCms, ImageOps

WIDTHS = [160, 320, 640, 1080, 1920]
OUTPUT_BUCKET = os.environ["OUTPUT_BUCKET"]

s3 = boto3.client("s3")


def to_srgb(image):
    profile = image.info.get("icc_profile")
    if profile:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB")
    return image.convert("RGB")


def make_variant(source, target, width):
    with Image.open(source) as image:
        ImageOps.exif_transpose(image, in_place=True)
        image.thumbnail((width, image.height))
        to_srgb(image).save(target, "JPEG", quality=80)


def make_variants(bucket, key):
    stem = os.path.splitext(key)[0]
    with tempfile.TemporaryDirectory() as folder:
        source = os.path.join(folder, "source")
        s3.download_file(bucket, key, source)
        for width in WIDTHS:
            target = os.path.join(folder, f"{width}.jpg")
            make_variant(source, target, width)
            s3.upload_file(
                target,
                OUTPUT_BUCKET,
                f"{stem}/{width}.jpg",
                ExtraArgs={"ContentType": "image/jpeg"},
            )


def handler(event, context):
    for message in event["Records"]:
        for record in json.loads(message["body"]).get("Records", []):
            s3_object = record["s3"]
            make_variants(s3_object["bucket"]["name"], unquote_plus(s3_object["object"]["key"]))
