//! The recorded events of `fixtures/events`: what each of them asks for.

use std::path::Path;

use resizer::event::{Event, UnknownEvent};
use serde_json::{Value, json};

fn recorded(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/events");
    let text = std::fs::read_to_string(folder.join(name)).expect("a recorded event");
    serde_json::from_str(&text).expect("recorded events are JSON")
}

fn uploads(event: &Value) -> Vec<(String, String)> {
    match Event::parse(event) {
        Ok(Event::Uploads(uploads)) => {
            uploads.into_iter().map(|object| (object.bucket, object.key)).collect()
        }
        other => panic!("no plain notification: {other:?}"),
    }
}

#[test]
fn every_recorded_event_is_understood_or_refused_as_unknown() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/events");
    let (mut understood, mut unknown) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).expect("the events are committed") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        match Event::parse(&recorded(&name)) {
            Ok(_) => understood += 1,
            Err(_) => unknown.push(name),
        }
    }
    unknown.sort();
    // EventBridge, SNS and direct invocations are not read yet.
    let expected = ["direct.json", "eventbridge-object-created.json", "sns.json", "unknown.json"];
    assert_eq!(unknown, expected);
    assert_eq!(understood, 15);
}

#[test]
fn keys_are_form_decoded() {
    let event = |key: &str| {
        json!({"Records": [{
            "eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
            "s3": {"bucket": {"name": "uploads"}, "object": {"key": key}}
        }]})
    };
    for (encoded, key) in [
        ("red+flower.jpg", "red flower.jpg"),
        ("in%2Fa+b%2B%C3%A9.jpg", "in/a b+é.jpg"),
        ("in/a%20b%2B%C3%A9.jpg", "in/a b+é.jpg"),
        ("100%25.jpg", "100%.jpg"),
        ("%F0%9F%8C%BB.png", "🌻.png"),
        ("/lead//twice/..", "/lead//twice/.."),
    ] {
        assert_eq!(uploads(&event(encoded)), [("uploads".to_owned(), key.to_owned())]);
    }
    let error = Event::parse(&event("%FF.jpg")).expect_err("not UTF-8");
    assert!(error.to_string().contains("not UTF-8"), "{error}");
}

#[test]
fn records_that_change_no_bytes_ask_for_nothing() {
    let event = |name: &str, version: &str| {
        json!({"Records": [{
            "eventVersion": version, "eventSource": "aws:s3", "eventName": name,
            "s3": {"bucket": {"name": "b"}, "object": {"key": "k"}}
        }]})
    };
    assert!(uploads(&event("ObjectTagging:Put", "2.1")).is_empty());
    assert_eq!(uploads(&event("ObjectRemoved:DeleteMarkerCreated", "2.6")).len(), 1);
    assert_eq!(uploads(&event("LifecycleExpiration:Delete", "2.3")).len(), 1);
    assert_eq!(uploads(&event("s3:ObjectCreated:Post", "2.0")).len(), 1);
    let error = Event::parse(&event("ObjectCreated:Put", "3.0")).expect_err("another major");
    assert!(error.reason.contains("eventVersion 3"), "{error}");
    assert!(
        matches!(Event::parse(&json!({"Records": []})), Ok(Event::Uploads(none)) if none.is_empty())
    );
}

#[test]
fn each_message_of_a_batch_stands_for_itself() {
    let batch = json!({"Records": [
        {"messageId": "1", "eventSource": "aws:sqs", "body": "no JSON"},
        {"messageId": "2", "eventSource": "aws:sqs", "body": "{\"Event\":\"s3:TestEvent\"}"},
        {"messageId": "3", "eventSource": "aws:sqs", "body": recorded("put.json").to_string()},
        {"messageId": "4", "eventSource": "aws:sqs", "body": "{\"Records\":[{}]}"},
    ]});
    let Ok(Event::Batch(messages)) = Event::parse(&batch) else { panic!("a batch") };
    let counts: Vec<Option<usize>> =
        messages.iter().map(|message| message.uploads.as_ref().ok().map(Vec::len)).collect();
    assert_eq!(counts, [None, Some(0), Some(1), None]);
}

#[test]
fn an_unknown_event_is_quoted() {
    let UnknownEvent { reason, start } =
        Event::parse(&recorded("unknown.json")).expect_err("no trigger");
    assert!(reason.contains("neither Records"), "{reason}");
    assert!(start.starts_with('{') && start.chars().count() <= 120, "{start}");
}
