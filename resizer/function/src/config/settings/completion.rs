//! `[completion]`: who is told of every upload that is done.

use crate::completion::Channel;
use crate::config::declare::{Key, Table, Without};
use crate::config::kinds::Text;
use crate::config::reader::Reader;

pub(in crate::config) static COMPLETION: Table = Table {
    path: "completion",
    is_list: false,
    doc: "With this table, the function sends a message for every upload that was stored, \
          deleted, or refused. Set one of the two destinations. Without the table, it sends no \
          messages.",
    example: "[completion]",
    settings: &[&EVENT_BUS, &SNS_TOPIC],
    shared: &[],
    inherits: None,
    renamed: &[],
};

static EVENT_BUS: Key<Text> = Key {
    name: "event_bus",
    kind: Text { takes: "the name or ARN of an EventBridge bus", is_good: |bus| !bus.is_empty() },
    without: Without::Means("no event is sent"),
    example: "\"pictures\"",
    doc: "The EventBridge bus that receives an event for every upload.",
};

static SNS_TOPIC: Key<Text> = Key {
    name: "sns_topic",
    kind: Text { takes: "the ARN of an SNS topic", is_good: |topic| topic.starts_with("arn:") },
    without: Without::Means("no message is sent"),
    example: "\"arn:aws:sns:eu-west-1:123456789012:pictures\"",
    doc: "The SNS topic that receives a message for every upload.",
};

pub(in crate::config) fn read(table: &Reader<'_>) -> Option<Channel> {
    if let (Some(bus), Some(topic)) = (table.at_of(EVENT_BUS.name), table.at_of(SNS_TOPIC.name)) {
        let problem = "[completion] has `event_bus` and `sns_topic`; choose one";
        table.problems.add(bus.max(topic), problem);
    }
    let bus = table.given(&EVENT_BUS).map(|bus| Channel::EventBus(bus.value));
    bus.or_else(|| table.given(&SNS_TOPIC).map(|topic| Channel::SnsTopic(topic.value)))
}
