//! Every trigger has its own answer, and what it asks for is done.

use local_harness::upload_line::UploadLine;
use serde_json::{Value, json};

use crate::support::{Bench, UPLOADS, VARIANTS, created, photo};

const SMALL: &str = "[[rule]]\n[[rule.variant]]\nwidth = 16\n";

/// A message of a queue that was received so often.
fn message(id: &str, body: &Value, received: u32) -> Value {
    json!({
        "messageId": id, "eventSource": "aws:sqs", "body": body.to_string(),
        "attributes": {"ApproximateReceiveCount": received.to_string()},
    })
}

async fn lines_of(bench: &Bench, event: &Value) -> Vec<UploadLine> {
    let invocation = bench.harness.function.invoke(event.to_string().into_bytes()).await;
    invocation.result.expect("an answer");
    invocation.log.iter().filter_map(|line| UploadLine::parse(line)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_gets_the_manifest_or_a_reason() {
    let mut bench = Bench::start().await;
    bench.put("a b.jpg", &photo(400, 300, 1)).await;
    bench.put("bad.jpg", b"text").await;
    bench.lines(2).await;
    let call = |key: &str| json!({"bucket": UPLOADS, "key": key});
    let manifest = bench.invoke(&call("a b.jpg")).await.expect("a manifest");
    assert_eq!(manifest["source"]["key"], "a b.jpg");
    assert_eq!(manifest["variants"].as_array().expect("variants").len(), 5);
    assert_eq!(manifest["variants"][0]["key"], "variants/a b.jpg/w160.jpg");
    for (key, code) in [
        ("bad.jpg", "not_an_image"),
        ("never.jpg", "deleted"),
        ("variants/x/w160.jpg", "not_an_image"),
    ] {
        if code == "not_an_image" && key != "bad.jpg" {
            bench.put(key, b"text").await;
        }
        let (found, message) = bench.invoke(&call(key)).await.expect_err("no manifest");
        assert_eq!(found, code, "{message}");
        assert!(message.contains(key), "{message}");
    }
    let (code, _) = bench.invoke(&json!({"bucket": "nowhere", "key": "a"})).await.expect_err("");
    assert_eq!(code, "setup");
}

#[tokio::test(flavor = "multi_thread")]
async fn notifications_are_done_whatever_brings_them() {
    let mut bench = Bench::with_config(SMALL).await;
    let key = "Käse & Brot.jpg";
    bench.put(key, &photo(40, 30, 1)).await;
    bench.lines(1).await;
    let result = format!("variants/{key}/w16.jpg");
    let encoded = "K%C3%A4se+%26+Brot.jpg";
    let bus = json!({
        "source": "aws.s3", "detail-type": "Object Created",
        "detail": {"bucket": {"name": UPLOADS}, "object": {"key": key}},
    });
    let topic = json!({"Records": [{
        "EventSource": "aws:sns", "Sns": {"Message": created(UPLOADS, encoded).to_string()},
    }]});
    let envelope =
        json!({"Type": "Notification", "Message": created(UPLOADS, encoded).to_string()});
    let queue = |body: &Value| json!({"Records": [message("m", body, 1)]});
    let done = json!({"batchItemFailures": []});
    for (event, answer) in [
        (created(UPLOADS, encoded), json!(null)),
        (bus.clone(), json!(null)),
        (topic, json!(null)),
        (queue(&envelope), done.clone()),
        (queue(&bus), done),
    ] {
        let delete = bench.harness.client.delete_object().bucket(VARIANTS).key(&result);
        delete.send().await.expect("it is deleted");
        assert_eq!(bench.invoke(&event).await, Ok(answer), "{event}");
        assert_eq!(bench.get(VARIANTS, &result).await.picture().width(), 16, "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_gets_a_result_for_each_task() {
    let mut bench = Bench::with_config(SMALL).await;
    bench.put("good one.jpg", &photo(40, 30, 1)).await;
    bench.put("bad.jpg", b"text").await;
    bench.lines(2).await;
    let task = |id: &str, bucket: &str, key: &str| json!({"taskId": id, "s3BucketArn": format!("arn:aws:s3:::{bucket}"), "s3Key": key});
    let job = json!({
        "invocationSchemaVersion": "1.0", "invocationId": "call", "job": {"id": "job"},
        "tasks": [
            task("good", UPLOADS, "good+one.jpg"), task("again", UPLOADS, "good+one.jpg"),
            task("bad", UPLOADS, "bad.jpg"), task("gone", UPLOADS, "gone.jpg"),
            task("nowhere", "nowhere", "a.jpg"), task("unreadable", UPLOADS, "%FF"),
        ],
    });
    for (round, good) in [(1, "already_done"), (2, "stored")] {
        if round == 2 {
            let result = "variants/good one.jpg/w16.jpg";
            let delete = bench.harness.client.delete_object().bucket(VARIANTS).key(result);
            delete.send().await.expect("it is deleted");
        }
        let answer = bench.invoke(&job).await.expect("results");
        assert_eq!(
            (&answer["invocationId"], &answer["invocationSchemaVersion"]),
            (&json!("call"), &json!("1.0"))
        );
        let results = answer["results"].as_array().expect("a list");
        let found: Vec<(&str, &str, &str)> = results
            .iter()
            .map(|result| {
                let text = result["resultString"].as_str().expect("a text");
                let code = text.split(':').next().unwrap_or_default();
                let text = |name: &str| result[name].as_str().expect("a text");
                (text("taskId"), text("resultCode"), code)
            })
            .collect();
        let expected = [
            ("good", "Succeeded", good),
            ("again", "Succeeded", good),
            ("bad", "PermanentFailure", "not_an_image"),
            ("gone", "Succeeded", "deleted"),
            ("nowhere", "TemporaryFailure", "setup"),
            ("unreadable", "PermanentFailure", "unknown_event"),
        ];
        assert_eq!(found, expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_counted_and_a_redelivery_skips_only_what_is_up_to_date() {
    let mut bench = Bench::start().await;
    bench.put("a.jpg", &photo(400, 300, 1)).await;
    let requests = |line: &UploadLine| {
        let counted = line.requests;
        assert_eq!((counted.retries, counted.copy), (0, 0));
        (counted.get, counted.put, counted.delete, counted.head)
    };
    let line = bench.line().await;
    assert_eq!(requests(&line), (1, 5, 1, 1), "a first delivery");
    let event = |received| json!({"Records": [message("m", &created(UPLOADS, "a.jpg"), received)]});
    let first = lines_of(&bench, &event(1)).await;
    assert_eq!((first[0].outcome.as_str(), requests(&first[0])), ("stored", (1, 5, 1, 1)));
    let again = lines_of(&bench, &event(2)).await;
    assert_eq!(
        (again[0].outcome.as_str(), requests(&again[0])),
        ("already_done", (0, 0, 0, 1 + 15 + 1)),
        "the source, five variants in three formats, the failure record"
    );
    // A result with another fingerprint is out of date.
    let key = "variants/a.jpg/w160.jpg";
    let stored = bench.get(VARIANTS, key).await;
    let put = bench.harness.client.put_object().bucket(VARIANTS).key(key);
    let put = put.metadata("resizer-fingerprint", "0").body(stored.bytes.clone().into());
    put.send().await.expect("a put");
    let made = lines_of(&bench, &event(3)).await;
    assert_eq!((made[0].outcome.as_str(), requests(&made[0])), ("stored", (1, 5, 1, 18)));
    assert_eq!(bench.get(VARIANTS, key).await.metadata, stored.metadata);
    // Neither does a result that should not be there.
    let put = bench.harness.client.put_object().bucket(VARIANTS).key("failures/a.jpg.json");
    put.send().await.expect("a put");
    assert_eq!(lines_of(&bench, &event(2)).await[0].outcome, "stored");
    bench.delete("a.jpg").await;
    assert_eq!(requests(&bench.line().await), (1, 0, 1, 1), "a deletion");
}

#[tokio::test(flavor = "multi_thread")]
async fn duplicates_within_a_batch_are_done_once() {
    let mut bench = Bench::with_config(SMALL).await;
    for key in ["a.jpg", "b.jpg"] {
        bench.put(key, &photo(40, 30, 1)).await;
    }
    bench.lines(2).await;
    let keys = ["a.jpg", "b.jpg", "a.jpg", "a.jpg", "b.jpg"];
    let messages = keys.iter().enumerate();
    let messages: Vec<Value> =
        messages.map(|(id, key)| message(&id.to_string(), &created(UPLOADS, key), 1)).collect();
    let lines = lines_of(&bench, &json!({"Records": messages})).await;
    let mut done: Vec<&str> = lines.iter().map(|line| line.key.as_str()).collect();
    done.sort_unstable();
    assert_eq!(done, ["a.jpg", "b.jpg"]);
    // When it fails, it fails for every message that asked for it.
    let failing = created("nowhere", "a.jpg");
    let messages = [
        message("x", &failing, 1),
        message("y", &created(UPLOADS, "a.jpg"), 1),
        message("z", &failing, 1),
    ];
    let answer = bench.invoke(&json!({"Records": messages})).await.expect("a partial answer");
    let failures = [json!({"itemIdentifier": "x"}), json!({"itemIdentifier": "z"})];
    assert_eq!(answer, json!({"batchItemFailures": failures}));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_subset_of_a_batch_can_fail_and_is_answered_exactly() {
    let mut bench = Bench::with_config(SMALL).await;
    bench.put("good.jpg", &photo(20, 20, 1)).await;
    bench.lines(1).await;
    for subset in 0..1024_u32 {
        let fails = |id: u32| subset & 1 << id != 0;
        let body = |id: u32| match (fails(id), id % 3) {
            (true, 0) => created("nowhere", &format!("{id}.jpg")),
            (true, _) => json!({"Records": "none"}),
            (false, 0) => created(UPLOADS, &format!("variants/{id}/w16.jpg")),
            (false, 1) => json!({"Event": "s3:TestEvent"}),
            (false, _) => created(UPLOADS, "gone.jpg"),
        };
        let messages: Vec<Value> =
            (0..10).map(|id| message(&id.to_string(), &body(id), 1)).collect();
        let answer = bench.invoke(&json!({"Records": messages})).await.expect("an answer");
        let failures: Vec<Value> = (0..10)
            .filter(|id| fails(*id))
            .map(|id| json!({"itemIdentifier": id.to_string()}))
            .collect();
        assert_eq!(answer, json!({"batchItemFailures": failures}), "subset {subset:010b}");
    }
}
