//! What is probably a mistake in a queue's redrive policy: its JSON in, sentences out.

use serde_json::Value;

/// The delivery that refuses a file that is too slow or crashes the engine.
const LATE_DELIVERY: u64 = 3;

/// What is probably a mistake in a queue's redrive policy, its JSON or nothing.
pub(super) fn warnings(redrive_policy: Option<&str>) -> Vec<String> {
    let policy: Option<Value> = redrive_policy.and_then(|text| serde_json::from_str(text).ok());
    let Some(policy) = policy else {
        return vec![
            "the queue has no redrive policy: a message that always fails is delivered until it \
             expires, and nobody hears of it; give the queue a dead-letter queue"
                .to_owned(),
        ];
    };
    // Some servers write the number as text.
    let count = &policy["maxReceiveCount"];
    let count = count.as_u64().or_else(|| count.as_str()?.parse().ok());
    match count {
        Some(count) if count < LATE_DELIVERY => vec![format!(
            "maxReceiveCount of the queue is {count}: a file that is too slow or crashes becomes a \
             dead letter before its {LATE_DELIVERY}rd delivery could refuse it"
        )],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::warnings;

    #[test]
    fn queues_without_a_way_out_are_named() {
        assert!(warnings(None)[0].contains("no redrive policy"));
        assert!(warnings(Some(r#"{"maxReceiveCount":"2"}"#))[0].contains("is 2"));
        assert_eq!(warnings(Some(r#"{"maxReceiveCount":10}"#)), Vec::<String>::new());
    }
}
