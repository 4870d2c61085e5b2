"""infra/worker.yaml as a stack on moto: the worker's service on the queue and the buckets of the
other template, read back as far as moto goes."""

from pathlib import Path

import pytest
from moto import mock_aws

import policy
from policy import Request
from stack import ACCOUNT, REGION, client, yaml_parse

TEMPLATE = (Path(__file__).resolve().parent.parent / "worker.yaml").read_text()
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:uploads"
PARAMETERS = {
    "Image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/resizer-worker:1",
    "UploadQueueUrl": f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/uploads",
    "UploadQueueArn": QUEUE,
    "UploadBucketName": "in",
    "VariantsBucketName": "out",
    "UploadPrefix": "incoming/",
}


class Made:
    """A stack that exists, with its resources by logical id."""

    def __init__(self, more):
        ec2 = client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
        given = {**PARAMETERS, "VpcId": vpc, "SubnetIds": subnet, **more}
        parameters = [
            {"ParameterKey": name, "ParameterValue": value} for name, value in given.items()
        ]
        cloudformation = client("cloudformation")
        cloudformation.create_stack(
            StackName="workers",
            TemplateBody=TEMPLATE,
            Parameters=parameters,
            Capabilities=["CAPABILITY_IAM"],
        )
        found = cloudformation.describe_stack_resources(StackName="workers")["StackResources"]
        # Of what moto lacks only the type is listed.
        known = [one for one in found if "LogicalResourceId" in one]
        self.ids = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in known}
        self.subnet = subnet

    def task(self):
        answer = client("ecs").describe_task_definition(taskDefinition=self.ids["Task"])
        return answer["taskDefinition"]

    def container(self):
        [container] = self.task()["containerDefinitions"]
        return container

    def service(self):
        ecs = client("ecs")
        [service] = ecs.describe_services(
            cluster=self.ids["Cluster"], services=[self.ids["Service"]]
        )["services"]
        return service

    def statements(self, role):
        iam, name = client("iam"), self.ids[role]
        [inline] = iam.list_role_policies(RoleName=name)["PolicyNames"]
        document = iam.get_role_policy(RoleName=name, PolicyName=inline)["PolicyDocument"]
        # moto gives the text that Python makes of it.
        document = yaml_parse(document) if isinstance(document, str) else document
        return document["Statement"]


@pytest.fixture
def made(request):
    with mock_aws():
        yield Made(getattr(request, "param", {}))


def test_every_resource_is_created_that_moto_knows(made):
    lacking = {"Scaling", "ScalingByMessages"}
    assert set(yaml_parse(TEMPLATE)["Resources"]) - lacking == set(made.ids)


def test_the_worker_knows_its_queue_and_its_limits(made):
    container = made.container()
    environment = {one["name"]: one["value"] for one in container["environment"]}
    assert environment == {
        "AWS_REGION": REGION,
        "RESIZER_QUEUE_URL": PARAMETERS["UploadQueueUrl"],
        "RESIZER_UPLOAD_BUCKET": "in",
        "RESIZER_OUTPUT_BUCKET": "out",
        "RESIZER_MEMORY_MIB": "4096",
        "RESIZER_PROCESSORS": "2",
        "RESIZER_DRAIN_S": "110",
    }
    # It is drained before it is killed.
    assert int(environment["RESIZER_DRAIN_S"]) < container["stopTimeout"] <= 120
    assert container["readonlyRootFilesystem"] is True
    assert container["user"] == "65532:65532"
    assert container["healthCheck"]["command"] == ["CMD", "/usr/local/bin/resizer-worker", "health"]
    assert container["image"] == PARAMETERS["Image"]
    assert container["logConfiguration"]["options"]["awslogs-group"] == made.ids["Logs"]


