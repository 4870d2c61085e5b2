"""What moto's CloudFormation does not create: policies of buckets and queues, alarms, and all of a
bucket but its encryption. Resolved properties in, calls of moto's own APIs out, which check them.
CloudFront's resources and function URLs are only kept as they are written.
"""

import json
from functools import cache

import boto3
from moto.cloudformation import parsing
from moto.iam.models import Role
from moto.logs.models import LogGroup
from moto.s3.models import FakeBucket

# Properties of all resources by logical id, of the stack that was created last.
PROPERTIES = {}


class Added:
    """A resource that moto's CloudFormation lacks."""

    type_name = ""

    def __init__(self, name):
        # moto writes the other names that it knows beside this one.
        self.physical_resource_id = name
        self.type = self.type_name
        self.status = "CREATE_COMPLETE"

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def cloudformation_type(cls):
        return cls.type_name

    @classmethod
    def create_from_cloudformation_json(cls, name, resource, account_id, region_name, **ids):
        cls.create(resource["Properties"], region_name, ids["LogicalId"])
        return cls(name if cls.type_name != "AWS::CloudFront::Distribution" else "E2EXAMPLE")

    @classmethod
    def update_from_cloudformation_json(cls, *arguments):
        raise NotImplementedError(arguments)

    @classmethod
    def delete_from_cloudformation_json(cls, *arguments):
        """Goes with what it belongs to."""

    @classmethod
    def has_cfn_attr(cls, attribute):
        return attribute in ("Arn", "Id", "DomainName", "FunctionARN", "FunctionUrl")

    def get_cfn_attribute(self, attribute):
        name = self.physical_resource_id
        return {
            "Arn": f"arn:aws:cloudwatch:::{name}",
            "Id": name,
            "DomainName": "d111111abcdef8.cloudfront.net",
            "FunctionARN": f"arn:aws:cloudfront::123456789012:function/{name}",
            "FunctionUrl": "https://abcdefgh.lambda-url.eu-west-1.on.aws/",
        }[attribute]

    def is_created(self):
        return True


def bucket_policy(properties, region, _):
    s3 = boto3.client("s3", region_name=region)
    policy = json.dumps(properties["PolicyDocument"])
    s3.put_bucket_policy(Bucket=properties["Bucket"], Policy=policy)


def queue_policy(properties, region, _):
    sqs = boto3.client("sqs", region_name=region)
    policy = json.dumps(properties["PolicyDocument"])
    for url in properties["Queues"]:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def alarm(properties, region, logical_id):
    numbers = {name: float(properties[name]) for name in ["Threshold"]}
    boto3.client("cloudwatch", region_name=region).put_metric_alarm(
        AlarmName=logical_id, **{**properties, **numbers}
    )


def keep(*_):
    """CloudFront's, and Lambda's for a URL: nothing of the tests asks them."""


def iam_role(role, properties):
    """moto keeps the text of a Python value as the policy; IAM has JSON."""
    iam = boto3.client("iam")
    for policy in properties["Policies"]:
        document = json.dumps(policy["PolicyDocument"])
        name = policy["PolicyName"]
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)


def configure(bucket, properties, region):
    """All of a bucket that moto leaves out, by the calls that CloudFormation makes."""
    s3 = boto3.client("s3", region_name=region)
    s3.put_public_access_block(
        Bucket=bucket,
        PublicAccessBlockConfiguration=properties["PublicAccessBlockConfiguration"],
    )
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls=properties["OwnershipControls"]
    )
    rules = [lifecycle(rule) for rule in properties["LifecycleConfiguration"]["Rules"]]
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
    if "CorsConfiguration" in properties:
        renamed = {"Id": "ID", "ExposedHeaders": "ExposeHeaders", "MaxAge": "MaxAgeSeconds"}
        rules = [
            {renamed.get(name, name): value for name, value in rule.items()}
            for rule in properties["CorsConfiguration"]["CorsRules"]
        ]
        s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": rules})
    if "NotificationConfiguration" in properties:
        queues = properties["NotificationConfiguration"]["QueueConfigurations"]
        queues = [notification(one) for one in queues]
        s3.put_bucket_notification_configuration(
            Bucket=bucket, NotificationConfiguration={"QueueConfigurations": queues}
        )


def notification(one):
    out = {"QueueArn": one["Queue"], "Events": [one["Event"]]}
    if "Filter" in one:
        rules = one["Filter"]["S3Key"]["Rules"]
        out["Filter"] = {"Key": {"FilterRules": rules}}
    return out


def lifecycle(rule):
    out = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    for name in ["AbortIncompleteMultipartUpload", "NoncurrentVersionExpiration"]:
        if name in rule:
            out[name] = rule[name]
    if "ExpirationInDays" in rule:
        out["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    if "ExpiredObjectDeleteMarker" in rule:
        out["Expiration"] = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
    return out


def pruned(value):
    """Without what `AWS::NoValue` stands for, which moto leaves in lists."""
    if isinstance(value, dict):
        return {name: pruned(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [pruned(one) for one in value if one is not None]
    return value


@cache
def register():
    """Makes all of this known to moto's CloudFormation."""
    creators = {
        "AWS::S3::BucketPolicy": bucket_policy,
        "AWS::SQS::QueuePolicy": queue_policy,
        "AWS::CloudWatch::Alarm": alarm,
        "AWS::CloudFront::CachePolicy": keep,
        "AWS::CloudFront::Distribution": keep,
        "AWS::CloudFront::Function": keep,
        "AWS::CloudFront::OriginAccessControl": keep,
        "AWS::CloudFront::ResponseHeadersPolicy": keep,
        "AWS::Lambda::Permission": keep,
        "AWS::Lambda::Url": keep,
    }
    known = [
        type("Added", (Added,), {"type_name": name, "create": staticmethod(create)})
        for name, create in creators.items()
    ]
    models = parsing.get_model_list() + known
    parsing.get_model_list = lambda: models
    parsing.get_model_map.cache_clear()
    parsing.get_name_type_map.cache_clear()
    parse = parsing.parse_resource_and_generate_name

    def parse_and_keep(logical_id, resource, resources_map):
        parsed = parse(logical_id, resource, resources_map)
        if parsed is None:  # moto has no such kind of resource, and says so in a warning.
            return None
        model, resource, name = parsed
        resource = pruned(resource)
        PROPERTIES[logical_id] = resource["Properties"]
        return model, resource, name

    parsing.parse_resource_and_generate_name = parse_and_keep
    after(FakeBucket, lambda bucket, one, region: configure(bucket.name, one, region))
    after(Role, lambda role, one, _: iam_role(role.name, one))
    # CloudFormation's ARN of a log group takes its streams in.
    attribute = LogGroup.get_cfn_attribute
    LogGroup.get_cfn_attribute = lambda group, name: attribute(group, name) + ":*"


def after(model, complete):
    """Calls `complete` on each resource that moto has created."""
    create = model.create_from_cloudformation_json

    def create_and_complete(_, name, resource, account_id, region_name, **ids):
        made = create(name, resource, account_id, region_name, **ids)
        complete(made, resource["Properties"], region_name)
        return made

    model.create_from_cloudformation_json = classmethod(create_and_complete)
