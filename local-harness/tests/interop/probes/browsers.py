"""What browsers send: presigned URLs, and forms with a policy."""

import base64
import datetime
import json
import unittest.mock

from answers import REGION, probe
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest


def presigned(peer, operation="get_object", change=lambda url: url, **parameters):
    """Answers to a presigned URL after a change of it."""
    expires = parameters.pop("expires", 60)
    body = parameters.pop("body", b"")
    wanted = {"Bucket": peer.bucket, "Key": "a", **parameters}
    url = peer.s3.generate_presigned_url(operation, Params=wanted, ExpiresIn=expires)
    url = change(url)
    path = url[len(peer.endpoint):]
    method = "PUT" if operation == "put_object" else "GET"
    return peer.answer(peer.send(method, path, body=body), "body")


@probe
def a_presigned_get(peer):
    peer.put("a")
    return presigned(peer)


@probe
def a_presigned_put(peer):
    put = presigned(peer, "put_object", body=b"abc")
    return {"put": put, "get": peer.ask("get_object", "Body", Key="a")}


@probe
def a_presigned_get_of_another_key(peer):
    peer.put("a")
    peer.put("b")
    return presigned(peer, change=lambda url: url.replace("/a?", "/b?"))


@probe
def a_presigned_get_with_an_altered_signature(peer):
    peer.put("a")
    return presigned(peer, change=lambda url: url[:-4] + "0000")


@probe
def an_expired_presigned_get(peer):
    peer.put("a")
    return presigned(peer, change=lambda url: signed_at(peer, hours=-2))


def signed_at(peer, **delta):
    """A URL for one minute whose signature is right, and whose time is another one."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(**delta)
    request = AWSRequest("GET", f"{peer.endpoint}/{peer.bucket}/a")
    with unittest.mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: moment):
        S3SigV4QueryAuth(peer.credentials, "s3", REGION, expires=60).add_auth(request)
    return request.url


@probe
def a_presigned_get_from_the_future(peer):
    peer.put("a")
    return presigned(peer, change=lambda url: signed_at(peer, hours=2))


@probe
def a_presigned_get_for_eight_days(peer):
    peer.put("a")
    return presigned(peer, expires=8 * 86_400)


@probe
def a_presigned_get_with_a_foreign_key_id(peer):
    peer.put("a")
    key_id = peer.credentials.access_key
    return presigned(peer, change=lambda url: url.replace(f"={key_id}%2F", "=AKIAFOREIGN%2F"))


@probe
def a_request_without_a_signature(peer):
    peer.put("a")
    return peer.answer(peer.send("GET", f"/{peer.bucket}/a"))


@probe
def a_body_that_is_not_the_signed_one(peer):
    path = f"/{peer.bucket}/a"
    return peer.answer(peer.signed("PUT", path, body=b"abc", sent=b"abd"))


def form(peer, changes=(), conditions=(), fields=(), expires=60, key="in/a"):
    """Posts a form whose policy is for the key `in/a` unless `changes` says otherwise."""
    wanted = {"Bucket": peer.bucket, "Key": key, "ExpiresIn": expires}
    made = peer.s3.generate_presigned_post(
        Fields=dict(fields), Conditions=[*conditions], **wanted
    )
    sent = {**made["fields"], **dict(changes)}
    boundary = "probe"
    start = f"--{boundary}\r\nContent-Disposition: form-data; name="
    parts = [f'{start}"{name}"\r\n\r\n{value}\r\n' for name, value in sent.items()]
    parts.append(f'{start}"file"; filename="photo.jpg"\r\nContent-Type: image/jpeg\r\n\r\n')
    data = "".join(parts).encode() + b"abc" + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    answer = peer.answer(peer.send("POST", f"/{peer.bucket}", headers, data))
    listed = peer.ask("list_objects_v2", "Contents.Key", "Contents.Size")
    return {"post": answer, "stored": listed}


@probe
def a_form(peer):
    return form(peer)


@probe
def a_form_that_wants_201(peer):
    status = {"success_action_status": "201"}
    return form(peer, fields=status, conditions=[status])


@probe
def a_form_with_the_name_of_the_file(peer):
    return form(peer, key="in/${filename}")


@probe
def a_form_for_another_key(peer):
    return form(peer, changes={"key": "out/a"})


@probe
def a_form_with_a_file_that_is_too_large(peer):
    return form(peer, conditions=[["content-length-range", 1, 2]])


@probe
def a_form_with_a_file_that_is_too_small(peer):
    return form(peer, conditions=[["content-length-range", 4, 9]])


@probe
def a_form_with_a_field_that_the_policy_does_not_name(peer):
    return form(peer, changes={"x-amz-meta-more": "1"})


@probe
def a_form_that_has_expired(peer):
    return form(peer, expires=-60)


@probe
def a_form_with_an_altered_policy(peer):
    policy = {"expiration": "2037-01-01T00:00:00Z", "conditions": []}
    altered = base64.b64encode(json.dumps(policy).encode()).decode()
    return form(peer, changes={"policy": altered})
