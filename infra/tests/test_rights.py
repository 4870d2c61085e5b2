"""Each right of the function's role is used by a call that the function, or Lambda in its name,
makes; and calls beside them are denied. What the function calls: resizer/function/src/store.rs."""

import re
from datetime import datetime

import pytest
from botocore.exceptions import ClientError

import policy
from policy import Request
from rights import Role, World, denied
from settings import BUS, EVERYTHING, RESULTS_KEY, TOPIC, UPLOADS_KEY
from stack import ACCOUNT, INFRA, REGION, client, deployed, open_buckets, role_policy

STRANGER = "999999999999"
TAGS = "team=web&stage=test"


@pytest.fixture(scope="module")
def everything():
    """A stack with every option on, its uploads, and what it writes to."""
    with deployed(**EVERYTHING) as stack:
        s3 = client("s3")
        here = {"LocationConstraint": REGION}
        for bucket in ["originals", "neighbor"]:
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=here)
        client("events").create_event_bus(Name="pictures")
        client("sns").create_topic(Name="pictures")
        open_buckets(stack)
        yield stack


def role_of(stack, **strangers):
    owners = {bucket: STRANGER for bucket in strangers.get("strangers", [])}
    keys = {
        stack.physical("UploadBucket"): UPLOADS_KEY,
        stack.physical("VariantsBucket"): RESULTS_KEY,
    }
    return Role(role_policy(stack), World(owners, keys))


def function_calls(role, stack):
    """What the function does in the life of an upload, as `store.rs` and `completion.rs` do it."""
    s3 = role.client("s3")
    uploads, variants = stack.physical("UploadBucket"), stack.physical("VariantsBucket")
    key = "incoming/lake.jpg"
    client("s3").put_object(Bucket=uploads, Key=key, Body=b"picture")
    etag = s3.head_object(Bucket=uploads, Key=key)["ETag"]
    s3.get_object(Bucket=uploads, Key=key)
    s3.list_objects_v2(Bucket=uploads, Prefix=key, MaxKeys=1, EncodingType="url")
    for gone in [(uploads, "incoming/gone.jpg"), (variants, "variants/gone.jpg/w160.jpg")]:
        with pytest.raises(ClientError, match="404|NoSuchKey|Not Found"):
            s3.head_object(Bucket=gone[0], Key=gone[1])
    results = [
        "variants/incoming/lake.jpg/w160.jpg",
        "manifests/incoming/lake.jpg.json",
        "failures/incoming/lake.jpg.json",
        "old/incoming/lake.jpg",
    ]
    for result in [*results, "resizer/layouts.json"]:
        s3.put_object(
            Bucket=variants,
            Key=result,
            Body=b"result",
            Tagging=TAGS,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=RESULTS_KEY,
            Metadata={"resizer-fingerprint": "3f6c0a1be0e49d52"},
        )
        s3.head_object(Bucket=variants, Key=result)
        s3.get_object(Bucket=variants, Key=result)
    # What is made for a signed URL.
    s3.put_object(Bucket=variants, Key="endpoint/0123", Body=b"result")
    s3.get_object(Bucket=variants, Key="endpoint/0123")
    s3.delete_object(Bucket=variants, Key=results[0])
    s3.delete_objects(Bucket=variants, Delete={"Objects": [{"Key": key} for key in results]})
    source = {"Bucket": uploads, "Key": key}
    s3.copy_object(Bucket="originals", Key=key, CopySource=source, CopySourceIfMatch=etag)
    s3.delete_object(Bucket=uploads, Key=key, IfMatch=etag)
    entry = {"Source": "image-resizer", "DetailType": "done", "Detail": "{}", "EventBusName": BUS}
    role.client("events").put_events(Entries=[entry])
    role.client("sns").publish(TopicArn=TOPIC, Message="done")


def lambda_calls(role, stack):
    """What Lambda does with the function's role: the queue, logs and traces."""
    sqs, queue = role.client("sqs"), stack.physical("UploadQueue")
    sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
    client("sqs").send_message(QueueUrl=queue, MessageBody="{}")
    message = sqs.receive_message(QueueUrl=queue)["Messages"][0]
    sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    logs, group = role.client("logs"), stack.physical("ResizerLogs")
    names = {"logGroupName": group, "logStreamName": "2026/11/29/[$LATEST]0123"}
    logs.create_log_stream(**names)
    event = {"timestamp": int(datetime.now().timestamp() * 1000), "message": "{}"}
    logs.put_log_events(**names, logEvents=[event])
    xray = role.client("xray")
    xray.put_trace_segments(TraceSegmentDocuments=["{}"])
    record = {"Timestamp": datetime.now()}
    xray.put_telemetry_records(TelemetryRecords=[record])


def test_each_right_is_used_and_each_call_is_allowed(everything):
    role = role_of(everything)
    function_calls(role, everything)
    lambda_calls(role, everything)
    assert role.used == policy.grants(role.document)


