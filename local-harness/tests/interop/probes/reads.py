"""GET and HEAD: ranges, conditions, headers."""

import datetime

from answers import probe

PAST = datetime.datetime(2001, 1, 1, tzinfo=datetime.timezone.utc)


def ranged(peer, spec, body=b"0123456789"):
    peer.put("a", body)
    return peer.ask("get_object", "Body", "ContentRange", "ContentLength", Key="a", Range=spec)


def conditional(peer, **condition):
    """GET, and HEAD, which has no body to say more."""
    peer.put("a")
    get = peer.ask("get_object", "Body", Key="a", **condition)
    return {"get": get, "head": peer.ask("head_object", Key="a", **condition)}


@probe
def a_range(peer):
    return ranged(peer, "bytes=2-4")


@probe
def a_range_without_an_end(peer):
    return ranged(peer, "bytes=7-")


@probe
def a_suffix_range(peer):
    return ranged(peer, "bytes=-3")


@probe
def a_suffix_range_longer_than_the_object(peer):
    return ranged(peer, "bytes=-30")


@probe
def a_suffix_range_of_nothing(peer):
    return ranged(peer, "bytes=-0")


@probe
def a_range_that_ends_beyond_the_end(peer):
    return ranged(peer, "bytes=8-99")


@probe
def a_range_that_begins_beyond_the_end(peer):
    return ranged(peer, "bytes=10-20")


@probe
def a_range_of_an_empty_object(peer):
    return ranged(peer, "bytes=0-0", b"")


@probe
def two_ranges(peer):
    return ranged(peer, "bytes=0-1,4-5")


@probe
def a_range_that_ends_before_it_begins(peer):
    return ranged(peer, "bytes=5-2")


@probe
def a_range_in_another_unit(peer):
    return ranged(peer, "items=0-1")


@probe
def head_with_a_range(peer):
    peer.put("a")
    return peer.ask("head_object", "ContentLength", "ContentRange", Key="a", Range="bytes=2-4")


@probe
def if_match(peer):
    etag = peer.put("a")["ETag"]
    return conditional(peer, IfMatch=etag)


@probe
def if_match_of_another(peer):
    return conditional(peer, IfMatch='"0"')


@probe
def if_none_match(peer):
    etag = peer.put("a")["ETag"]
    return conditional(peer, IfNoneMatch=etag)


@probe
def if_none_match_star(peer):
    return conditional(peer, IfNoneMatch="*")


@probe
def if_modified_since_the_past(peer):
    return conditional(peer, IfModifiedSince=PAST)


@probe
def if_unmodified_since_the_past(peer):
    return conditional(peer, IfUnmodifiedSince=PAST)


@probe
def if_match_and_if_unmodified_since(peer):
    etag = peer.put("a")["ETag"]
    return conditional(peer, IfMatch=etag, IfUnmodifiedSince=PAST)


@probe
def if_none_match_and_if_modified_since(peer):
    etag = peer.put("a")["ETag"]
    return conditional(peer, IfNoneMatch=etag, IfModifiedSince=PAST)


@probe
def headers_chosen_by_the_reader(peer):
    peer.put("a")
    chosen = {"ResponseContentType": "text/x", "ResponseCacheControl": "no-store"}
    return peer.ask("get_object", "ContentType", "CacheControl", Key="a", **chosen)


@probe
def a_missing_object(peer):
    get = peer.ask("get_object", Key="none")
    return {"get": get, "head": peer.ask("head_object", Key="none")}


@probe
def a_missing_bucket(peer):
    get = peer.ask("get_object", Bucket="no-such-bucket", Key="a")
    return {"get": get, "head": peer.ask("head_bucket", Bucket="no-such-bucket")}


@probe
def attributes(peer):
    peer.put("a", ChecksumAlgorithm="SHA256")
    wanted = ["ETag", "ObjectSize", "StorageClass", "Checksum"]
    members = ("ETag", "ObjectSize", "StorageClass", "Checksum.ChecksumSHA256")
    return peer.ask("get_object_attributes", *members, Key="a", ObjectAttributes=wanted)
