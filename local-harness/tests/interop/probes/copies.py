"""CopyObject: metadata, tags, conditions, sources."""

from answers import probe


def source(peer, key="a"):
    return {"Bucket": peer.bucket, "Key": key}


def original(peer):
    described = {"Metadata": {"of": "original"}, "ContentType": "image/jpeg", "Tagging": "t=1"}
    return peer.put("a", **described)


def described(peer, key):
    head = peer.ask("head_object", "Metadata", "ContentType", Key=key)
    return {"head": head, "tags": peer.ask("get_object_tagging", "TagSet", Key=key)}


@probe
def a_copy_keeps_metadata_and_tags(peer):
    original(peer)
    copy = peer.ask("copy_object", "CopyObjectResult.ETag", Key="b", CopySource=source(peer))
    return {"copy": copy, **described(peer, "b")}


@probe
def a_copy_replaces_metadata(peer):
    original(peer)
    changed = {"MetadataDirective": "REPLACE", "Metadata": {"of": "copy"}}
    copy = peer.ask("copy_object", Key="b", CopySource=source(peer), **changed)
    return {"copy": copy, **described(peer, "b")}


@probe
def a_copy_replaces_tags(peer):
    original(peer)
    changed = {"TaggingDirective": "REPLACE", "Tagging": "u=2"}
    copy = peer.ask("copy_object", Key="b", CopySource=source(peer), **changed)
    return {"copy": copy, **described(peer, "b")}


@probe
def a_copy_onto_itself_that_changes_nothing(peer):
    original(peer)
    return peer.ask("copy_object", Key="a", CopySource=source(peer))


@probe
def a_copy_onto_itself_with_new_metadata(peer):
    original(peer)
    changed = {"MetadataDirective": "REPLACE", "Metadata": {"of": "copy"}}
    copy = peer.ask("copy_object", Key="a", CopySource=source(peer), **changed)
    return {"copy": copy, **described(peer, "a")}


@probe
def a_copy_of_a_missing_object(peer):
    return peer.ask("copy_object", Key="b", CopySource=source(peer, "none"))


@probe
def a_copy_from_a_missing_bucket(peer):
    wanted = {"Bucket": "no-such-bucket", "Key": "a"}
    return peer.ask("copy_object", Key="b", CopySource=wanted)


@probe
def a_copy_of_a_key_with_plus_and_percent(peer):
    peer.put("a+b%20c", b"abc")
    copy = peer.ask("copy_object", Key="b", CopySource=source(peer, "a+b%20c"))
    return {"copy": copy, "get": peer.ask("get_object", "Body", Key="b")}


@probe
def if_match_of_another_source(peer):
    original(peer)
    condition = {"CopySourceIfMatch": '"0"'}
    return peer.ask("copy_object", Key="b", CopySource=source(peer), **condition)


@probe
def if_none_match_of_the_source(peer):
    etag = original(peer)["ETag"]
    condition = {"CopySourceIfNoneMatch": etag}
    return peer.ask("copy_object", Key="b", CopySource=source(peer), **condition)


@probe
def if_none_match_star_of_an_old_target(peer):
    original(peer)
    peer.put("b")
    return peer.ask("copy_object", Key="b", CopySource=source(peer), IfNoneMatch="*")


@probe
def a_copy_with_another_checksum(peer):
    original(peer)
    wanted = {"ChecksumAlgorithm": "SHA256", "CopySource": source(peer)}
    return peer.ask("copy_object", "CopyObjectResult.ChecksumSHA256", Key="b", **wanted)
