"""A stack with every option on: pollers, alarms that notify, KMS, CORS, prefixes, and the CDN."""

import pytest

import policy
from policy import Request
from rights import from_the_cdn
from settings import ALARMS, EVERYTHING, RESULTS_KEY, SIGNING_KEYS, UPLOADS_KEY
from stack import ACCOUNT, REGION, client, deployed


@pytest.fixture(scope="module")
def stack():
    with deployed(**EVERYTHING) as made:
        yield made


def test_pollers_take_the_place_of_the_concurrency(stack):
    [found] = client("lambda").list_event_source_mappings()["EventSourceMappings"]
    assert found["ProvisionedPollerConfig"] == {"MinimumPollers": 2, "MaximumPollers": 3}
    assert "ScalingConfig" not in found


def test_the_function_follows_its_parameters(stack):
    name = stack.physical("Resizer")
    found = client("lambda").get_function_configuration(FunctionName=name)
    assert found["MemorySize"] == 3008
    written = stack.properties["Resizer"]
    assert written["Architectures"] == ["x86_64"]
    assert written["LoggingConfig"]["ApplicationLogLevel"] == "WARN"


def test_alarms_notify_the_topic(stack):
    alarms = client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert [one["AlarmActions"] + one["OKActions"] for one in alarms] == [[ALARMS, ALARMS]] * 2
    assert 3600 in {one["Threshold"] for one in alarms}


