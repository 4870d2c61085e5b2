"""The template and parameters in, a stack on moto out: what infra/template.yaml creates, read back
through the same APIs as AWS's.

The SAM transform is AWS's own library. moto's CloudFormation resolves references and conditions
and creates most resources; `missing.py` creates the rest. Knows no account.
"""

import contextlib
import json
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import boto3
from moto import mock_aws
from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

import missing

INFRA = Path(__file__).resolve().parent.parent
ACCOUNT = "123456789012"
REGION = "eu-west-1"
STACK = "pictures"
CODE = ("artifacts", "bootstrap.zip")


@cache
def template_text():
    return (INFRA / "template.yaml").read_text()


def template():
    """The template as it is written, with the short forms of functions made long."""
    return yaml_parse(template_text())


def defaults():
    """The value of each parameter that has one."""
    return {name: str(of["Default"]) for name, of in template()["Parameters"].items()}


@dataclass
class Stack:
    """A stack that exists on moto while the context that made it is open."""

    resources: dict
    outputs: dict
    properties: dict

    def physical(self, logical_id):
        """What `!Ref` gives."""
        return self.resources[logical_id]


def client(service):
    return boto3.client(service, region_name=REGION)


def transformed():
    """The template as CloudFormation gets it from SAM, with the code where `sam deploy` puts it."""
    source = template()
    properties = source["Resources"]["Resizer"]["Properties"]
    properties["CodeUri"] = "s3://" + "/".join(CODE)
    return transform(source, defaults(), ManagedPolicyLoader(client("iam")))


@contextlib.contextmanager
def deployed(**parameters):
    """Creates the stack with these parameters and the defaults of all others."""
    os.environ.update(
        AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_DEFAULT_REGION=REGION
    )
    with mock_aws():
        s3 = client("s3")
        for bucket in [CODE[0], parameters.get("ExistingUploadBucket")]:
            if bucket:
                s3.create_bucket(
                    Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
                )
        s3.put_object(Bucket=CODE[0], Key=CODE[1], Body=b"zip")
        missing.register()
        missing.PROPERTIES.clear()
        body = transformed()
        client("cloudformation").create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(body),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value}
                for name, value in parameters.items()
            ],
        )
        made = described()
        # Otherwise moto takes messages and looks for a container to run the function in.
        mapping = made.physical("ResizerUploads")
        client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
        yield made


def described():
    cloudformation = client("cloudformation")
    stack = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    assert stack["StackStatus"] == "CREATE_COMPLETE", stack
    resources = cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
    # moto lists what a condition leaves out without a name.
    created = [one for one in resources if "LogicalResourceId" in one]
    return Stack(
        {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in created},
        {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])},
        dict(missing.PROPERTIES),
    )


def open_buckets(stack):
    """Takes the buckets' policies away: moto does not read their conditions, and would deny every
    request by `TlsOnly`. What they say is for `policy.py`."""
    for logical_id in ["UploadBucket", "VariantsBucket"]:
        if logical_id in stack.resources:
            client("s3").delete_bucket_policy(Bucket=stack.physical(logical_id))


def role_policy(stack):
    """The policy of the function's role, as IAM has it."""
    iam = client("iam")
    role = stack.physical("ResizerRole")
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == ["resizer"]
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    return iam.get_role_policy(RoleName=role, PolicyName="resizer")["PolicyDocument"]
