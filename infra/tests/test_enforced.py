"""A second opinion on the role's policy: calls with the role's credentials while moto itself
enforces it. moto reads actions and resources, not conditions, keys of batches or logs."""

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core import set_initial_no_auth_action_count

from stack import REGION, client, deployed, open_buckets


@pytest.fixture(scope="module")
def stack():
    with deployed() as made:
        open_buckets(made)
        s3 = client("s3")
        here = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket="neighbor", CreateBucketConfiguration=here)
        s3.put_object(Bucket=made.physical("UploadBucket"), Key="lake.jpg", Body=b"picture")
        yield made


@pytest.fixture(scope="module")
def session(stack):
    role = {"RoleArn": stack.outputs["RoleArn"], "RoleSessionName": "test"}
    credentials = client("sts").assume_role(**role)["Credentials"]
    return boto3.Session(
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials["SessionToken"],
        region_name=REGION,
    )


@set_initial_no_auth_action_count(0)
def is_allowed(session, service, call, arguments):
    try:
        getattr(session.client(service), call)(**arguments)
    except ClientError as error:
        assert "AccessDenied" in str(error), error
        return False
    return True


@pytest.mark.parametrize(
    ("call", "bucket", "key", "allowed"),
    [
        ("get_object", "UploadBucket", "lake.jpg", True),
        ("head_object", "UploadBucket", "lake.jpg", True),
        ("put_object", "UploadBucket", "lake.jpg", False),
        ("delete_object", "UploadBucket", "lake.jpg", False),
        ("put_object", "VariantsBucket", "variants/lake.jpg/w160.jpg", True),
        ("put_object", "VariantsBucket", "manifests/lake.jpg.json", True),
        ("put_object", "VariantsBucket", "failures/lake.jpg.json", True),
        ("put_object", "VariantsBucket", "resizer/layouts.json", True),
        ("put_object", "VariantsBucket", "index.html", False),
        ("get_object", "VariantsBucket", "resizer/layouts.json", True),
        ("delete_object", "VariantsBucket", "variants/lake.jpg/w160.jpg", True),
        ("delete_object", "VariantsBucket", "resizer/layouts.json", False),
        ("put_object", "neighbor", "variants/lake.jpg/w160.jpg", False),
    ],
)
def test_objects(stack, session, call, bucket, key, allowed):
    name = stack.resources.get(bucket, bucket)
    assert is_allowed(session, "s3", call, {"Bucket": name, "Key": key}) is allowed


@pytest.mark.parametrize(
    ("bucket", "allowed"),
    [("UploadBucket", True), ("VariantsBucket", True), ("neighbor", False)],
)
def test_listings(stack, session, bucket, allowed):
    name = stack.resources.get(bucket, bucket)
    assert is_allowed(session, "s3", "list_objects_v2", {"Bucket": name}) is allowed


@pytest.mark.parametrize(
    ("call", "queue", "more", "allowed"),
    [
        ("receive_message", "UploadQueue", {}, True),
        ("receive_message", "DeadLetterQueue", {}, False),
        ("send_message", "UploadQueue", {"MessageBody": "{}"}, False),
        ("purge_queue", "UploadQueue", {}, False),
    ],
)
def test_queues(stack, session, call, queue, more, allowed):
    arguments = {"QueueUrl": stack.physical(queue), **more}
    assert is_allowed(session, "sqs", call, arguments) is allowed
