"""Requests to one of the two servers, and their answers in a form that can be compared.

In: an endpoint. Out: for each request its status, its error code, and the members that a probe
names. IDs and times that no two servers share are left out or replaced by a word.
"""

import hashlib
import http.client
import urllib.parse
import xml.etree.ElementTree

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

REGION = "us-east-1"
PART_BYTES = 5 << 20
PROBES = []


def probe(function):
    """Registers a function; its name and the name of its module are those of the probe."""
    group = function.__module__.replace("_", " ")
    PROBES.append((group, function.__name__.strip("_").replace("_", " "), function))
    return function


def digest(data):
    """Data of more than a line by their size and hash."""
    if len(data) <= 40:
        return data.decode("utf-8", "backslashreplace")
    return f"{len(data)} bytes, MD5 {hashlib.md5(data).hexdigest()}"


def member(output, path):
    """The value at `A.B`; a list of `A.B` where A is a list; `@name` is a header."""
    if path.startswith("@"):
        return output["ResponseMetadata"]["HTTPHeaders"].get(path[1:])
    for at, name in enumerate(steps := path.split(".")):
        if isinstance(output, list):
            rest = ".".join(steps[at:])
            return [member(one, rest) for one in output]
        output = (output or {}).get(name)
    return output


def ask(call, *members, **parameters):
    """Status, and the members that are there; of an error its code."""
    try:
        output = call(**parameters)
    except ClientError as error:
        answer = error.response
        code = answer["Error"]["Code"]
        status = answer["ResponseMetadata"]["HTTPStatusCode"]
        # An answer without a body has no code but its status.
        return {"status": status} if code == str(status) else {"status": status, "code": code}
    answer = {"status": output["ResponseMetadata"]["HTTPStatusCode"]}
    for path in members:
        value = member(output, path)
        if hasattr(value, "read"):
            value = digest(value.read())
        if value is not None:
            answer[path] = value
    return answer


class Peer:
    """One server, with a bucket for the probe that runs."""

    def __init__(self, s3, sqs, access_key, secret_key):
        keys = {"aws_access_key_id": access_key, "aws_secret_access_key": secret_key}
        config = Config(
            region_name=REGION,
            retries={"total_max_attempts": 1},
            s3={"addressing_style": "path"},
            signature_version="v4",
            read_timeout=60,
        )
        signing = config.merge(Config(signature_version="s3v4"))
        self.endpoint = s3
        self.credentials = Credentials(access_key, secret_key)
        self.s3 = boto3.client("s3", endpoint_url=s3, config=signing, **keys)
        self.sqs = boto3.client("sqs", endpoint_url=sqs, config=config, **keys)
        self.bucket = None
        self.queue = None

    def begin(self, number):
        """A bucket of its own for each probe."""
        self.bucket = f"probe-{number:03}"
        self.s3.create_bucket(Bucket=self.bucket)

    def ask(self, operation, *members, **parameters):
        """An operation of S3 in the probe's bucket."""
        call = getattr(self.s3, operation)
        return ask(call, *members, **{"Bucket": self.bucket, **parameters})

    def ask_queue(self, operation, *members, **parameters):
        """An operation of SQS on the queue."""
        call = getattr(self.sqs, operation)
        return ask(call, *members, **{"QueueUrl": self.queue, **parameters})

    def put(self, key, body=b"0123456789", **parameters):
        """An object; its output."""
        return self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, **parameters)

    def send(self, method, path, headers=None, body=b""):
        """A request without a signature, as it stands: `path` is sent byte for byte."""
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.endpoint).netloc)
        connection.putrequest(method, path, skip_accept_encoding=True)
        sent = {"Content-Length": str(len(body)), **(headers or {})}
        for name, value in sent.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response, data

    def signed(self, method, path, headers=None, body=b"", trailer=False, sent=None):
        """A request with a signature; with a trailer, `body` is in chunks already. `sent` is a
        body in its place."""
        request = AWSRequest(method, self.endpoint + path, headers or {}, body)
        request.context["payload_signing_enabled"] = True
        if trailer:
            request.context["checksum"] = {"request_algorithm": {"in": "trailer"}}
        S3SigV4Auth(self.credentials, "s3", REGION).add_auth(request)
        return self.send(method, path, dict(request.headers), body if sent is None else sent)

    def answer(self, sent, *headers):
        """What `send` and `signed` return, in the form of `ask`."""
        response, data = sent
        answer = {"status": response.status}
        if response.status >= 300 and data.startswith(b"<"):
            answer["code"] = code_of(data)
        for name in headers:
            if response.getheader(name) is not None:
                answer["@" + name] = response.getheader(name)
        if response.status < 300 and "body" in headers:
            answer["body"] = digest(data)
        return answer


def code_of(data):
    """The code of an error in XML."""
    try:
        return xml.etree.ElementTree.fromstring(data).findtext("Code")
    except xml.etree.ElementTree.ParseError:
        return "no XML"
