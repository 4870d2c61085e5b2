"""Multipart uploads: order, sizes, ETags, lists, ends."""

from answers import PART_BYTES, ask, probe

LARGE = bytes(PART_BYTES)


def begin(peer, **parameters):
    """The parameters that name an upload."""
    wanted = {"Bucket": peer.bucket, "Key": "a"}
    upload = peer.s3.create_multipart_upload(**wanted, **parameters)
    return {"Key": "a", "UploadId": upload["UploadId"]}


def part(peer, upload, number, body):
    wanted = {"Bucket": peer.bucket, "PartNumber": number, "Body": body, **upload}
    return {"PartNumber": number, "ETag": peer.s3.upload_part(**wanted)["ETag"]}


def complete(peer, upload, parts, *members, **parameters):
    wanted = {"MultipartUpload": {"Parts": parts}, **upload, **parameters}
    return peer.ask("complete_multipart_upload", *members, **wanted)


@probe
def two_parts(peer):
    upload = begin(peer, Metadata={"m": "1"}, ContentType="image/png")
    parts = [part(peer, upload, number, body) for number, body in ((2, LARGE), (5, b"end"))]
    members = ("ETag", "Key", "Bucket", "ChecksumType")
    done = complete(peer, upload, parts, *members)
    head = peer.ask("head_object", "ETag", "ContentLength", "Metadata", "ContentType", Key="a")
    return {"complete": done, "head": head}


@probe
def one_part_by_its_number(peer):
    upload = begin(peer)
    parts = [part(peer, upload, number, body) for number, body in ((1, LARGE), (2, b"end"))]
    complete(peer, upload, parts)
    members = ("Body", "PartsCount", "ContentRange", "ContentLength")
    second = peer.ask("get_object", *members, Key="a", PartNumber=2)
    return {"second": second, "third": peer.ask("get_object", *members, Key="a", PartNumber=3)}


@probe
def parts_out_of_order(peer):
    upload = begin(peer)
    parts = [part(peer, upload, number, body) for number, body in ((1, LARGE), (2, b"end"))]
    return complete(peer, upload, parts[::-1])


@probe
def a_small_part_before_the_last(peer):
    upload = begin(peer)
    parts = [part(peer, upload, number, b"small") for number in (1, 2)]
    return complete(peer, upload, parts)


@probe
def a_part_with_a_wrong_etag(peer):
    upload = begin(peer)
    one = part(peer, upload, 1, b"end")
    return complete(peer, upload, [{**one, "ETag": '"0"'}])


@probe
def a_part_that_was_not_uploaded(peer):
    upload = begin(peer)
    one = part(peer, upload, 1, b"end")
    return complete(peer, upload, [one, {**one, "PartNumber": 2}])


@probe
def no_parts(peer):
    upload = begin(peer)
    return complete(peer, upload, [])


@probe
def a_part_uploaded_twice(peer):
    upload = begin(peer)
    part(peer, upload, 1, b"first")
    second = part(peer, upload, 1, b"second")
    done = complete(peer, upload, [second])
    return {"complete": done, "get": peer.ask("get_object", "Body", Key="a")}


@probe
def a_part_left_out(peer):
    upload = begin(peer)
    one, _ = part(peer, upload, 1, b"one"), part(peer, upload, 2, b"two")
    done = complete(peer, upload, [one])
    return {"complete": done, "get": peer.ask("get_object", "Body", Key="a")}


@probe
def part_numbers_beyond_the_limits(peer):
    upload = begin(peer)
    numbers = (0, 10_000, 10_001)
    wanted = {"Body": b"x", **upload}
    return {str(n): peer.ask("upload_part", PartNumber=n, **wanted) for n in numbers}


@probe
def a_part_of_an_upload_that_does_not_exist(peer):
    return peer.ask("upload_part", Key="a", UploadId="none", PartNumber=1, Body=b"x")


@probe
def completing_an_upload_that_does_not_exist(peer):
    return complete(peer, {"Key": "a", "UploadId": "none"}, [{"PartNumber": 1, "ETag": '"0"'}])


@probe
def completing_twice(peer):
    upload = begin(peer)
    one = part(peer, upload, 1, b"end")
    return {"first": complete(peer, upload, [one]), "second": complete(peer, upload, [one])}


@probe
def completing_if_none_match_on_an_old_key(peer):
    peer.put("a")
    upload = begin(peer)
    one = part(peer, upload, 1, b"end")
    return complete(peer, upload, [one], IfNoneMatch="*")


@probe
def aborting(peer):
    upload = begin(peer)
    one = part(peer, upload, 1, b"end")
    first = peer.ask("abort_multipart_upload", **upload)
    second = peer.ask("abort_multipart_upload", **upload)
    return {"first": first, "second": second, "complete": complete(peer, upload, [one])}


@probe
def listing_parts(peer):
    upload = begin(peer)
    for number in (3, 1, 2):
        part(peer, upload, number, b"x" * number)
    members = ("Parts.PartNumber", "Parts.Size", "Parts.ETag", "IsTruncated")
    first = peer.ask("list_parts", *members, "NextPartNumberMarker", MaxParts=2, **upload)
    rest = peer.ask("list_parts", *members, PartNumberMarker=2, **upload)
    return {"first": first, "rest": rest}


@probe
def listing_uploads(peer):
    begin(peer)
    begin(peer)
    members = ("Uploads.Key", "Uploads.StorageClass", "IsTruncated")
    uploads = peer.ask("list_multipart_uploads", *members)
    return {"uploads": uploads, "objects": peer.ask("list_objects_v2", "KeyCount")}


@probe
def a_part_copied_from_a_range(peer):
    peer.put("source", LARGE + b"0123456789")
    upload = begin(peer)
    wanted = {"CopySource": f"{peer.bucket}/source", "CopySourceRange": "bytes=5242880-5242884"}
    copy = ask(peer.s3.upload_part_copy, "CopyPartResult.ETag", Bucket=peer.bucket, PartNumber=1,
               **wanted, **upload)
    return copy


@probe
def a_checksum_of_checksums(peer):
    upload = begin(peer, ChecksumAlgorithm="SHA256", ChecksumType="COMPOSITE")
    parts = []
    for number, body in ((1, LARGE), (2, b"end")):
        wanted = {"Bucket": peer.bucket, "PartNumber": number, "Body": body, **upload}
        sent = peer.s3.upload_part(ChecksumAlgorithm="SHA256", **wanted)
        parts.append({key: sent[key] for key in ("ETag", "ChecksumSHA256") if key in sent})
        parts[-1]["PartNumber"] = number
    return complete(peer, upload, parts, "ChecksumSHA256", "ChecksumType")


@probe
def a_checksum_of_the_whole_object(peer):
    upload = begin(peer, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")
    wanted = {"Bucket": peer.bucket, "PartNumber": 1, "Body": b"abc", **upload}
    sent = peer.s3.upload_part(ChecksumAlgorithm="CRC32", **wanted)
    one = {"PartNumber": 1, "ETag": sent["ETag"], "ChecksumCRC32": "NSRBwg=="}
    wrong = complete(peer, upload, [one], ChecksumCRC32="AAAAAA==")
    right = complete(peer, upload, [one], "ChecksumCRC32", "ChecksumType", ChecksumCRC32="NSRBwg==")
    return {"wrong": wrong, "right": right}