def test_other_buckets_and_other_keys_are_denied(everything):
    s3 = role_of(everything).client("s3")
    uploads, variants = everything.physical("UploadBucket"), everything.physical("VariantsBucket")
    upload = {"Bucket": uploads, "Key": "incoming/lake.jpg"}
    # Other buckets.
    for call in [s3.get_object, s3.head_object, s3.put_object, s3.delete_object]:
        denied(call, Bucket="neighbor", Key="variants/incoming/lake.jpg/w160.jpg")
    denied(s3.copy_object, Bucket="neighbor", Key="lake.jpg", CopySource=upload)
    denied(s3.list_objects_v2, Bucket="neighbor")
    denied(s3.get_object, Bucket="originals", Key="incoming/lake.jpg")
    denied(s3.delete_object, Bucket="originals", Key="incoming/lake.jpg")
    # Other keys of the same buckets.
    denied(s3.get_object, Bucket=uploads, Key="private/lake.jpg")
    denied(s3.delete_object, Bucket=uploads, Key="private/lake.jpg")
    denied(s3.put_object, **upload)
    denied(s3.put_object, Bucket=variants, Key="index.html")
    denied(s3.get_object, Bucket=variants, Key="resizer/other.json")
    denied(s3.delete_object, Bucket=variants, Key="resizer/layouts.json")
    denied(s3.delete_object, Bucket=variants, Key="endpoint/0123")
    keys = {"Objects": [{"Key": "variants/a"}, {"Key": "index.html"}]}
    denied(s3.delete_objects, Bucket=variants, Delete=keys)


def test_a_bucket_of_another_account_is_denied(everything):
    """Its name is this stack's: a stranger may take the name of a bucket that was deleted."""
    uploads, variants = everything.physical("UploadBucket"), everything.physical("VariantsBucket")
    role = role_of(everything, strangers=[uploads, variants, "originals"])
    s3 = role.client("s3")
    upload = {"Bucket": uploads, "Key": "incoming/lake.jpg"}
    result = {"Bucket": variants, "Key": "variants/incoming/lake.jpg/w160.jpg"}
    for call in [s3.get_object, s3.head_object, s3.delete_object]:
        denied(call, **upload)
    for call in [s3.get_object, s3.put_object, s3.delete_object]:
        denied(call, **result)
    denied(s3.list_objects_v2, Bucket=uploads, Prefix="incoming/")
    denied(s3.put_object, Bucket=variants, Key="resizer/layouts.json")
    # Each right by itself, as one that is missing could hide another.
    for _, action, resource in policy.grants(role.document):
        if action.startswith("s3:"):
            request = Request(action, resource.replace("*", "lake.jpg"))
            own = request.with_context(aws__ResourceAccount=ACCOUNT)
            assert policy.is_allowed([role.document], own), request
            foreign = request.with_context(aws__ResourceAccount=STRANGER)
            assert not policy.is_allowed([role.document], foreign), request
    friend = role_of(everything, strangers=["originals"]).client("s3")
    denied(friend.copy_object, Bucket="originals", Key="lake.jpg", CopySource=upload)


def test_other_queues_topics_buses_and_logs_are_denied(everything):
    role = role_of(everything)
    sqs = role.client("sqs")
    denied(sqs.receive_message, QueueUrl=everything.physical("DeadLetterQueue"))
    denied(sqs.send_message, QueueUrl=everything.physical("UploadQueue"), MessageBody="{}")
    denied(role.client("sns").publish, TopicArn=TOPIC + "-2", Message="done")
    foreign = BUS.replace(ACCOUNT, STRANGER)
    entry = {"Source": "a", "DetailType": "b", "Detail": "{}", "EventBusName": foreign}
    denied(role.client("events").put_events, Entries=[entry])
    names = {"logGroupName": "/aws/lambda/other", "logStreamName": "a"}
    denied(role.client("logs").create_log_stream, **names)


def test_keys_serve_their_own_bucket_through_s3_alone(everything):
    document = role_policy(everything)
    world = role_of(everything).world
    uploads, variants = everything.physical("UploadBucket"), everything.physical("VariantsBucket")
    [decrypt] = world.of_key(uploads, "Decrypt")
    [encrypt] = world.of_key(variants, "GenerateDataKey")
    arn = "kms__EncryptionContext__aws__s3__arn"
    by_object = {arn: f"arn:aws:s3:::{uploads}/incoming/lake.jpg"}
    assert policy.is_allowed([document], decrypt)
    assert policy.is_allowed([document], decrypt.with_context(**by_object))
    assert policy.is_allowed([document], encrypt)
    for request in [decrypt, encrypt]:
        elsewhere = {arn: "arn:aws:s3:::neighbor"}
        assert not policy.is_allowed([document], request.with_context(**elsewhere))
        longer = {arn: request.context["kms:EncryptionContext:aws:s3:arn"] + "-2"}
        assert not policy.is_allowed([document], request.with_context(**longer))
        other = {"kms__ViaService": f"sqs.{REGION}.amazonaws.com"}
        assert not policy.is_allowed([document], request.with_context(**other))
    [upload] = world.of_key(uploads, "GenerateDataKey")
    assert not policy.is_allowed([document], upload), "the function writes no uploads"


def test_the_function_makes_no_other_calls_of_s3():
    """A new one needs its rights in `rights.py` and in the template."""
    sources = (INFRA.parent / "resizer/function/src").rglob("*.rs")
    text = "\n".join(source.read_text() for source in sources)
    called = set(re.findall(r"\bclient\s*\.(\w+)\(\)\s*\.bucket\(", text))
    called |= set(re.findall(r"\bself\.client\.(\w+)\(\)", text))
    tested = {
        "get_object",
        "head_object",
        "put_object",
        "copy_object",
        "delete_object",
        "delete_objects",
        "list_objects_v2",
    }
    assert called == tested
