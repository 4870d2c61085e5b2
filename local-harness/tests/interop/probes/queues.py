"""SQS: messages, visibility, batches, limits, attributes."""

import time

from answers import ask, probe


def empty(peer):
    """The queue is one for all probes."""
    while messages := receive(peer, MaxNumberOfMessages=10, VisibilityTimeout=60):
        for message in messages:
            handle = message["ReceiptHandle"]
            peer.sqs.delete_message(QueueUrl=peer.queue, ReceiptHandle=handle)


def receive(peer, **parameters):
    return peer.sqs.receive_message(QueueUrl=peer.queue, **parameters).get("Messages", [])


def send(peer, body="hello"):
    return peer.sqs.send_message(QueueUrl=peer.queue, MessageBody=body)


def one(peer, **parameters):
    """Sends a message and receives it: its receipt handle."""
    empty(peer)
    send(peer)
    return receive(peer, **parameters)[0]["ReceiptHandle"]


@probe
def a_message_is_sent(peer):
    return peer.ask_queue("send_message", "MD5OfMessageBody", MessageBody="hello")


@probe
def a_message_is_received(peer):
    empty(peer)
    send(peer)
    members = ("Messages.Body", "Messages.MD5OfBody", "Messages.Attributes")
    return peer.ask_queue("receive_message", *members)


@probe
def a_message_with_its_attributes(peer):
    empty(peer)
    send(peer)
    wanted = ["ApproximateReceiveCount", "SentTimestamp", "SenderId"]
    message = receive(peer, MessageSystemAttributeNames=wanted)[0]
    attributes = message["Attributes"]
    is_now = abs(int(attributes["SentTimestamp"]) / 1000 - time.time()) < 60
    return {"names": sorted(attributes), "count": attributes["ApproximateReceiveCount"],
            "sent now": is_now}


@probe
def no_message(peer):
    empty(peer)
    return peer.ask_queue("receive_message", "Messages")


@probe
def no_message_within_a_wait(peer):
    empty(peer)
    begun = time.monotonic()
    answer = peer.ask_queue("receive_message", "Messages", WaitTimeSeconds=2)
    return {"answer": answer, "waited": time.monotonic() - begun > 1.8}


@probe
def a_received_message_is_hidden(peer):
    one(peer)
    return peer.ask_queue("receive_message", "Messages.Body")


@probe
def a_message_received_with_visibility_0(peer):
    one(peer, VisibilityTimeout=0)
    return peer.ask_queue("receive_message", "Messages.Body")


@probe
def a_message_made_visible_again(peer):
    handle = one(peer)
    wanted = {"ReceiptHandle": handle, "VisibilityTimeout": 0}
    change = peer.ask_queue("change_message_visibility", **wanted)
    message = receive(peer, MessageSystemAttributeNames=["ApproximateReceiveCount"])[0]
    return {"change": change, "count": message["Attributes"]["ApproximateReceiveCount"]}


@probe
def a_message_deleted_twice(peer):
    handle = one(peer)
    first = peer.ask_queue("delete_message", ReceiptHandle=handle)
    return {"first": first, "second": peer.ask_queue("delete_message", ReceiptHandle=handle)}


@probe
def a_deletion_with_an_old_receipt_handle(peer):
    handle = one(peer, VisibilityTimeout=0)
    newer = receive(peer)[0]["ReceiptHandle"]
    old = peer.ask_queue("delete_message", ReceiptHandle=handle)
    return {"old": old, "new": peer.ask_queue("delete_message", ReceiptHandle=newer)}


@probe
def a_deletion_with_a_wrong_receipt_handle(peer):
    return peer.ask_queue("delete_message", ReceiptHandle="wrong")


@probe
def visibility_with_a_wrong_receipt_handle(peer):
    wanted = {"ReceiptHandle": "wrong", "VisibilityTimeout": 1}
    return peer.ask_queue("change_message_visibility", **wanted)


