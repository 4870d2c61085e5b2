//! The SQS protocol at its edges, request by request.

use std::net::SocketAddr;
use std::sync::Arc;

use lambda_local::queue::api::{QueueApi, QueueApiOptions};
use lambda_local::queue::{Queue, QueueOptions};
use serde_json::{Value, json};

use crate::wire;

const URL: &str = "http://localhost/000000000000/queue";

async fn start() -> QueueApi {
    let options = QueueApiOptions {
        listen: 0.into(),
        region: "eu-west-1".to_owned(),
        access_key: "key".to_owned(),
    };
    let queue = Arc::new(Queue::new(QueueOptions::default()));
    QueueApi::start(queue, options).await.expect("a free port")
}

/// The answer, and the code that the SDKs read from a header.
async fn ask(address: SocketAddr, operation: &str, mut input: Value) -> (Value, Option<String>) {
    input["QueueUrl"] = URL.into();
    let target = format!("AmazonSQS.{operation}");
    let headers = [("Authorization", "AWS4 Credential=key/"), ("X-Amz-Target", target.as_str())];
    let answer = wire::send(address, "POST /", &headers, input.to_string().as_bytes()).await;
    let code = answer.header("x-amzn-query-error").map(str::to_owned);
    assert_eq!(answer.status == 200, code.is_none(), "{answer:?}");
    (serde_json::from_slice(&answer.body).expect("JSON"), code)
}

fn entries(ids: &[&str]) -> Value {
    let entry = |id: &&str| json!({ "Id": id, "MessageBody": "x" });
    json!({ "Entries": ids.iter().map(entry).collect::<Vec<Value>>() })
}

#[tokio::test]
async fn requests_that_sqs_refuses_are_refused() {
    let api = start().await;
    let large = "x".repeat(600 << 10);
    let too_long = [("a", &large), ("b", &large)];
    let too_long = too_long.map(|(id, body)| json!({ "Id": id, "MessageBody": body }));
    let unknown = json!({ "ReceiptHandle": "00000000-0000-4000-8000-000000000000" });
    let cases = [
        ("SendMessage", json!({ "MessageBody": "" }), "MissingParameter"),
        ("SendMessage", json!({ "MessageBody": "a\u{b}" }), "InvalidMessageContents"),
        ("ReceiveMessage", json!({ "MaxNumberOfMessages": 0 }), "InvalidParameterValue"),
        ("DeleteMessage", json!({ "ReceiptHandle": "wrong" }), "ReceiptHandleIsInvalid"),
        ("ChangeMessageVisibility", unknown, "ReceiptHandleIsInvalid"),
        ("GetQueueAttributes", json!({ "AttributeNames": ["Color"] }), "InvalidAttributeName"),
        ("SendMessageBatch", entries(&[]), "AWS.SimpleQueueService.EmptyBatchRequest"),
        ("SendMessageBatch", entries(&["a b"]), "AWS.SimpleQueueService.InvalidBatchEntryId"),
        (
            "SendMessageBatch",
            entries(&["a", "a"]),
            "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
        ),
        (
            "SendMessageBatch",
            json!({ "Entries": too_long }),
            "AWS.SimpleQueueService.BatchRequestTooLong",
        ),
    ];
    for (operation, input, code) in cases {
        let (_, refused) = ask(api.address(), operation, input).await;
        assert_eq!(refused, Some(format!("{code};Sender")), "{operation}");
    }
}

#[tokio::test]
async fn members_without_a_value_are_left_out() {
    let api = start().await;
    let none = ask(api.address(), "ReceiveMessage", json!({})).await;
    assert_eq!(none, (json!({}), None));
    ask(api.address(), "SendMessageBatch", entries(&["a"])).await;
    let (received, _) = ask(api.address(), "ReceiveMessage", json!({})).await;
    let message = &received["Messages"][0];
    assert_eq!((&message["Body"], &message["Attributes"]), (&json!("x"), &Value::Null));
    let wrong = json!({ "Id": "wrong", "ReceiptHandle": "wrong" });
    let right = json!({ "Id": "right", "ReceiptHandle": message["ReceiptHandle"] });
    let both = json!({ "Entries": [wrong, right] });
    let (deleted, _) = ask(api.address(), "DeleteMessageBatch", both).await;
    assert_eq!(deleted["Successful"], json!([{ "Id": "right" }]));
    assert_eq!(deleted["Failed"][0]["Code"], "ReceiptHandleIsInvalid");
}
