"""What parameters change: rights that only an option needs, an existing upload bucket, combinations
that are refused, and the agreement of resizer.toml with the defaults."""

import json
import tomllib

import pytest

import policy
from policy import Request
from rights import Role, World, denied, from_the_cdn
from settings import EVERYTHING
from stack import (
    ACCOUNT,
    INFRA,
    REGION,
    client,
    defaults,
    deployed,
    open_buckets,
    role_policy,
    template,
)

RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/"


def test_without_options_there_are_no_rights_for_them():
    with deployed() as stack:
        open_buckets(stack)
        document = role_policy(stack)
        s3 = Role(document, World({})).client("s3")
        upload = {"Bucket": stack.physical("UploadBucket"), "Key": "lake.jpg"}
        result = {"Bucket": stack.physical("VariantsBucket"), "Key": "variants/lake.jpg/w160.jpg"}
        s3.put_object(**result)
        denied(s3.put_object, **result, Tagging="team=web")
        denied(s3.put_object, Bucket=result["Bucket"], Key="endpoint/0123")
        assert "EndpointUrl" not in stack.resources
        denied(s3.delete_object, **upload)
        denied(s3.copy_object, Bucket="originals", Key="lake.jpg", CopySource=upload)
        services = {action.split(":")[0] for _, action, _ in policy.grants(document)}
        assert services == {"s3", "sqs", "logs", "xray"}
    with deployed(Originals="delete", Tracing="PassThrough") as stack:
        open_buckets(stack)
        document = role_policy(stack)
        actions = {action for _, action, _ in policy.grants(document)}
        assert "s3:GetObjectTagging" not in actions and "xray:PutTraceSegments" not in actions
        s3 = Role(document, World({})).client("s3")
        s3.delete_object(Bucket=stack.physical("UploadBucket"), Key="lake.jpg")


def test_calls_that_an_existing_bucket_needs_are_allowed():
    parameters = {"ExistingUploadBucket": "old-uploads", "UploadPrefix": "incoming/"}
    with deployed(**parameters) as stack:
        role = Role(role_policy(stack), World({}))
        s3 = role.client("s3")
        client("s3").put_object(Bucket="old-uploads", Key="incoming/a.jpg", Body=b"picture")
        s3.get_object(Bucket="old-uploads", Key="incoming/a.jpg")
        denied(s3.get_object, Bucket="old-uploads", Key="private/a.jpg")
        denied(s3.get_object, Bucket=f"resizer-uploads-{ACCOUNT}-{REGION}", Key="incoming/a.jpg")


def test_an_existing_bucket_reaches_the_queue_through_eventbridge():
    with deployed(ExistingUploadBucket="old-uploads", UploadPrefix="incoming/") as stack:
        assert {"UploadBucket", "UploadBucketPolicy"}.isdisjoint(stack.resources)
        assert stack.outputs["UploadBucketName"] == "old-uploads"
        # What README.md asks the bucket's owner to do; other notifications stay.
        s3 = client("s3")
        config = {"EventBridgeConfiguration": {}}
        s3.put_bucket_notification_configuration(
            Bucket="old-uploads", NotificationConfiguration=config
        )
        s3.put_object(Bucket="old-uploads", Key="private/other.jpg", Body=b"picture")
        s3.put_object(Bucket="old-uploads", Key="incoming/lake.jpg", Body=b"picture")
        queue = stack.physical("UploadQueue")
        messages = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        events = [json.loads(one["Body"]) for one in messages["Messages"]]
        assert [one["detail"]["object"]["key"] for one in events] == ["incoming/lake.jpg"]
        assert events[0]["detail-type"] == "Object Created"
        function = client("lambda").get_function_configuration(
            FunctionName=stack.physical("Resizer")
        )
        assert function["Environment"]["Variables"]["RESIZER_UPLOAD_BUCKET"] == "old-uploads"


def test_the_rule_alone_may_send_to_the_queues():
    with deployed(ExistingUploadBucket="old-uploads") as stack:
        rule = RULE + stack.physical("UploadRule")
        target = stack.properties["UploadRule"]["Targets"][0]
        for name in ["UploadQueue", "DeadLetterQueue"]:
            queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:" + stack.properties[name]["QueueName"]
            document = stack.properties[name + "Policy"]["PolicyDocument"]
            event = Request("sqs:SendMessage", queue, service="events.amazonaws.com")
            event = event.with_context(aws__SourceArn=rule, aws__SecureTransport="true")
            assert policy.is_allowed([document], event)
            assert not policy.is_allowed([document], event.with_context(aws__SourceArn=RULE + "x"))
            plain = event.with_context(aws__SecureTransport="false")
            assert not policy.is_allowed([document], plain)
            assert queue in [target["Arn"], target["DeadLetterConfig"]["Arn"]]


