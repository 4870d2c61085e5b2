"""Pillow as an expert would write it: botocore without boto3, bytes in memory, one decode that the
JPEG library already reduces, each variant from the next larger one, and uploads in threads while
the next variant is made."""

import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote_plus

import botocore.session
from botocore.config import Config
from PIL import Image, ImageOps

WIDTHS = [1920, 1080, 640, 320, 160]
OUTPUT_BUCKET = os.environ["OUTPUT_BUCKET"]

# The checksums that are computed unless they are turned off protect nothing here that TLS and
# Content-Length do not.
s3 = botocore.session.get_session().create_client(
    "s3",
    config=Config(
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        tcp_keepalive=True,
    ),
)
uploads = ThreadPoolExecutor(max_workers=len(WIDTHS))


def to_srgb(image, profile):
    if not profile:
        return image.convert("RGB")
    # Few uploads have a profile; the others do not wait for the import.
    from PIL import ImageCms

    source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    return ImageCms.profileToProfile(
        image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )


def sizes(width, height):
    """Of the variants, widest first; none is wider than the picture."""
    for wanted in WIDTHS:
        wide = min(wanted, width)
        yield wanted, (wide, max(1, round(wide * height / width)))


def upload(key, image):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    body = out.getvalue()
    return uploads.submit(
        s3.put_object, Bucket=OUTPUT_BUCKET, Key=key, Body=body, ContentType="image/jpeg"
    )


def make_variants(bucket, key):
    body = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    stem = os.path.splitext(key)[0]
    image = Image.open(io.BytesIO(body))
    profile = image.info.get("icc_profile")
    is_turned = image.getexif().get(0x0112, 1) >= 5
    width, height = image.size[::-1] if is_turned else image.size
    widest = max(size for _, size in sizes(width, height))
    image.draft("RGB", widest[::-1] if is_turned else widest)
    ImageOps.exif_transpose(image, in_place=True)
    image.load()
    pending = []
    for wanted, size in sizes(width, height):
        image = image.resize(size, Image.Resampling.LANCZOS)
        if wanted == WIDTHS[0]:
            image = to_srgb(image, profile)
        pending.append(upload(f"{stem}/{wanted}.jpg", image))
    for future in pending:
        future.result()


def handler(event, context):
    for message in event["Records"]:
        for record in json.loads(message["body"]).get("Records", []):
            s3_object = record["s3"]
            make_variants(s3_object["bucket"]["name"], unquote_plus(s3_object["object"]["key"]))
