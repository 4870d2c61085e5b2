//! The recorded events of `fixtures/events`: what each of them asks for.

use std::path::Path;

use resizer::event::{Event, ObjectRef, UnknownEvent};
use serde_json::{Value, json};

fn recorded(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/events");
    let text = std::fs::read_to_string(folder.join(name)).expect("a recorded event");
    serde_json::from_str(&text).expect("recorded events are JSON")
}

fn names(objects: Vec<ObjectRef>) -> Vec<(String, String)> {
    objects.into_iter().map(|object| (object.bucket, object.key)).collect()
}

fn uploads(event: &Value) -> Vec<(String, String)> {
    match Event::parse(event) {
        Ok(Event::Changes(objects)) => names(objects),
        other => panic!("no plain notification: {other:?}"),
    }
}

/// What a recorded event asks for, whatever brings it.
fn objects_of(name: &str) -> Vec<(String, String)> {
    match Event::parse(&recorded(name)).expect("a known trigger") {
        Event::Changes(objects) => names(objects),
        Event::Direct(object) => names(vec![object]),
        Event::Queue(messages) => {
            names(messages.into_iter().filter_map(|m| m.objects.ok()).flatten().collect())
        }
        Event::Job(job) => names(job.tasks.into_iter().filter_map(|t| t.object.ok()).collect()),
        // Its path names a picture, and the configuration says of which object.
        Event::Http(_) => Vec::new(),
    }
}

#[test]
fn every_recorded_event_is_understood_but_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/events");
    let (mut understood, mut unknown) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).expect("the events are committed") {
        let name = entry.expect("an entry").file_name().to_string_lossy().into_owned();
        match Event::parse(&recorded(&name)) {
            Ok(_) => understood += 1,
            Err(_) => unknown.push(name),
        }
    }
    assert_eq!(unknown, ["unknown.json"]);
    assert_eq!(understood, 24);
}

#[test]
fn every_trigger_says_which_objects() {
    let lake = "photos/lake.jpg";
    let cheese = "holiday photos/Grüße + Käse & 100%.jpg";
    for (name, keys) in [
        ("direct.json", vec![lake]),
        ("sns.json", vec![lake]),
        ("sqs-around-sns.json", vec![lake]),
        ("eventbridge-object-created.json", vec![cheese]),
        ("eventbridge-object-deleted.json", vec![cheese]),
        ("sqs-around-eventbridge.json", vec![cheese]),
        ("batch-operations-1.json", vec![lake, "holiday photos/Grüße + Käse.jpg"]),
        ("batch-operations-2.json", vec![lake]),
        ("test-event.json", vec![]),
    ] {
        let expected: Vec<_> =
            keys.into_iter().map(|key| ("uploads".to_owned(), key.to_owned())).collect();
        assert_eq!(objects_of(name), expected, "{name}");
    }
}

#[test]
fn a_job_names_its_schema_and_its_tasks() {
    for (name, version, count) in
        [("batch-operations-1.json", "1.0", 2), ("batch-operations-2.json", "2.0", 1)]
    {
        let Ok(Event::Job(job)) = Event::parse(&recorded(name)) else { panic!("{name}: a job") };
        assert_eq!((job.schema_version.as_str(), job.tasks.len()), (version, count), "{name}");
        assert_eq!(job.tasks[0].id, "dGFza2lkZ29lc2hlcmUK");
    }
    let mut unreadable = recorded("batch-operations-2.json");
    unreadable["tasks"][0]["s3Key"] = json!("%FF");
    let Ok(Event::Job(job)) = Event::parse(&unreadable) else { panic!("still a job") };
    assert!(job.tasks[0].object.is_err(), "the task fails, the job does not");
    unreadable["invocationSchemaVersion"] = json!("3.0");
    assert!(Event::parse(&unreadable).is_err());
}

#[test]
fn a_message_says_how_often_it_was_received() {
    let mut batch = recorded("sqs-one.json");
    for (count, expected) in [("1", 1), ("2", 2), ("17", 17), ("", 1)] {
        batch["Records"][0]["attributes"]["ApproximateReceiveCount"] = json!(count);
        let Ok(Event::Queue(messages)) = Event::parse(&batch) else { panic!("a batch") };
        assert_eq!(messages[0].received, expected, "{count}");
    }
}

