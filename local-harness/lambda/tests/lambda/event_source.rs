//! The mapping from the queue to the function: events, partial batch answers, redelivery.

use std::sync::Arc;
use std::time::Duration;

use lambda_local::event_source::{
    Batch, EventSource, EventSourceOptions, MalformedAnswer, RetryDelay, failed_ids, sqs_event,
};
use lambda_local::queue::{BODY_MAX_BYTES, Message, Queue, QueueOptions};
use serde_json::json;
use tokio::sync::mpsc::unbounded_channel;

use crate::{function, options};

fn message(id: &str) -> Message {
    Message {
        id: id.to_owned(),
        receipt_handle: format!("receipt of {id}"),
        body: "{\"Records\":[]}".to_owned(),
        body_md5: "0123".to_owned(),
        receive_count: 2,
        sent_ms: 1_700_000_000_000,
        first_received_ms: 1_700_000_000_001,
    }
}

#[test]
fn a_batch_becomes_the_event_that_aws_makes() {
    let event = sqs_event(&[message("a")], "arn:aws:sqs:eu-central-1:000000000000:uploads");
    let expected = json!({ "Records": [{
        "messageId": "a",
        "receiptHandle": "receipt of a",
        "body": "{\"Records\":[]}",
        "attributes": {
            "ApproximateReceiveCount": "2",
            "SentTimestamp": "1700000000000",
            "SenderId": "AROALOCALHARNESS00000:S3-PROD-END",
            "ApproximateFirstReceiveTimestamp": "1700000000001",
        },
        "messageAttributes": {},
        "md5OfBody": "0123",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:000000000000:uploads",
        "awsRegion": "eu-central-1",
    }] });
    assert_eq!(event, expected);
}

