"""The stack as it stands: bucket -> queue -> mapping -> function, dead letters, alarms, dashboard,
policies and lifecycle rules, read back after a deployment with defaults."""

import json
from datetime import timedelta

import pytest

import policy
from policy import Request
from stack import ACCOUNT, REGION, client, deployed, open_buckets, template

BUCKET = f"resizer-uploads-{ACCOUNT}-{REGION}"

# What the function prints in CloudWatch's embedded metric format, under the namespace Resizer.
EMBEDDED = {"Uploads", "Stored", "Refused", "Failed", "BytesIn", "BytesOut", "DurationMs"}


@pytest.fixture(scope="module")
def stack():
    with deployed() as made:
        yield made


def attributes(stack, logical_id):
    sqs = client("sqs")
    answer = sqs.get_queue_attributes(QueueUrl=stack.physical(logical_id), AttributeNames=["All"])
    return answer["Attributes"]


def mapping(stack):
    [found] = client("lambda").list_event_source_mappings(
        FunctionName=stack.physical("Resizer")
    )["EventSourceMappings"]
    return found


def function(stack):
    name = stack.physical("Resizer")
    return client("lambda").get_function_configuration(FunctionName=name)


def test_every_change_of_an_upload_notifies_the_queue(stack):
    found = client("s3").get_bucket_notification_configuration(Bucket=BUCKET)
    queue = attributes(stack, "UploadQueue")["QueueArn"]
    events = {
        event: one["QueueArn"] for one in found["QueueConfigurations"] for event in one["Events"]
    }
    assert events == dict.fromkeys(
        [
            "s3:ObjectCreated:*",
            "s3:ObjectRemoved:*",
            "s3:LifecycleExpiration:*",
            "s3:ObjectRestore:Completed",
        ],
        queue,
    )


def test_the_queue_feeds_the_function(stack):
    found = mapping(stack)
    assert found["EventSourceArn"] == attributes(stack, "UploadQueue")["QueueArn"]
    assert found["FunctionArn"] == function(stack)["FunctionArn"]
    assert found["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert found["BatchSize"] == 4
    assert "ProvisionedPollerConfig" not in found
    # A new account may run ten functions.
    assert found["ScalingConfig"]["MaximumConcurrency"] < 10


def test_the_function_is_what_the_configuration_expects(stack):
    found = function(stack)
    assert found["Environment"]["Variables"] == {
        "RESIZER_CONFIG_FILE": "/var/task/resizer.toml",
        "RESIZER_OUTPUT_BUCKET": stack.physical("VariantsBucket"),
        "RESIZER_UPLOAD_BUCKET": BUCKET,
        "GLIBC_TUNABLES": "glibc.malloc.mmap_threshold=1048576:glibc.malloc.trim_threshold=2097152",
    }
    assert (found["Runtime"], found["Handler"]) == ("provided.al2023", "bootstrap")
    assert found["MemorySize"] == 1769
    assert stack.properties["Resizer"]["Architectures"] == ["arm64"]
    assert found["Role"] == stack.outputs["RoleArn"]
    assert stack.properties["Resizer"]["TracingConfig"] == {"Mode": "Active"}
    logging = stack.properties["Resizer"]["LoggingConfig"]
    assert logging["LogFormat"] == "JSON" and logging["LogGroup"] == stack.outputs["LogGroupName"]
    [group] = client("logs").describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (logging["LogGroup"], 30)


def test_an_upload_that_fails_every_delivery_becomes_a_dead_letter(stack):
    sqs, queue = client("sqs"), stack.physical("UploadQueue")
    dead = stack.physical("DeadLetterQueue")
    sqs.purge_queue(QueueUrl=queue)
    open_buckets(stack)
    client("s3").put_object(Bucket=BUCKET, Key="lake.jpg", Body=b"picture")
    deliveries = 0
    while messages := sqs.receive_message(QueueUrl=queue).get("Messages"):
        [message] = messages
        assert json.loads(message["Body"])["Records"][0]["s3"]["object"]["key"] == "lake.jpg"
        deliveries += 1
        # As if its visibility timeout were over.
        receipt = message["ReceiptHandle"]
        sqs.change_message_visibility(QueueUrl=queue, ReceiptHandle=receipt, VisibilityTimeout=0)
    assert deliveries == 10
    [letter] = sqs.receive_message(QueueUrl=dead)["Messages"]
    assert json.loads(letter["Body"])["Records"][0]["s3"]["object"]["key"] == "lake.jpg"


def test_times_of_queues_and_function_fit_each_other(stack):
    uploads, dead = attributes(stack, "UploadQueue"), attributes(stack, "DeadLetterQueue")
    redrive = json.loads(uploads["RedrivePolicy"])
    assert redrive["deadLetterTargetArn"] == dead["QueueArn"]
    assert stack.properties["DeadLetterQueue"]["RedriveAllowPolicy"] == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [uploads["QueueArn"]],
    }
    between = int(uploads["VisibilityTimeout"])
    assert between == 6 * function(stack)["Timeout"]
    # An original goes in its second delivery, at times its third; the third also refuses what is
    # too slow. The most deliveries that a parameter allows end long before the message expires,
    # and an expiry counts from the upload in both queues.
    allowed = template()["Parameters"]["MaxReceiveCount"]
    assert allowed["MinValue"] >= 3
    kept = int(uploads["MessageRetentionPeriod"])
    assert allowed["MaxValue"] * between < kept / 2
    assert int(dead["MessageRetentionPeriod"]) >= 2 * kept
    assert int(dead["MessageRetentionPeriod"]) == timedelta(days=14).total_seconds()