@probe
def visibility_of_a_deleted_message(peer):
    handle = one(peer)
    peer.sqs.delete_message(QueueUrl=peer.queue, ReceiptHandle=handle)
    wanted = {"ReceiptHandle": handle, "VisibilityTimeout": 1}
    return peer.ask_queue("change_message_visibility", **wanted)


@probe
def visibility_beyond_12_hours(peer):
    handle = one(peer)
    wanted = {"ReceiptHandle": handle, "VisibilityTimeout": 43_201}
    return peer.ask_queue("change_message_visibility", **wanted)


@probe
def numbers_of_messages_beyond_the_limits(peer):
    numbers = (0, 11)
    return {str(n): peer.ask_queue("receive_message", MaxNumberOfMessages=n) for n in numbers}


@probe
def a_wait_of_21_seconds(peer):
    return peer.ask_queue("receive_message", WaitTimeSeconds=21)


@probe
def a_message_of_1_mib(peer):
    sent = peer.ask_queue("send_message", MessageBody="x" * (1 << 20))
    empty(peer)
    return sent


@probe
def a_message_of_more_than_1_mib(peer):
    return peer.ask_queue("send_message", MessageBody="x" * ((1 << 20) + 1))


@probe
def an_empty_message(peer):
    return peer.ask_queue("send_message", MessageBody="")


@probe
def a_message_with_a_letter_that_xml_lacks(peer):
    return peer.ask_queue("send_message", MessageBody="a\x0bb")


def entries(count, body="x"):
    return [{"Id": f"e{number}", "MessageBody": body} for number in range(count)]


@probe
def a_batch(peer):
    empty(peer)
    members = ("Successful.Id", "Successful.MD5OfMessageBody", "Failed")
    return peer.ask_queue("send_message_batch", *members, Entries=entries(2))


@probe
def a_batch_of_eleven(peer):
    return peer.ask_queue("send_message_batch", Entries=entries(11))


@probe
def a_batch_of_nothing(peer):
    return peer.ask_queue("send_message_batch", Entries=[])


@probe
def a_batch_with_one_id_twice(peer):
    return peer.ask_queue("send_message_batch", Entries=entries(1) + entries(1))


@probe
def a_batch_with_an_id_that_is_none(peer):
    return peer.ask_queue("send_message_batch", Entries=[{"Id": "a b", "MessageBody": "x"}])


@probe
def a_batch_of_more_than_1_mib(peer):
    return peer.ask_queue("send_message_batch", Entries=entries(2, "x" * (600 << 10)))


@probe
def a_batch_of_deletions_with_a_wrong_one(peer):
    handle = one(peer)
    wanted = [{"Id": "right", "ReceiptHandle": handle}, {"Id": "wrong", "ReceiptHandle": "wrong"}]
    members = ("Successful.Id", "Failed.Id", "Failed.Code", "Failed.SenderFault")
    return peer.ask_queue("delete_message_batch", *members, Entries=wanted)


@probe
def attributes_of_the_queue(peer):
    empty(peer)
    send(peer)
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible",
             "VisibilityTimeout"]
    return peer.ask_queue("get_queue_attributes", "Attributes", AttributeNames=names)


@probe
def names_of_all_attributes(peer):
    output = peer.sqs.get_queue_attributes(QueueUrl=peer.queue, AttributeNames=["All"])
    return sorted(output["Attributes"])


@probe
def an_attribute_that_does_not_exist(peer):
    return peer.ask_queue("get_queue_attributes", "Attributes", AttributeNames=["Color"])


@probe
def a_queue_that_does_not_exist(peer):
    url = peer.queue.rpartition("/")[0] + "/none"
    by_url = ask(peer.sqs.receive_message, QueueUrl=url)
    return {"by URL": by_url, "by name": ask(peer.sqs.get_queue_url, QueueName="none")}


@probe
def a_delayed_message(peer):
    empty(peer)
    return peer.ask_queue("send_message", MessageBody="later", DelaySeconds=1)