@pytest.mark.parametrize("made", [{"Size": "half", "Spot": "true"}], indirect=True)
def test_capacity_is_as_asked_for(made):
    environment = {one["name"]: one["value"] for one in made.container()["environment"]}
    size = (environment["RESIZER_MEMORY_MIB"], environment["RESIZER_PROCESSORS"])
    assert size == ("1024", "0.5")
    # moto keeps neither the size of a task nor the strategy of a service.
    template = yaml_parse(TEMPLATE)
    for name, one in template["Mappings"]["Sizes"].items():
        assert float(one["Processors"]) * 1024 == int(one["Cpu"]), name
        assert int(one["MemoryMiB"]) == 2 * int(one["Cpu"]), name
    task = template["Resources"]["Task"]["Properties"]
    find = {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, "MemoryMiB"]}
    assert task["Memory"] == find
    [strategy] = template["Resources"]["Service"]["Properties"]["CapacityProviderStrategy"]
    assert strategy["CapacityProvider"] == {"Fn::If": ["OnSpot", "FARGATE_SPOT", "FARGATE"]}


def test_nobody_reaches_a_worker(made):
    group = made.ids["SecurityGroup"]
    [found] = client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert found["IpPermissions"] == []
    # moto does not read the ways out.
    properties = yaml_parse(TEMPLATE)["Resources"]["SecurityGroup"]["Properties"]
    [out] = properties["SecurityGroupEgress"]
    assert (out["IpProtocol"], out["FromPort"], out["ToPort"]) == ("tcp", 443, 443)


def allowed(made, action, resource, account=ACCOUNT):
    request = Request(action, resource, {"aws:ResourceAccount": account})
    document = {"Statement": made.statements("TaskRole")}
    return policy.is_allowed([document], request)


def test_a_worker_may_do_what_its_work_needs_and_no_more(made):
    for action, resource in [
        ("sqs:ReceiveMessage", QUEUE),
        ("sqs:DeleteMessage", QUEUE),
        ("sqs:ChangeMessageVisibility", QUEUE),
        ("sqs:GetQueueAttributes", QUEUE),
        ("s3:GetObject", "arn:aws:s3:::in/incoming/a.jpg"),
        ("s3:ListBucket", "arn:aws:s3:::in"),
        ("s3:ListBucket", "arn:aws:s3:::out"),
        ("s3:PutObject", "arn:aws:s3:::out/variants/a"),
        ("s3:DeleteObject", "arn:aws:s3:::out/manifests/a"),
        ("s3:GetObject", "arn:aws:s3:::out/failures/a"),
        ("s3:PutObject", "arn:aws:s3:::out/resizer/layouts.json"),
    ]:
        assert allowed(made, action, resource), (action, resource)
        if action.startswith("s3:"):
            assert not allowed(made, action, resource, "999999999999"), (action, resource)
    for action, resource in [
        ("sqs:SendMessage", QUEUE),
        ("sqs:DeleteQueue", QUEUE),
        ("sqs:ReceiveMessage", QUEUE + "-dead-letters"),
        ("s3:GetObject", "arn:aws:s3:::in/private/a.jpg"),
        ("s3:DeleteObject", "arn:aws:s3:::in/incoming/a.jpg"),
        ("s3:PutObject", "arn:aws:s3:::out/other/a"),
        ("s3:DeleteObject", "arn:aws:s3:::out/resizer/layouts.json"),
    ]:
        assert not allowed(made, action, resource), (action, resource)


def test_tasks_follow_the_messages():
    """moto does not create them, so they are read as they are written."""
    resources = yaml_parse(TEMPLATE)["Resources"]
    tracking = resources["ScalingByMessages"]["Properties"]
    tracking = tracking["TargetTrackingScalingPolicyConfiguration"]
    metrics = {one["Id"]: one for one in tracking["CustomizedMetricSpecification"]["Metrics"]}
    [asked] = [name for name, one in metrics.items() if one["ReturnData"]]
    assert all(name in metrics[asked]["Expression"] for name in set(metrics) - {asked})
    target = resources["Scaling"]["Properties"]
    assert target["ResourceId"] == {"Fn::Sub": "service/${Cluster}/${Service.Name}"}
    limits = (target["MinCapacity"], target["MaxCapacity"])
    assert limits == ({"Ref": "MinimumTasks"}, {"Ref": "MaximumTasks"})
    # The number of running tasks is a metric of Container Insights only.
    [setting] = resources["Cluster"]["Properties"]["ClusterSettings"]
    assert setting == {"Name": "containerInsights", "Value": "enabled"}
