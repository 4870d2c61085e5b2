//! Uploads that get no variants though nothing is wrong with them: one line each, with the reason.

use local_harness::upload_line::UploadLine;
use serde_json::{Value, json};

use crate::support::{Bench, UPLOADS, VARIANTS, created, photo};

#[tokio::test(flavor = "multi_thread")]
async fn folders_leave_no_record_and_nothing_of_what_was_there() {
    let mut bench = Bench::start().await;
    bench.put("album/", &photo(40, 30, 1)).await;
    assert_eq!(bench.line().await.outcome, "stored", "a key may end in a slash");
    bench.put("album/", b"").await;
    let line = bench.line().await;
    assert_eq!(line.outcome, "ignored_folder");
    assert!(line.message.is_some_and(|message| message.contains("it is a folder")));
    assert!(bench.keys(VARIANTS).await.is_empty(), "no record either");
    bench.put("empty.jpg", b"").await;
    assert_eq!(bench.line().await.outcome, "not_an_image", "and nothing else is a folder");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_no_rule_takes_is_logged_with_the_reason() {
    let mut bench = Bench::with_config("[[rule]]\nname = \"a\"\nmatch = \"**.jpg\"\n").await;
    bench.put("B.JPG", &photo(40, 30, 1)).await;
    let line = bench.line().await;
    assert_eq!(line.outcome, "ignored_no_rule");
    let message = line.message.expect("a reason");
    assert!(message.contains("rule \"a\" would take it in another case"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_under_a_name_of_the_functions_own_is_logged_with_the_reason() {
    let config = "[[rule]]\nname = \"a\"\noriginals.after = \"move\"\n";
    let bench = Bench::quiet(config, |_| {}).await;
    for (bucket, key, reason) in [
        (VARIANTS, "variants/x.jpg/w160.jpg", "could have written an object of this name"),
        ("site-originals", "x.jpg", "could have moved an original to this place"),
    ] {
        let event = created(bucket, key).to_string().into_bytes();
        let invocation = bench.harness.function.invoke(event).await;
        let line = invocation.log.iter().find_map(|line| UploadLine::parse(line)).expect("a line");
        assert_eq!(line.outcome, "ignored_own_key", "{key}");
        let message = line.message.expect("a reason");
        assert!(message.contains(&format!("rule \"a\" {reason}")), "{message}");
    }
}

/// The lines of the log that are not of an upload, for an event.
async fn log_lines(bench: &Bench, event: &Value) -> Vec<Value> {
    let invocation = bench.harness.function.invoke(event.to_string().into_bytes()).await;
    invocation.result.expect("an answer");
    let lines = invocation.log.iter().filter_map(|line| serde_json::from_str(line).ok());
    lines.filter(|line: &Value| line["message"].is_string() && line["event"] != "upload").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_ask_for_nothing_and_doubtful_settings_are_logged() {
    let mut bench = Bench::with_config("[[rule]]\nmatch = \"**.jpg\"\n").await;
    let mut tagged = created(UPLOADS, "a.jpg");
    tagged["Records"][0]["eventName"] = json!("ObjectTagging:Put");
    let first = log_lines(&bench, &tagged).await;
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(first[0]["event"], "nothing");
    let mut at_start = Vec::new();
    while let Ok(line) = bench.harness.log.try_recv() {
        at_start.extend(
            serde_json::from_str(&line.text)
                .ok()
                .filter(|line: &Value| line["code"] == "config" && line["level"] == "WARN"),
        );
    }
    // Once for each environment that was started.
    let warning = at_start.first().and_then(|line| line["message"].as_str()).expect("a sentence");
    assert!(warning.contains("no rule takes .JPG"), "{warning}");
    let message = json!({
        "messageId": "m", "eventSource": "aws:sqs", "body": r#"{"Event": "s3:TestEvent"}"#,
    });
    let second = log_lines(&bench, &json!({ "Records": [message] })).await;
    assert_eq!(second.len(), 1, "{second:?}");
    assert_eq!((&second[0]["event"], &second[0]["messageId"]), (&json!("nothing"), &json!("m")));
}
