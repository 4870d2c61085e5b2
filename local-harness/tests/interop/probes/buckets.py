"""Buckets: names, location, notification configuration, CORS."""

from answers import ask, probe

EVENTS = ["s3:ObjectCreated:*"]


def create(peer, name):
    return ask(peer.s3.create_bucket, Bucket=name)


def notifications(peer, **configuration):
    wanted = {"NotificationConfiguration": configuration}
    return peer.ask("put_bucket_notification_configuration", **wanted)


def queue(peer, identifier, *rules, events=EVENTS):
    rules = [{"Name": name, "Value": value} for name, value in rules]
    arn = peer.queue_arn
    both = {"Id": identifier, "QueueArn": arn, "Events": events}
    return {**both, "Filter": {"Key": {"FilterRules": rules}}} if rules else both


@probe
def creating_again_in_us_east_1(peer):
    return create(peer, peer.bucket)


@probe
def creating_with_a_wrong_name(peer):
    sent = {name: peer.answer(peer.signed("PUT", f"/{name}")) for name in ("ab", "a..b", "A-b")}
    return sent


@probe
def deleting_a_bucket_that_is_not_empty(peer):
    peer.put("a")
    return peer.ask("delete_bucket")


@probe
def deleting_an_empty_bucket(peer):
    return {"first": peer.ask("delete_bucket"), "second": peer.ask("delete_bucket")}


@probe
def the_location_of_a_bucket(peer):
    return peer.ask("get_bucket_location", "LocationConstraint")


@probe
def the_region_of_a_bucket(peer):
    return peer.ask("head_bucket", "@x-amz-bucket-region")


@probe
def notifications_of_a_new_bucket(peer):
    return peer.ask("get_bucket_notification_configuration", "QueueConfigurations")


@probe
def notifications_to_the_queue(peer):
    put = notifications(peer, QueueConfigurations=[queue(peer, "one", ("prefix", "in/"))])
    members = ("QueueConfigurations.Id", "QueueConfigurations.Events", "QueueConfigurations.Filter")
    return {"put": put, "get": peer.ask("get_bucket_notification_configuration", *members)}


@probe
def notifications_that_overlap(peer):
    rules = [queue(peer, "one", ("prefix", "in/")), queue(peer, "two", ("prefix", "in/a"))]
    return notifications(peer, QueueConfigurations=rules)


@probe
def notifications_with_one_id_twice(peer):
    rules = [queue(peer, "one", ("prefix", "a")), queue(peer, "one", ("prefix", "b"))]
    return notifications(peer, QueueConfigurations=rules)


@probe
def notifications_with_two_prefixes(peer):
    rules = [queue(peer, "one", ("prefix", "a"), ("prefix", "b"))]
    return notifications(peer, QueueConfigurations=rules)


@probe
def notifications_of_an_event_that_does_not_exist(peer):
    rules = [queue(peer, "one", events=["s3:ObjectPainted:*"])]
    return notifications(peer, QueueConfigurations=rules)


@probe
def notifications_to_a_queue_that_is_no_arn(peer):
    rules = [{**queue(peer, "one"), "QueueArn": "no-arn"}]
    return notifications(peer, QueueConfigurations=rules)


RULE = {
    "AllowedOrigins": ["https://app.example.com"],
    "AllowedMethods": ["PUT", "GET"],
    "AllowedHeaders": ["content-*"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 60,
}


def put_cors(peer, **changes):
    wanted = {"CORSConfiguration": {"CORSRules": [{**RULE, **changes}]}}
    return peer.ask("put_bucket_cors", **wanted)


@probe
def cors_of_a_new_bucket(peer):
    return peer.ask("get_bucket_cors")


@probe
def cors_that_is_put_and_deleted(peer):
    put = put_cors(peer)
    get = peer.ask("get_bucket_cors", "CORSRules")
    delete = peer.ask("delete_bucket_cors")
    return {"put": put, "get": get, "delete": delete, "then": peer.ask("get_bucket_cors")}


@probe
def cors_with_a_method_that_does_not_exist(peer):
    return put_cors(peer, AllowedMethods=["PATCH"])


@probe
def cors_with_two_wildcards(peer):
    return put_cors(peer, AllowedOrigins=["https://*.example.*"])
