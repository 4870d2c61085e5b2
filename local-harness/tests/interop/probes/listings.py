"""ListObjects in both versions: delimiters, pages, encoding."""

from answers import probe

KEYS = ("a", "b/1", "b/2", "c/1", "d")
MEMBERS = ("Contents.Key", "CommonPrefixes.Prefix", "IsTruncated", "KeyCount")


def fill(peer, keys=KEYS):
    for key in keys:
        peer.put(key, b"")


@probe
def an_empty_bucket(peer):
    return peer.ask("list_objects_v2", *MEMBERS, "MaxKeys", "Prefix")


@probe
def order(peer):
    fill(peer, ("b", "a", "B", "a/b", "a-b", "é", "aa"))
    return peer.ask("list_objects_v2", *MEMBERS)


@probe
def members_of_an_entry(peer):
    peer.put("a")
    members = ("ETag", "Size", "StorageClass", "ChecksumAlgorithm", "ChecksumType", "Owner")
    return peer.ask("list_objects_v2", *(f"Contents.{member}" for member in members))


@probe
def a_delimiter(peer):
    fill(peer)
    return peer.ask("list_objects_v2", *MEMBERS, "Delimiter", Delimiter="/")


@probe
def a_prefix_and_a_delimiter(peer):
    fill(peer)
    return peer.ask("list_objects_v2", *MEMBERS, "Prefix", Prefix="b/", Delimiter="/")


@probe
def a_delimiter_of_two_letters(peer):
    fill(peer, ("a--b", "a-c", "a--d"))
    return peer.ask("list_objects_v2", *MEMBERS, Delimiter="--")


def pages(peer, **parameters):
    fill(peer)
    found, token = [], {}
    while len(found) < 10:
        wanted = {"Bucket": peer.bucket, "MaxKeys": 2, **parameters, **token}
        page = peer.s3.list_objects_v2(**wanted)
        keys = [entry["Key"] for entry in page.get("Contents", [])]
        keys += [entry["Prefix"] for entry in page.get("CommonPrefixes", [])]
        found.append([*sorted(keys), page["KeyCount"], page["IsTruncated"]])
        if not page["IsTruncated"]:
            break
        token = {"ContinuationToken": page["NextContinuationToken"]}
    return found


@probe
def pages_of_two(peer):
    return pages(peer)


@probe
def pages_of_two_with_a_delimiter(peer):
    return pages(peer, Delimiter="/")


@probe
def no_keys_wanted(peer):
    fill(peer)
    return peer.ask("list_objects_v2", *MEMBERS, MaxKeys=0)


@probe
def more_keys_wanted_than_a_page_has(peer):
    return peer.ask("list_objects_v2", "MaxKeys", MaxKeys=5000)


@probe
def a_negative_number_of_keys(peer):
    return peer.ask("list_objects_v2", MaxKeys=-1)


@probe
def a_continuation_token_that_is_none(peer):
    return peer.ask("list_objects_v2", ContinuationToken="x")


@probe
def start_after(peer):
    fill(peer)
    return peer.ask("list_objects_v2", *MEMBERS, "StartAfter", StartAfter="b/1")


@probe
def start_after_inside_a_common_prefix(peer):
    fill(peer)
    return peer.ask("list_objects_v2", *MEMBERS, StartAfter="b/1", Delimiter="/")


@probe
def version_1_with_pages(peer):
    fill(peer)
    wanted = {"MaxKeys": 2, "Delimiter": "/"}
    first = peer.ask("list_objects", *MEMBERS, "NextMarker", **wanted)
    rest = peer.ask("list_objects", *MEMBERS, "Marker", Marker="b/", **wanted)
    return {"first": first, "rest": rest}


@probe
def version_1_without_a_delimiter(peer):
    fill(peer)
    return peer.ask("list_objects", *MEMBERS, "NextMarker", MaxKeys=2)


def encoded(peer, query):
    """The text of elements as it is sent: boto3 decodes keys."""
    fill(peer, ("a b+c/ü&<.jpg", "a b+c/two words"))
    response, data = peer.signed("GET", f"/{peer.bucket}?{query}")
    texts = data.decode().split("<Key>")[1:] + data.decode().split("<CommonPrefixes><Prefix>")[1:]
    return {"status": response.status, "texts": [text.split("</")[0] for text in texts]}


@probe
def keys_with_url_encoding(peer):
    return encoded(peer, "encoding-type=url&list-type=2")


@probe
def common_prefixes_with_url_encoding(peer):
    return encoded(peer, "delimiter=%2F&encoding-type=url&list-type=2&prefix=a%20b%2B")


@probe
def keys_without_url_encoding(peer):
    return encoded(peer, "list-type=2")


@probe
def an_encoding_that_does_not_exist(peer):
    return peer.answer(peer.signed("GET", f"/{peer.bucket}?encoding-type=base64&list-type=2"))