def test_the_cdn_is_refused_records_below_the_variants():
    """A prefix within another one: only the explicit refusal is left."""
    with deployed(Distribution="true", FailuresPrefix="variants/failures/") as stack:
        document = stack.properties["VariantsBucketPolicy"]["PolicyDocument"]
        assert policy.is_allowed([document], from_the_cdn(stack, "variants/lake.jpg/w160.jpg"))
        record = from_the_cdn(stack, "variants/failures/lake.jpg.json")
        assert not policy.is_allowed([document], record)


def test_a_public_endpoint_is_a_url_for_all():
    with deployed(Endpoint="public") as stack:
        assert stack.properties["EndpointUrl"]["AuthType"] == "NONE"
        assert stack.outputs["EndpointUrl"].startswith("https://")
        assert stack.properties["EndpointUrlForAll"]["FunctionUrlAuthType"] == "NONE"
        assert str(stack.properties["EndpointForAll"]["InvokedViaFunctionUrl"]).lower() == "true"
        for name in ["EndpointUrlForAll", "EndpointForAll"]:
            assert stack.properties[name]["Principal"] == "*"
        assert {"EndpointForTheDistribution", "Cdn", "CdnAccept"}.isdisjoint(stack.resources)
        variables = stack.properties["Resizer"]["Environment"]["Variables"]
        assert "RESIZER_SIGNING_KEYS" not in variables


def test_the_endpoint_stores_where_the_stack_lets_it():
    reference = (INFRA.parent / "docs/configuration.md").read_text(encoding="utf-8")
    described = reference.split("### `results_prefix`")[1].split("###")[0]
    assert '"endpoint/"' in described.split("Default")[1].splitlines()[0]


def refusals(**parameters):
    """What the template's `Rules` say of parameters; CloudFormation checks them, moto does not."""
    values = {**defaults(), **parameters}

    def value(node):
        if not isinstance(node, dict):
            return node
        [(function, arguments)] = node.items()
        if function == "Ref":
            return values[arguments]
        arguments = [value(one) for one in arguments]
        return {
            "Fn::Equals": lambda: arguments[0] == arguments[1],
            "Fn::Not": lambda: not arguments[0],
        }[function]()

    return [
        assertion["AssertDescription"]
        for rule in template()["Rules"].values()
        if value(rule.get("RuleCondition", True))
        for assertion in rule["Assertions"]
        if not value(assertion["Assert"])
    ]


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, []),
        (EVERYTHING, []),
        ({"Originals": "move"}, ["needs an OriginalsBucketName"]),
        ({"DistributionDomainName": "img.example.com"}, ["needs a DistributionCertificateArn"]),
        ({"DistributionCertificateArn": "arn:..."}, ["needs a DistributionDomainName"]),
        ({"FailuresPrefix": "variants/"}, ["VariantsPrefix and FailuresPrefix"]),
        ({"Endpoint": "cdn"}, ["needs Distribution=true"]),
        ({"Endpoint": "public"}, []),
        ({"VariantsPrefix": "manifests/"}, ["VariantsPrefix and ManifestsPrefix"]),
    ],
)
def test_combinations_that_cannot_work_are_refused(parameters, words):
    found = refusals(**parameters)
    assert len(found) == len(words) and all(map(str.__contains__, found, words)), found


def test_the_configuration_agrees_with_the_defaults():
    """What resizer.toml writes, tells and moves is what a stack without parameters allows."""
    with open(INFRA / "resizer.toml", "rb") as file:
        config = tomllib.load(file)
    values = defaults()
    for rule in config["rule"]:
        output = rule["output"]
        places = {
            "VariantsPrefix": output.get("key", "variants/{key}/{variant}.{ext}"),
            "ManifestsPrefix": output.get("manifest", "manifests/{key}.json"),
            "FailuresPrefix": output.get("failure", "failures/{key}.json"),
        }
        for parameter, key in places.items():
            assert key.startswith(values[parameter]), f"{rule['name']}: {key}"
        assert {"bucket", "naming", "tags", "kms_key"}.isdisjoint(output), rule["name"]
        kept = rule.get("originals", {}).get("after", "keep")
        assert kept == values["Originals"], rule["name"]
    assert "completion" not in config


def test_memory_is_the_only_limit_of_a_picture_s_memory():
    """A `max_memory_mib` below the function's memory would make that useless."""
    with open(INFRA / "resizer.toml", "rb") as file:
        limits = tomllib.load(file)["limits"]
    assert "max_memory_mib" not in limits


def test_the_dashboard_shows_the_namespace_of_the_metrics():
    with open(INFRA / "resizer.toml", "rb") as file:
        namespace = tomllib.load(file)["metrics"]["namespace"]
    with open(INFRA / "template.yaml", encoding="utf-8") as file:
        text = file.read()
    assert f'["{namespace}", "Uploads", "FunctionName"' in text
    assert f"{{{namespace},FunctionName,Code}}" in text
