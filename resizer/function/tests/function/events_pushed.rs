//! The recorded pushes of `fixtures/pushes`: which objects each of them names, and how often it was
//! sent. What is no push, or names nothing, is refused with its reason.

use std::path::Path;

use resizer::event::Pushed;
use serde_json::{Value, json};

fn parse(ce_type: Option<&str>, body: &Value) -> Result<Pushed, String> {
    Pushed::parse(ce_type, body.to_string().as_bytes()).map_err(|unknown| unknown.reason)
}

#[test]
fn every_recorded_push_names_its_objects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/pushes");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the pushes are committed") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        let case: Value = serde_json::from_str(&text).expect("JSON");
        let pushed = parse(case["headers"]["ce-type"].as_str(), &case["body"]);
        let pushed = pushed.unwrap_or_else(|reason| panic!("{}: {reason}", path.display()));
        let names: Vec<Value> =
            pushed.objects.iter().map(|object| json!([object.bucket, object.key])).collect();
        assert_eq!(Value::from(names), case["objects"], "{}", path.display());
        assert_eq!(json!(pushed.received), case["received"], "{}", path.display());
        count += 1;
    }
    assert_eq!(count, 30);
}

#[test]
fn what_names_no_object_is_refused() {
    let r2 = json!({"action": "PutObject", "bucket": "uploads", "object": {}});
    let b2 = json!({"events": [{"eventType": "b2:ObjectCreated:Upload", "bucketName": "uploads"}]});
    let pubsub = json!({"message": {
        "attributes": {"eventType": "OBJECT_FINALIZE", "bucketId": "uploads"}, "data": "e30=",
    }});
    let text = json!({"message": {"attributes": {}, "data": "bm8gSlNPTg=="}});
    let google = json!({
        "specversion": "1.0", "type": "google.cloud.storage.object.v1.finalized",
        "data": {"bucket": "uploads", "name": ""},
    });
    let azure = json!({
        "specversion": "1.0", "type": "Microsoft.Storage.BlobCreated",
        "data": {"url": "https://example.blob.core.windows.net/uploads"},
    });
    let other = json!({"specversion": "1.0", "type": "com.example.ping", "data": {"x": 1}});
    let mixed = json!({"messages": [{"body": {"hello": "world"}}]});
    for (body, reason) in [
        (&r2, "it has no key"),
        (&b2, "it has no objectName"),
        (&pubsub, "a message of Pub/Sub has no attribute objectId"),
        (&text, "the data of a message of Pub/Sub is no JSON"),
        (&google, "a bucket or a key is empty"),
        (&azure, "names no blob"),
        (&other, "a CloudEvent of the type com.example.ping: no trigger"),
        (&mixed, "a message is not R2's"),
        (&json!({"specversion": "1.0"}), "it has no type"),
        (&json!({"hello": "world"}), "no trigger of this function has this shape"),
        (&json!("text"), "no trigger of this function has this shape"),
    ] {
        let refused = parse(None, body).expect_err("it names nothing");
        assert!(refused.contains(reason), "{body}: {refused}");
    }
    let refused = Pushed::parse(None, b"no JSON").expect_err("no JSON");
    assert!(refused.to_string().contains("the body is no JSON"), "{refused}");
    assert!(Pushed::parse(None, &[0xff, 0xfe]).is_err());
}

#[test]
fn envelopes_within_envelopes_end() {
    let mut event = json!({"Records": []});
    for _ in 0..40 {
        event = json!([event]);
    }
    assert!(parse(None, &event).expect_err("too deep").contains("too many envelopes"));
}