def test_buckets_encrypt_with_their_keys(stack):
    for name, key in [("UploadBucket", UPLOADS_KEY), ("VariantsBucket", RESULTS_KEY)]:
        answer = client("s3").get_bucket_encryption(Bucket=stack.physical(name))
        [rule] = answer["ServerSideEncryptionConfiguration"]["Rules"]
        by_default = rule["ApplyServerSideEncryptionByDefault"]
        assert by_default == {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        written = stack.properties[name]["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert str(written[0]["BucketKeyEnabled"]).lower() == "true"


def test_pages_may_upload_and_only_the_prefix_notifies(stack):
    s3, bucket = client("s3"), stack.physical("UploadBucket")
    [rule] = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert rule["AllowedOrigins"] == ["https://example.com", "https://www.example.com"]
    assert rule["AllowedMethods"] == ["PUT", "POST"]
    found = s3.get_bucket_notification_configuration(Bucket=bucket)["QueueConfigurations"]
    filters = [one["Filter"]["Key"]["FilterRules"] for one in found]
    assert len(filters) == 4
    assert all(rules[0]["Value"] == "incoming/" for rules in filters)


def test_failure_records_expire(stack):
    bucket = stack.physical("VariantsBucket")
    rules = client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    [days] = [one["Expiration"]["Days"] for one in rules if one["Filter"]["Prefix"] == "failures/"]
    assert days == 7


def test_the_cdn_reads_variants_and_nothing_else(stack):
    document = stack.properties["VariantsBucketPolicy"]["PolicyDocument"]
    variant = from_the_cdn(stack, "variants/incoming/lake.jpg/w160.jpg")
    assert policy.is_allowed([document], variant)
    for key in [
        "manifests/incoming/lake.jpg.json",
        "failures/incoming/lake.jpg.json",
        "resizer/layouts.json",
        "old/incoming/lake.jpg",
        "endpoint/0123",
        "variants",
    ]:
        assert not policy.is_allowed([document], from_the_cdn(stack, key)), key
    foreign = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E3OTHER"
    assert not policy.is_allowed([document], variant.with_context(aws__SourceArn=foreign))
    writing = Request("s3:PutObject", variant.resource, variant.context, variant.service)
    assert not policy.is_allowed([document], writing)


def test_the_distribution_signs_its_requests_and_keeps_versions_apart(stack):
    config = stack.properties["Cdn"]["DistributionConfig"]
    [origin] = [one for one in config["Origins"] if one["Id"] == "variants"]
    bucket = stack.physical("VariantsBucket")
    assert origin["DomainName"] == f"{bucket}.s3.{REGION}.amazonaws.com"
    access = stack.properties["CdnAccess"]["OriginAccessControlConfig"]
    assert (access["SigningBehavior"], access["SigningProtocol"]) == ("always", "sigv4")
    assert origin["OriginAccessControlId"] == stack.physical("CdnAccess")
    for behavior in [config["DefaultCacheBehavior"], *config["CacheBehaviors"]]:
        assert behavior["AllowedMethods"] == ["GET", "HEAD"]
        assert behavior["ViewerProtocolPolicy"] == "redirect-to-https"
    caching = stack.properties["CdnCaching"]["CachePolicyConfig"]
    query = caching["ParametersInCacheKeyAndForwardedToOrigin"]["QueryStringsConfig"]
    assert query == {"QueryStringBehavior": "whitelist", "QueryStrings": ["v"]}
    assert config["Aliases"] == ["img.example.com"]
    assert config["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1.2_2021"
    assert stack.outputs["VariantsUrl"] == "https://img.example.com/"


def test_what_the_bucket_lacks_is_asked_of_the_function(stack):
    config = stack.properties["Cdn"]["DistributionConfig"]
    origins = {one["Id"]: one for one in config["Origins"]}
    url = "https://abcdefgh.lambda-url.eu-west-1.on.aws/"
    assert url == f"https://{origins['function']['DomainName']}/"
    assert origins["function"]["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"
    assert origins["function"]["OriginAccessControlId"] == stack.physical("CdnEndpointAccess")
    access = stack.properties["CdnEndpointAccess"]["OriginAccessControlConfig"]
    assert (access["OriginAccessControlOriginType"], access["SigningBehavior"]) == (
        "lambda",
        "always",
    )
    [group] = config["OriginGroups"]["Items"]
    members = [one["OriginId"] for one in group["Members"]["Items"]]
    assert members == ["variants", "function"]
    assert group["FailoverCriteria"]["StatusCodes"]["Items"] == [403, 404]
    [variants] = config["CacheBehaviors"]
    assert variants["PathPattern"] == "variants/*"
    assert variants["TargetOriginId"] == group["Id"]
    # Names of variants and signed URLs: by format and by all options.
    behavior = config["DefaultCacheBehavior"]
    assert behavior["TargetOriginId"] == "function"
    assert behavior["CachePolicyId"] == stack.physical("CdnEndpointCaching")
    caching = stack.properties["CdnEndpointCaching"]["CachePolicyConfig"]
    key = caching["ParametersInCacheKeyAndForwardedToOrigin"]
    assert key["HeadersConfig"]["Headers"] == ["Accept"]
    assert key["QueryStringsConfig"] == {"QueryStringBehavior": "all"}
    [association] = behavior["FunctionAssociations"]
    assert association["FunctionARN"].endswith(stack.physical("CdnAccept"))


def test_the_distribution_alone_may_ask_the_function(stack):
    assert stack.properties["EndpointUrl"]["AuthType"] == "AWS_IAM"
    permissions = {
        name: one for name, one in stack.properties.items() if "FunctionName" in one and "Action" in one
    }
    assert set(permissions) == {"EndpointUrlForTheDistribution", "EndpointForTheDistribution"}
    for one in permissions.values():
        assert one["Principal"] == "cloudfront.amazonaws.com"
        arn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{stack.physical('Cdn')}"
        assert one["SourceArn"] == arn
    by_url = permissions["EndpointForTheDistribution"]
    assert by_url["Action"] == "lambda:InvokeFunction"
    assert str(by_url["InvokedViaFunctionUrl"]).lower() == "true"
    assert permissions["EndpointUrlForTheDistribution"]["Action"] == "lambda:InvokeFunctionUrl"


def test_signing_keys_come_from_the_secret_and_results_expire(stack):
    variables = stack.properties["Resizer"]["Environment"]["Variables"]
    reference = "{{resolve:secretsmanager:" + SIGNING_KEYS + ":SecretString:::}}"
    assert variables["RESIZER_SIGNING_KEYS"] == reference
    bucket = stack.physical("VariantsBucket")
    rules = client("s3").get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    [days] = [one["Expiration"]["Days"] for one in rules if one["Filter"]["Prefix"] == "endpoint/"]
    assert days == 9