#[test]
fn answers_name_the_failed_messages() {
    let messages = [message("a"), message("b")];
    let named = [
        ("", ""),
        (" \n", ""),
        ("null", ""),
        ("{}", ""),
        (r#"{"other":1}"#, ""),
        (r#"{"batchItemFailures":null}"#, ""),
        (r#"{"batchItemFailures":[]}"#, ""),
        (r#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#, "b"),
        (r#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"a"}]}"#, "a b"),
        (r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"a"}]}"#, "a"),
    ];
    for (answer, expected) in named {
        let failed = failed_ids(&messages, answer.as_bytes()).expect("it is well-formed");
        assert_eq!(Vec::from_iter(failed).join(" "), expected, "{answer}");
    }
    let malformed = [
        ("\"done\"", false),
        ("[", false),
        (r#"{"batchItemFailures":"a"}"#, false),
        (r#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, false),
        (r#"{"batchItemFailures":[{"identifier":"a"}]}"#, false),
        (r#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, true),
        (r#"{"batchItemFailures":[{"itemIdentifier":"c"}]}"#, true),
    ];
    for (answer, is_unknown) in malformed {
        let error = failed_ids(&messages, answer.as_bytes()).expect_err("it is malformed");
        assert_eq!(matches!(error, MalformedAnswer::UnknownId { .. }), is_unknown, "{error}");
    }
}

/// Bodies, how often a batch is run until the queue is idle, and which bodies end as dead letters.
type Case = (&'static [&'static str], usize, &'static [usize]);

const CASES: &[Case] = &[
    (&[r#"{"do":"echo"}"#, r#"{"do":"echo"}"#], 1, &[]),
    (&[r#"{"do":"echo"}"#, r#"{"do":"fail"}"#, "no JSON"], 2, &[1]),
    (&[r#"{"do":"echo"}"#, r#"{"do":"exit","code":1}"#], 2, &[0, 1]),
    (&[r#"{"do":"answer","answer":null}"#, r#"{"do":"fail"}"#], 1, &[]),
    (&[r#"{"do":"answer","answer":"done"}"#, r#"{"do":"echo"}"#], 2, &[0, 1]),
    (&[r#"{"do":"answer","answer":{"batchItemFailures":[{"itemIdentifier":"?"}]}}"#], 2, &[0]),
];

#[tokio::test]
async fn failed_messages_come_back_and_the_others_do_not() {
    let (options, _lines) = options();
    let function = function(options);
    for (bodies, runs, dead) in CASES {
        let queue =
            Arc::new(Queue::new(QueueOptions { max_receive_count: 2, ..QueueOptions::default() }));
        let ids: Vec<String> = bodies
            .iter()
            .map(|body| queue.send((*body).to_owned()).expect("it is small"))
            .collect();
        let (finished, mut batches) = unbounded_channel();
        let mapping = EventSourceOptions {
            max_concurrency: 1,
            retry_delay: Some(RetryDelay::constant(Duration::ZERO)),
            ..EventSourceOptions::default()
        };
        let source = EventSource::start(queue.clone(), function.clone(), mapping, finished);
        queue.idle().await;
        drop(source);
        let mut seen: Vec<Batch> = Vec::new();
        while let Some(batch) = batches.recv().await {
            seen.push(batch);
        }
        assert_eq!(seen.len(), *runs, "{bodies:?}");
        let sent: Vec<&str> = seen[0].messages.iter().map(|message| message.id.as_str()).collect();
        assert_eq!(sent, ids);
        let expected: Vec<&str> = dead.iter().map(|at| ids[*at].as_str()).collect();
        assert_eq!(seen[0].returned_ids, expected, "{bodies:?}");
        let letters = queue.dead_letters();
        let letters: Vec<&str> = letters.iter().map(|letter| letter.id.as_str()).collect();
        assert_eq!(letters, expected, "{bodies:?}");
    }
}

#[tokio::test]
async fn a_batch_is_no_larger_than_ordered() {
    let (options, _lines) = options();
    let function = function(options);
    let queue = Arc::new(Queue::new(QueueOptions::default()));
    for _ in 0..5 {
        queue.send("{}".to_owned()).expect("it is small");
    }
    let (finished, mut batches) = unbounded_channel();
    let mapping = EventSourceOptions { batch_size: 2, ..EventSourceOptions::default() };
    let _source = EventSource::start(queue.clone(), function, mapping, finished);
    let mut sizes = Vec::new();
    for _ in 0..3 {
        let batch = batches.recv().await.expect("the mapping runs");
        assert!(batch.invocation.result.is_ok() && batch.returned_ids.is_empty());
        sizes.push(batch.messages.len());
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 2, 2]);
    queue.idle().await;
}

#[tokio::test]
async fn a_batch_fits_into_one_payload() {
    let (options, _lines) = options();
    let function = function(options);
    let queue = Arc::new(Queue::new(QueueOptions::default()));
    for _ in 0..7 {
        let mut body = "\n".repeat(BODY_MAX_BYTES / 2 - 1);
        body.insert_str(0, "{}");
        queue.send(body).expect("it is as large as a body may be");
    }
    let (finished, mut batches) = unbounded_channel();
    let source = EventSource::start(queue.clone(), function, Default::default(), finished);
    queue.idle().await;
    drop(source);
    let mut sizes = Vec::new();
    while let Some(batch) = batches.recv().await {
        assert!(batch.invocation.result.is_ok(), "{:?}", batch.invocation.result);
        sizes.push(batch.messages.len());
    }
    sizes.sort_unstable();
    assert_eq!(sizes, [2, 5], "a line break has two bytes in JSON");
}

#[tokio::test]
async fn a_batch_waits_for_more_messages_in_its_window() {
    let (options, _lines) = options();
    let function = function(options);
    let queue = Arc::new(Queue::new(QueueOptions::default()));
    let mapping = EventSourceOptions {
        batch_size: 3,
        batch_window: Duration::from_secs(300),
        ..EventSourceOptions::default()
    };
    let (finished, mut batches) = unbounded_channel();
    queue.send("{}".to_owned()).expect("it is small");
    let _source = EventSource::start(queue.clone(), function, mapping, finished);
    while queue.counts().0 > 0 {
        tokio::task::yield_now().await;
    }
    for _ in 0..2 {
        queue.send("{}".to_owned()).expect("it is small");
    }
    let batch = batches.recv().await.expect("a full batch does not wait for the end of its window");
    assert_eq!(batch.messages.len(), 3);
}
