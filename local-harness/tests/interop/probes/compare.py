"""Puts every probe to two servers and prints the answers as one JSON list.

In: two JSON objects with `s3`, `sqs`, `access_key`, `secret_key`, and `queue`, the URL of a queue,
or null for a server that creates one. Out: group, name, and both answers of each probe.
It judges nothing.
"""

import json
import sys

import browsers, buckets, copies, keys, listings, multipart, queues, reads, versions, writes
from answers import PROBES, Peer

GROUPS = (keys, reads, writes, copies, listings, multipart, versions, buckets, browsers, queues)


def start(description):
    queue = description.pop("queue")
    peer = Peer(**description)
    peer.queue = queue or peer.sqs.create_queue(QueueName="uploads")["QueueUrl"]
    wanted = {"QueueUrl": peer.queue, "AttributeNames": ["QueueArn"]}
    peer.queue_arn = peer.sqs.get_queue_attributes(**wanted)["Attributes"]["QueueArn"]
    return peer


def answer(peer, number, function):
    """An answer that the client library itself cannot read is an answer, too."""
    peer.begin(number)
    try:
        return function(peer)
    except Exception as error:
        return {"client error": f"{type(error).__name__}: {error}".replace(peer.endpoint, "")}


def main():
    peers = [start(json.loads(argument)) for argument in sys.argv[1:3]]
    results = []
    for number, (group, name, function) in enumerate(PROBES):
        ours, theirs = (answer(peer, number, function) for peer in peers)
        results.append({"group": group, "name": name, "ours": ours, "theirs": theirs})
    json.dump(results, sys.stdout, default=str)


main()
