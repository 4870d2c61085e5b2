"""Uploads with boto3 in every way that a browser or a backend would, and waits for the variants.

In: a JPEG's path; endpoint and credentials from AWS's own variables. Out: one JSON object with the
result of each way, for the test that started this. It only waits and tells; it judges nothing.
"""

import io
import json
import random
import sys
import time
import urllib.error
import urllib.request
import uuid
import xml.etree.ElementTree

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from PIL import Image

UPLOADS = "uploads"
VARIANTS = "uploads-variants"
DEADLINE_S = 120
PART_BYTES = 5 << 20

s3 = boto3.client("s3")


def variants(key, count=5):
    """The keys of an upload's variants, as soon as there are so many."""
    give_up = time.monotonic() + DEADLINE_S
    while True:
        listing = s3.list_objects_v2(Bucket=VARIANTS, Prefix=f"variants/{key}/")
        keys = [entry["Key"] for entry in listing.get("Contents", [])]
        if len(keys) == count or time.monotonic() > give_up:
            return keys
        time.sleep(0.1)


def noise_png(side):
    """A picture that no encoder makes smaller: three bytes per pixel."""
    noise = random.Random(20).randbytes(side * side * 3)
    file = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(file, "PNG", compress_level=1)
    return file.getvalue()


def multipart():
    key, picture = "multipart/noise.png", noise_png(2600)
    config = TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES)
    s3.upload_fileobj(io.BytesIO(picture), UPLOADS, key, Config=config)
    head = s3.head_object(Bucket=UPLOADS, Key=key)
    parts = int(head["ETag"].strip('"').partition("-")[2])
    return {"bytes": head["ContentLength"], "parts": parts, "variants": variants(key)}


def put(picture):
    key = "put/photo.jpg"
    s3.put_object(Bucket=UPLOADS, Key=key, Body=picture, ContentType="image/jpeg")
    return {"variants": variants(key)}


def copy():
    key = "copy/photo.jpg"
    s3.copy_object(Bucket=UPLOADS, Key=key, CopySource={"Bucket": UPLOADS, "Key": "put/photo.jpg"})
    return {"variants": variants(key)}


def send(request):
    """Status and body, of errors too."""
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def post(form, fields, picture):
    """Sends the form as a browser does: its fields, then the file."""
    boundary = uuid.uuid4().hex
    disposition = f"--{boundary}\r\nContent-Disposition: form-data; name="
    body = b"".join(
        f'{disposition}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()
    )
    body += f'{disposition}"file"; filename="ü.jpg"\r\n'.encode()
    body += b"Content-Type: image/jpeg\r\n\r\n" + picture + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return send(urllib.request.Request(form["url"], body, headers, method="POST"))


def presigned_post(signer, key, picture):
    form = signer.generate_presigned_post(
        UPLOADS,
        key,
        Fields={"Content-Type": "image/jpeg"},
        Conditions=[
            ["starts-with", "$Content-Type", "image/"],
            ["content-length-range", 1, len(picture)],
        ],
    )
    fields = form["fields"]

    def refusal(fields, file):
        return xml.etree.ElementTree.fromstring(post(form, fields, file)[2]).findtext("Code")

    result = {
        "too_large": refusal(fields, picture + b"\0"),
        "other_key": refusal({**fields, "key": "other.jpg"}, picture),
    }
    result["status"], _, _ = post(form, fields, picture)
    return {**result, "variants": variants(key)}


def presigned_put_and_get(signer, key, picture):
    place = {"Bucket": UPLOADS, "Key": key}
    url = signer.generate_presigned_url("put_object", Params={**place, "ContentType": "image/jpeg"})
    headers = {"Content-Type": "image/jpeg"}
    status, _, _ = send(urllib.request.Request(url, picture, headers, method="PUT"))
    result = {"put": status, "variants": variants(key)}
    url = signer.generate_presigned_url("get_object", Params=place)
    _, headers, body = send(urllib.request.Request(url))
    result["same_bytes"] = body == picture
    result["content_type"] = headers["Content-Type"]
    result["forged"], _, _ = send(urllib.request.Request(url.replace("1%2B1", "2%2B2")))
    return result


def delete(key):
    s3.delete_object(Bucket=UPLOADS, Key=key)
    return {"variants": variants(key, count=0)}


def main():
    with open(sys.argv[1], "rb") as file:
        picture = file.read()
    results = {"multipart": multipart(), "put": put(picture), "copy": copy()}
    # boto3's own choice for a region as old as us-east-1, and what it does everywhere else.
    for version, folder in ("s3", ""), ("s3v4", "v4/"):
        signer = boto3.client("s3", config=Config(signature_version=version))
        results[version] = {
            "post": presigned_post(signer, f"{folder}a b+ä/ü.jpg", picture),
            "link": presigned_put_and_get(signer, f"{folder}link/photo 1+1.jpg", picture),
        }
    results["delete"] = delete("v4/link/photo 1+1.jpg")
    json.dump(results, sys.stdout)


main()
