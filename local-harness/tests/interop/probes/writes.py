"""PUT, copy, and delete: conditions, checksums, metadata, tags."""

import base64
import hashlib

from answers import probe

NULL_MD5 = base64.b64encode(bytes(16)).decode()


@probe
def an_upload(peer):
    members = ("ETag", "ChecksumCRC32", "ChecksumType", "VersionId")
    return peer.ask("put_object", *members, Key="a", Body=b"0123456789")


@probe
def if_none_match_star_on_a_new_key(peer):
    return peer.ask("put_object", Key="a", Body=b"", IfNoneMatch="*")


@probe
def if_none_match_star_on_an_old_key(peer):
    peer.put("a")
    return peer.ask("put_object", Key="a", Body=b"", IfNoneMatch="*")


@probe
def if_none_match_of_an_etag(peer):
    return peer.ask("put_object", Key="a", Body=b"", IfNoneMatch='"0"')


@probe
def if_match_of_the_current(peer):
    etag = peer.put("a")["ETag"]
    return peer.ask("put_object", Key="a", Body=b"", IfMatch=etag)


@probe
def if_match_of_another(peer):
    peer.put("a")
    return peer.ask("put_object", Key="a", Body=b"", IfMatch='"0"')


@probe
def if_match_of_a_missing_object(peer):
    return peer.ask("put_object", Key="a", Body=b"", IfMatch='"0"')


@probe
def delete_if_match_of_another(peer):
    peer.put("a")
    return peer.ask("delete_object", Key="a", IfMatch='"0"')


@probe
def delete_if_match_of_a_missing_object(peer):
    return peer.ask("delete_object", Key="a", IfMatch='"0"')


@probe
def a_wrong_content_md5(peer):
    return peer.ask("put_object", Key="a", Body=b"abc", ContentMD5=NULL_MD5)


@probe
def a_content_md5_that_is_none(peer):
    return peer.ask("put_object", Key="a", Body=b"abc", ContentMD5="abc")


@probe
def a_wrong_crc32(peer):
    return peer.ask("put_object", Key="a", Body=b"abc", ChecksumCRC32="AAAAAA==")


@probe
def a_wrong_sha256(peer):
    zero = base64.b64encode(bytes(32)).decode()
    return peer.ask("put_object", Key="a", Body=b"abc", ChecksumSHA256=zero)


@probe
def a_checksum_of_the_wrong_length(peer):
    return peer.ask("put_object", Key="a", Body=b"abc", ChecksumSHA256="AAAA")


@probe
def two_checksums(peer):
    sha1 = base64.b64encode(hashlib.sha1(b"abc").digest()).decode()
    both = {"ChecksumSHA1": sha1, "ChecksumCRC32": "NSRBwg=="}
    return peer.ask("put_object", Key="a", Body=b"abc", **both)


@probe
def each_checksum_read_back(peer):
    answers = {}
    for name in ("CRC32", "SHA1", "SHA256"):
        peer.put(name, b"abc", ChecksumAlgorithm=name)
        head = {"Key": name, "ChecksumMode": "ENABLED"}
        answers[name] = peer.ask("head_object", f"Checksum{name}", "ChecksumType", **head)
    return answers


def trailing(peer, checksum, ends=True):
    body = b"3\r\nabc\r\n0\r\n" + b"x-amz-checksum-crc32:" + checksum + b"\r\n\r\n"
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Decoded-Content-Length": "3",
        "X-Amz-Trailer": "x-amz-checksum-crc32",
    }
    path = f"/{peer.bucket}/a"
    put = peer.answer(peer.signed("PUT", path, headers, body if ends else body[:-4], trailer=True))
    return {"put": put, "get": peer.ask("get_object", "Body", "ContentEncoding", Key="a")}


@probe
def a_trailing_checksum(peer):
    return trailing(peer, b"NSRBwg==")


@probe
def a_wrong_trailing_checksum(peer):
    return trailing(peer, b"AAAAAA==")


@probe
def metadata(peer):
    peer.put("a", Metadata={"Case": "A b", "empty": ""}, CacheControl="max-age=1")
    return peer.ask("head_object", "Metadata", "CacheControl", "ContentType", Key="a")


@probe
def metadata_of_2048_bytes(peer):
    return peer.ask("put_object", Key="a", Body=b"", Metadata={"a": "b" * 2047})


@probe
def metadata_of_2049_bytes(peer):
    return peer.ask("put_object", Key="a", Body=b"", Metadata={"a": "b" * 2048})


@probe
def tags(peer):
    put = peer.ask("put_object", Key="a", Body=b"", Tagging="b=2&a=1%20x")
    count = peer.ask("head_object", "TagCount", Key="a")
    return {"put": put, "head": count, "tags": peer.ask("get_object_tagging", "TagSet", Key="a")}


@probe
def eleven_tags(peer):
    tagging = "&".join(f"k{number}=v" for number in range(11))
    return peer.ask("put_object", Key="a", Body=b"", Tagging=tagging)


@probe
def one_tag_twice(peer):
    return peer.ask("put_object", Key="a", Body=b"", Tagging="a=1&a=2")


@probe
def a_tag_of_129_letters(peer):
    return peer.ask("put_object", Key="a", Body=b"", Tagging="k" * 129 + "=v")


@probe
def tags_of_a_missing_object(peer):
    return peer.ask("get_object_tagging", Key="none")


@probe
def a_storage_class_that_does_not_exist(peer):
    return peer.ask("put_object", Key="a", Body=b"", StorageClass="LUKEWARM")


@probe
def delete_of_a_missing_object(peer):
    return peer.ask("delete_object", Key="none")


@probe
def delete_of_several(peer):
    peer.put("a")
    wanted = {"Objects": [{"Key": "a"}, {"Key": "none"}]}
    return peer.ask("delete_objects", "Deleted.Key", "Errors.Code", Delete=wanted)


@probe
def delete_of_several_quietly(peer):
    peer.put("a")
    wanted = {"Objects": [{"Key": "a"}], "Quiet": True}
    return peer.ask("delete_objects", "Deleted.Key", Delete=wanted)


@probe
def delete_of_1001(peer):
    wanted = {"Objects": [{"Key": str(number)} for number in range(1001)]}
    return peer.ask("delete_objects", Delete=wanted)