def test_alarms_watch_dead_letters_and_waiting_uploads(stack):
    alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
    watched = {
        (one["MetricName"], one["Dimensions"][0]["Value"]): one["Threshold"] for one in alarms
    }
    assert watched == {
        ("ApproximateNumberOfMessagesVisible", "resizer-uploads-dead"): 1,
        ("ApproximateAgeOfOldestMessage", "resizer-uploads"): 1800,
    }
    assert {one["Namespace"] for one in alarms} == {"AWS/SQS"}
    assert {one["TreatMissingData"] for one in alarms} == {"notBreaching"}
    assert not any(one["AlarmActions"] for one in alarms)


def test_the_dashboard_shows_metrics_that_exist(stack):
    name = stack.physical("Board")
    body = json.loads(client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])
    shown = {}
    for widget in body["widgets"]:
        above = None
        for metric in widget["properties"].get("metrics", []):
            if "expression" in metric[0]:
                assert '{Resizer,FunctionName,Code} MetricName="Refused"' in metric[0]["expression"]
                continue
            parts = [part for part in metric if isinstance(part, str)]
            # CloudWatch's short forms: "." is the same as above, "..." all of it.
            parts = above if parts == ["..."] else parts
            above = [old if part == "." else part for part, old in zip(parts, above or parts)]
            namespace, metric_name, dimension, value = above
            shown.setdefault(namespace, set()).add((metric_name, dimension, value))
    resizer, queue = stack.physical("Resizer"), "resizer-uploads"
    assert shown["Resizer"] == {(name, "FunctionName", resizer) for name in EMBEDDED}
    functions = ["Invocations", "Errors", "Throttles", "ConcurrentExecutions", "Duration"]
    assert shown["AWS/Lambda"] == {(name, "FunctionName", resizer) for name in functions}
    assert shown["AWS/SQS"] == {
        ("ApproximateNumberOfMessagesVisible", "QueueName", queue),
        ("ApproximateNumberOfMessagesNotVisible", "QueueName", queue),
        ("ApproximateNumberOfMessagesVisible", "QueueName", queue + "-dead"),
        ("ApproximateAgeOfOldestMessage", "QueueName", queue),
    }