#[test]
fn envelopes_do_not_nest_without_end() {
    let mut event = recorded("put.json");
    for _ in 0..8 {
        event = json!({"Type": "Notification", "Message": event.to_string()});
    }
    let error = Event::parse(&event).expect_err("no trigger nests like this");
    assert!(error.reason.contains("envelopes"), "{error}");
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
    assert!(uploads(&event("ObjectRestore:Post", "2.1")).is_empty());
    assert!(uploads(&event("ObjectRestore:Delete", "2.1")).is_empty());
    assert_eq!(uploads(&event("ObjectRestore:Completed", "2.1")).len(), 1);
    assert_eq!(uploads(&event("ObjectRemoved:DeleteMarkerCreated", "2.6")).len(), 1);
    assert_eq!(uploads(&event("LifecycleExpiration:Delete", "2.3")).len(), 1);
    assert_eq!(uploads(&event("s3:ObjectCreated:Post", "2.0")).len(), 1);
    let error = Event::parse(&event("ObjectCreated:Put", "3.0")).expect_err("another major");
    assert!(error.reason.contains("eventVersion 3"), "{error}");
    assert!(Event::parse(&json!({"Records": []})).is_err(), "an event without any event");
}

#[test]
fn each_message_of_a_batch_stands_for_itself() {
    let batch = json!({"Records": [
        {"messageId": "1", "eventSource": "aws:sqs", "body": "no JSON"},
        {"messageId": "2", "eventSource": "aws:sqs", "body": "{\"Event\":\"s3:TestEvent\"}"},
        {"messageId": "3", "eventSource": "aws:sqs", "body": recorded("put.json").to_string()},
        {"messageId": "4", "eventSource": "aws:sqs", "body": "{\"Records\":[{}]}"},
    ]});
    let Ok(Event::Queue(messages)) = Event::parse(&batch) else { panic!("a batch") };
    let counts: Vec<Option<usize>> =
        messages.iter().map(|message| message.objects.as_ref().ok().map(Vec::len)).collect();
    assert_eq!(counts, [None, Some(0), Some(1), None]);
}

#[test]
fn an_unknown_event_is_quoted() {
    let UnknownEvent { reason, start } =
        Event::parse(&recorded("unknown.json")).expect_err("no trigger");
    assert!(reason.contains("no trigger"), "{reason}");
    assert!(start.starts_with('{') && start.chars().count() <= 120, "{start}");
}

#[test]
fn restorations_are_read_from_the_bus() {
    let mut event = recorded("eventbridge-object-created.json");
    for (detail_type, count) in [
        ("Object Restore Completed", 1),
        ("Object Restore Initiated", 0),
        ("Object Restore Expired", 0),
    ] {
        event["detail-type"] = json!(detail_type);
        assert_eq!(uploads(&event).len(), count, "{detail_type}");
    }
}

#[test]
fn recorded_calls_are_taken_where_they_name_what_they_changed() {
    let event = |detail: Value| {
        json!({
            "source": "aws.s3", "detail-type": "AWS API Call via CloudTrail", "detail": detail,
        })
    };
    let call = |name: &str| {
        json!({
            "eventVersion": "1.11", "eventSource": "s3.amazonaws.com", "eventName": name,
            "requestParameters": {"bucketName": "b", "key": "a b+c%.jpg", "Host": "h"},
        })
    };
    for name in ["PutObject", "CopyObject", "CompleteMultipartUpload", "DeleteObject"] {
        let object = ("b".to_owned(), "a b+c%.jpg".to_owned());
        assert_eq!(uploads(&event(call(name))), [object], "{name}: the key is plain");
    }
    for name in ["GetObject", "PutObjectTagging", "CreateMultipartUpload"] {
        assert!(uploads(&event(call(name))).is_empty(), "{name}");
    }
    let mut failed = call("PutObject");
    failed["errorCode"] = json!("AccessDenied");
    assert!(uploads(&event(failed)).is_empty(), "nothing was put");
    let mut nameless = call("PutObject");
    nameless["requestParameters"] = json!({"bucketName": "b"});
    let error = Event::parse(&event(nameless)).expect_err("no key");
    assert!(error.reason.contains("has no key"), "{error}");
    let error = Event::parse(&event(call("DeleteObjects"))).expect_err("nobody knows which");
    assert!(error.reason.contains("have S3 send its own events"), "{error}");
}

#[test]
fn an_http_request_is_one_whatever_brings_it() {
    for (name, path) in [
        ("function-url.json", "/w640/photos/Gr%C3%BC%C3%9Fe.jpg"),
        // An HTTP API decodes paths, and begins them with its stage.
        ("http-api.json", "/w640/photos/Grüße.jpg"),
    ] {
        let Ok(Event::Http(request)) = Event::parse(&recorded(name)) else {
            panic!("{name} is an HTTP request");
        };
        assert_eq!(
            (&*request.method, &*request.path, &*request.query),
            ("GET", path, "v=0123abcd")
        );
        let accept = request.header("Accept").expect("a header");
        assert!(accept.starts_with("image/avif"), "{accept}");
    }
}
