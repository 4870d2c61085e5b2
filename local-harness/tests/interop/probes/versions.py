"""Versioning: versions, delete markers, suspended buckets."""

from answers import probe


def enable(peer, status="Enabled"):
    wanted = {"Status": status}
    peer.s3.put_bucket_versioning(Bucket=peer.bucket, VersioningConfiguration=wanted)


def is_given(answer, member="VersionId"):
    """An ID is another one at each server: only whether it is there, or is `null`."""
    if member in answer and answer[member] != "null":
        answer[member] = "an ID"
    return answer


@probe
def the_state_of_a_bucket(peer):
    new = peer.ask("get_bucket_versioning", "Status")
    enable(peer)
    enabled = peer.ask("get_bucket_versioning", "Status")
    enable(peer, "Suspended")
    return {"new": new, "enabled": enabled, "last": peer.ask("get_bucket_versioning", "Status")}


@probe
def an_upload_gets_an_id(peer):
    enable(peer)
    return is_given(peer.ask("put_object", "VersionId", Key="a", Body=b"1"))


@probe
def an_older_version(peer):
    enable(peer)
    first = peer.put("a", b"1")["VersionId"]
    peer.put("a", b"2")
    old = peer.ask("get_object", "Body", Key="a", VersionId=first)
    return {"old": old, "new": peer.ask("get_object", "Body", Key="a")}


@probe
def a_delete_marker(peer):
    enable(peer)
    peer.put("a", b"1")
    delete = is_given(peer.ask("delete_object", "DeleteMarker", "VersionId", Key="a"))
    get = is_given(peer.ask("get_object", Key="a"))
    return {"delete": delete, "get": get, "list": peer.ask("list_objects_v2", "KeyCount")}


@probe
def reading_a_delete_marker_by_its_id(peer):
    enable(peer)
    peer.put("a", b"1")
    marker = peer.s3.delete_object(Bucket=peer.bucket, Key="a")["VersionId"]
    get = peer.ask("get_object", Key="a", VersionId=marker)
    return {"get": get, "head": peer.ask("head_object", Key="a", VersionId=marker)}


@probe
def removing_a_delete_marker(peer):
    enable(peer)
    peer.put("a", b"1")
    marker = peer.s3.delete_object(Bucket=peer.bucket, Key="a")["VersionId"]
    delete = is_given(
        peer.ask("delete_object", "DeleteMarker", "VersionId", Key="a", VersionId=marker)
    )
    return {"delete": delete, "get": peer.ask("get_object", "Body", Key="a")}


@probe
def the_header_of_a_delete_marker(peer):
    enable(peer)
    peer.put("a", b"1")
    peer.s3.delete_object(Bucket=peer.bucket, Key="a")
    return peer.answer(peer.signed("HEAD", f"/{peer.bucket}/a"), "x-amz-delete-marker")


@probe
def removing_a_version(peer):
    enable(peer)
    peer.put("a", b"1")
    second = peer.put("a", b"2")["VersionId"]
    delete = is_given(peer.ask("delete_object", "VersionId", Key="a", VersionId=second))
    return {"delete": delete, "get": peer.ask("get_object", "Body", Key="a")}


@probe
def a_version_that_does_not_exist(peer):
    enable(peer)
    peer.put("a", b"1")
    other = peer.put("b", b"1")["VersionId"]
    unknown = peer.ask("get_object", Key="a", VersionId=other)
    wrong = peer.ask("get_object", Key="a", VersionId="no-id")
    return {"of another key": unknown, "no ID": wrong}


@probe
def the_list_of_versions(peer):
    peer.put("a", b"0")
    enable(peer)
    peer.put("a", b"1")
    peer.put("b", b"2")
    peer.s3.delete_object(Bucket=peer.bucket, Key="a")
    members = ("Versions.Key", "Versions.IsLatest", "Versions.Size", "DeleteMarkers.Key",
               "DeleteMarkers.IsLatest", "IsTruncated")
    return peer.ask("list_object_versions", *members)


@probe
def pages_of_versions(peer):
    enable(peer)
    for body in (b"1", b"2", b"3"):
        peer.put("a", body)
    members = ("Versions.Key", "IsTruncated", "NextKeyMarker")
    return peer.ask("list_object_versions", *members, MaxKeys=2)


@probe
def an_upload_while_suspended(peer):
    enable(peer)
    peer.put("a", b"1")
    enable(peer, "Suspended")
    put = is_given(peer.ask("put_object", "VersionId", Key="a", Body=b"2"))
    delete = is_given(peer.ask("delete_object", "VersionId", "DeleteMarker", Key="a"))
    members = ("Versions.Size", "DeleteMarkers.VersionId")
    return {"put": put, "delete": delete, "list": peer.ask("list_object_versions", *members)}


@probe
def a_copy_of_a_version(peer):
    enable(peer)
    first = peer.put("a", b"1")["VersionId"]
    peer.put("a", b"2")
    source = {"Bucket": peer.bucket, "Key": "a", "VersionId": first}
    members = ("VersionId", "CopySourceVersionId")
    copy = peer.ask("copy_object", *members, Key="b", CopySource=source)
    for member in members:
        is_given(copy, member)
    return {"copy": copy, "get": peer.ask("get_object", "Body", Key="b")}


@probe
def a_conditional_write_over_a_delete_marker(peer):
    enable(peer)
    peer.put("a", b"1")
    peer.s3.delete_object(Bucket=peer.bucket, Key="a")
    return peer.ask("put_object", Key="a", Body=b"2", IfNoneMatch="*")


@probe
def deleting_a_bucket_with_versions(peer):
    enable(peer)
    peer.put("a", b"1")
    peer.s3.delete_object(Bucket=peer.bucket, Key="a")
    return peer.ask("delete_bucket")