def test_only_the_upload_bucket_may_send_to_the_queue(stack):
    document = json.loads(attributes(stack, "UploadQueue")["Policy"])
    event = Request(
        "sqs:SendMessage", attributes(stack, "UploadQueue")["QueueArn"], service="s3.amazonaws.com"
    ).with_context(
        aws__SourceArn=f"arn:aws:s3:::{BUCKET}",
        aws__SourceAccount=ACCOUNT,
        aws__SecureTransport="true",
    )
    assert policy.is_allowed([document], event)
    for other in [
        {"aws__SourceArn": "arn:aws:s3:::neighbor"},
        {"aws__SourceArn": f"arn:aws:s3:::{BUCKET}-2"},
        {"aws__SourceAccount": "999999999999"},
        {"aws__SecureTransport": "false"},
    ]:
        assert not policy.is_allowed([document], event.with_context(**other)), other
    assert not policy.is_allowed([document], Request("sqs:SendMessage", event.resource))
    dead = json.loads(attributes(stack, "DeadLetterQueue")["Policy"])
    assert {one["Effect"] for one in dead["Statement"]} == {"Deny"}


@pytest.mark.parametrize(
    ("name", "action", "suffix"),
    [
        ("UploadBucketPolicy", "s3:GetObject", "/lake.jpg"),
        ("VariantsBucketPolicy", "s3:PutObject", "/variants/lake.jpg/w160.jpg"),
        ("VariantsBucketPolicy", "s3:ListBucket", ""),
        ("UploadQueuePolicy", "sqs:ReceiveMessage", ""),
        ("DeadLetterQueuePolicy", "sqs:ReceiveMessage", ""),
    ],
)
def test_nothing_answers_without_tls(stack, name, action, suffix):
    document = stack.properties[name]["PolicyDocument"]
    [deny] = [one for one in document["Statement"] if one["Effect"] == "Deny"]
    resource = policy.listed(deny["Resource"])[0] + suffix
    request = Request(action, resource)
    everyone = {"Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}]}
    over_tls = request.with_context(aws__SecureTransport="true")
    assert policy.is_allowed([everyone, document], over_tls)
    plain = request.with_context(aws__SecureTransport="false")
    assert not policy.is_allowed([everyone, document], plain)


def test_buckets_are_private_encrypted_and_tidy(stack):
    s3 = client("s3")
    for name in ["UploadBucket", "VariantsBucket"]:
        bucket = stack.physical(name)
        block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        assert len(block) == 4 and all(block.values())
        [rule] = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
        assert rule["ObjectOwnership"] == "BucketOwnerEnforced"
        [rule] = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"][
            "Rules"
        ]
        assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}
        rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        aborts = [one["AbortIncompleteMultipartUpload"] for one in rules if "Abort" in str(one)]
        assert aborts == [{"DaysAfterInitiation": 7}]
        expiring = {
            one["Filter"]["Prefix"]: one["Expiration"]["Days"]
            for one in rules
            if "Days" in one.get("Expiration", {})
        }
        # Uploads and variants never expire.
        assert expiring == ({"failures/": 90} if name == "VariantsBucket" else {})
    for name in ["UploadQueue", "DeadLetterQueue"]:
        assert attributes(stack, name)["SqsManagedSseEnabled"] == "true"


def test_what_has_pictures_stays_with_its_policy():
    resources = template()["Resources"]
    kept = {name for name, one in resources.items() if one.get("DeletionPolicy") == "Retain"}
    assert kept == {"UploadBucket", "UploadBucketPolicy", "VariantsBucket", "VariantsBucketPolicy"}
    replaced = {name for name, one in resources.items() if "UpdateReplacePolicy" in one}
    assert kept < replaced
    assert {resources[name]["UpdateReplacePolicy"] for name in kept} == {"Retain"}
