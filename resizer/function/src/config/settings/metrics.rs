//! `[metrics]`: what the log line of an upload tells CloudWatch to count.

use crate::config::declare::{Key, Table, Without};
use crate::config::kinds::Text;
use crate::config::reader::Reader;

pub(in crate::config) static METRICS: Table = Table {
    path: "metrics",
    is_list: false,
    doc: "With this table, the log line of each upload contains metrics in CloudWatch's embedded \
          metric format. CloudWatch turns them into metrics, for which AWS charges. Without the \
          table, the log line has no metrics.",
    example: "[metrics]",
    settings: &[&NAMESPACE],
    shared: &[],
    inherits: None,
    renamed: &[],
};

/// Source: CloudWatch API Reference, PutMetricData: 1 to 255 characters, and no colon first.
static NAMESPACE: Key<Text> = Key {
    name: "namespace",
    kind: Text {
        takes: "the namespace of the metrics in CloudWatch, of 1 to 255 characters",
        is_good: |name| (1..=255).contains(&name.len()) && name.chars().all(is_of_a_namespace),
    },
    without: Without::Means("the log lines contain no metrics"),
    example: "\"Resizer\"",
    doc: "The CloudWatch namespace of the metrics `Uploads`, `Stored`, `Refused`, `Failed`, \
          `BytesIn`, `BytesOut`, and `DurationMs`.",
};

fn is_of_a_namespace(character: char) -> bool {
    character.is_ascii_alphanumeric() || "._-/#".contains(character)
}

/// The namespace, where there is one.
pub(in crate::config) fn read(table: &Reader<'_>) -> Option<String> {
    table.given(&NAMESPACE).map(|namespace| namespace.value)
}
