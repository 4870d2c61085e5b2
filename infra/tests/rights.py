"""A call of an AWS API in, the rights that AWS asks for out, one `Request` for each. Clients that
make a call only if a role's policy gives them all.

Source: Service Authorization Reference, and Amazon S3 User Guide, "Required permissions for Amazon
S3 API operations".
"""

from functools import partial

from botocore.exceptions import ClientError

import policy
from policy import Request
from stack import ACCOUNT, REGION, client


class World:
    """Who owns which bucket, and which key a bucket encrypts with."""

    def __init__(self, owners, kms_keys=None):
        self.owners = owners
        self.kms_keys = kms_keys or {}

    def of_object(self, bucket, key, action):
        """A right on an object; on the bucket itself without a key."""
        resource = f"arn:aws:s3:::{bucket}" + (f"/{key}" if key is not None else "")
        return Request(
            f"s3:{action}",
            resource,
            {"aws:ResourceAccount": self.owners.get(bucket, ACCOUNT)},
        ).with_context(aws__SecureTransport="true")

    def of_key(self, bucket, action):
        """What S3 asks KMS in the caller's name; the context is the bucket with a bucket key."""
        if bucket not in self.kms_keys:
            return []
        context = {
            "kms:ViaService": f"s3.{REGION}.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}",
        }
        return [Request(f"kms:{action}", self.kms_keys[bucket], context)]

    def read(self, call):
        bucket = call["Bucket"]
        return [self.of_object(bucket, call["Key"], "GetObject"), *self.of_key(bucket, "Decrypt")]

    def look(self, call):
        """S3 tells 404 from 403 only to those who may list the bucket."""
        return [*self.read(call), *self.list(call)]

    def list(self, call):
        return [self.of_object(call["Bucket"], None, "ListBucket")]

    def write(self, call, tagging=False):
        bucket, key = call["Bucket"], call["Key"]
        tags = [self.of_object(bucket, key, "PutObjectTagging")]
        return [
            self.of_object(bucket, key, "PutObject"),
            *(tags if tagging or "Tagging" in call else []),
            *self.of_key(bucket, "GenerateDataKey"),
        ]

    def copy(self, call):
        source = call["CopySource"]
        source = {"Bucket": source["Bucket"], "Key": source["Key"]}
        tags = self.of_object(source["Bucket"], source["Key"], "GetObjectTagging")
        return [*self.read(source), tags, *self.write(call, tagging=True)]

    def delete(self, call):
        return [self.of_object(call["Bucket"], call["Key"], "DeleteObject")]

    def delete_listed(self, call):
        keys = [one["Key"] for one in call["Delete"]["Objects"]]
        return [self.of_object(call["Bucket"], key, "DeleteObject") for key in keys]

    def requests(self, service, operation, call):
        """The rights that a call needs."""
        queue = lambda: "arn:aws:sqs:{}:{}:{}".format(REGION, *call["QueueUrl"].split("/")[-2:])
        stream = lambda: "arn:aws:logs:{}:{}:log-group:{}:log-stream:{}".format(
            REGION, ACCOUNT, call["logGroupName"], call["logStreamName"]
        )
        bus = lambda: call["Entries"][0]["EventBusName"]
        needs = {
            "s3.GetObject": partial(self.look, call),
            "s3.HeadObject": partial(self.look, call),
            "s3.PutObject": partial(self.write, call),
            "s3.CopyObject": partial(self.copy, call),
            "s3.DeleteObject": partial(self.delete, call),
            "s3.DeleteObjects": partial(self.delete_listed, call),
            "s3.ListObjectsV2": partial(self.list, call),
            "sqs.ReceiveMessage": lambda: [Request("sqs:ReceiveMessage", queue())],
            "sqs.DeleteMessage": lambda: [Request("sqs:DeleteMessage", queue())],
            "sqs.GetQueueAttributes": lambda: [Request("sqs:GetQueueAttributes", queue())],
            "sqs.SendMessage": lambda: [Request("sqs:SendMessage", queue())],
            "sns.Publish": lambda: [Request("sns:Publish", call["TopicArn"])],
            "events.PutEvents": lambda: [Request("events:PutEvents", bus())],
            "logs.CreateLogStream": lambda: [Request("logs:CreateLogStream", stream())],
            "logs.PutLogEvents": lambda: [Request("logs:PutLogEvents", stream())],
            "xray.PutTraceSegments": lambda: [Request("xray:PutTraceSegments", "*")],
            "xray.PutTelemetryRecords": lambda: [Request("xray:PutTelemetryRecords", "*")],
        }
        return needs[f"{service}.{operation}"]()


class Role:
    """Makes calls under a policy, and remembers which of its rights they used."""

    def __init__(self, document, world):
        self.document = document
        self.world = world
        self.used = set()

    def client(self, service):
        made = client(service)
        made.meta.events.register("provide-client-params.*.*", self.check)
        return made

    def check(self, params, model, **_):
        service = model.service_model.service_name
        requests = self.world.requests(service, model.name, params)
        for request in requests:
            if not policy.is_allowed([self.document], request):
                message = f"{request.action} on {request.resource}"
                refusal = {"Error": {"Code": "AccessDenied", "Message": message}}
                raise ClientError(refusal, model.name)
        for request in requests:
            self.used |= policy.used([self.document], request)


def denied(call, **arguments):
    """Asserts that a call is refused."""
    try:
        call(**arguments)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied", error
    else:
        raise AssertionError(f"allowed: {arguments}")


def from_the_cdn(stack, key):
    """A GET of the stack's distribution."""
    distribution = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{stack.physical('Cdn')}"
    bucket = stack.physical("VariantsBucket")
    request = Request(
        "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", service="cloudfront.amazonaws.com"
    )
    return request.with_context(aws__SourceArn=distribution, aws__SecureTransport="true")
