//! moto's S3 tells moto's SQS of uploads, and a worker takes the messages.

use std::collections::BTreeMap;
use std::time::Duration;

use local_harness::harness::{ACCESS_KEY, REGION, SECRET_KEY, s3_client};
use serde_json::{Value, json};
use tokio::process::Command;
use tokio::time::sleep;

use crate::support::{CONFIG, UPLOADS, VARIANTS, Worker, objects};
use crate::tools::{Tools, stdout_of};
use crate::{PATIENCE, assert_same, expected, first_result, upload};

fn environment(endpoint: &str) -> [(&'static str, &str); 4] {
    [
        ("AWS_REGION", REGION),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
        ("AWS_ENDPOINT_URL", endpoint),
    ]
}

/// What aws-cli answers.
async fn aws(endpoint: &str, arguments: &[&str]) -> Value {
    let mut aws = Tools::get().aws();
    aws.envs(environment(endpoint)).env("AWS_DEFAULT_REGION", REGION);
    // Version 1 of aws-cli does not read the endpoint's variable for every service.
    aws.args(["--endpoint-url", endpoint]).args(arguments);
    let answer = stdout_of(&mut aws).await;
    if answer.trim().is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&answer).expect("JSON")
    }
}

/// A queue and, behind it, one for dead letters. Returns both URLs.
async fn queues(endpoint: &str) -> (String, String) {
    let create = async |name: &str, attributes: &Value| {
        let attributes = attributes.to_string();
        let create = ["sqs", "create-queue", "--queue-name", name, "--attributes", &attributes];
        aws(endpoint, &create).await["QueueUrl"].as_str().expect("a URL").to_owned()
    };
    let dead = create("dead", &json!({})).await;
    let redrive = json!({
        "deadLetterTargetArn": format!("arn:aws:sqs:{REGION}:123456789012:dead"),
        "maxReceiveCount": 20,
    });
    let attributes = json!({"VisibilityTimeout": "600", "RedrivePolicy": redrive.to_string()});
    (create("events", &attributes).await, dead)
}

/// Messages that are visible or being worked on.
async fn messages(endpoint: &str, queue: &str) -> u64 {
    let get = ["sqs", "get-queue-attributes", "--queue-url", queue, "--attribute-names", "All"];
    let answer = aws(endpoint, &get).await;
    let attributes: BTreeMap<String, String> =
        serde_json::from_value(answer["Attributes"].clone()).expect("texts");
    ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        .map(|name| attributes[name].parse::<u64>().expect("a number"))
        .iter()
        .sum()
}

fn worker(endpoint: &str, queue: &str) -> Worker {
    let mut command = Command::new(env!("CARGO_BIN_EXE_resizer-worker"));
    command.env_clear().envs(environment(endpoint)).envs([
        ("RESIZER_CONFIG", CONFIG),
        ("RESIZER_QUEUE_URL", queue),
        ("RESIZER_CONCURRENCY", "1"),
        ("RESIZER_VISIBILITY_S", "4"),
        ("RESIZER_RETRY_DELAY_S", "1"),
        ("RESIZER_STATUS_ADDRESS", "127.0.0.1:0"),
    ]);
    Worker::start(&mut command)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other people's tools: cargo interop"]
async fn messages_of_motos_queue_are_done_by_two_workers_one_of_which_is_killed() {
    let (_server, endpoint) = Tools::get().moto().await;
    let (queue, dead) = queues(&endpoint).await;
    let client = s3_client(&endpoint);
    for bucket in [UPLOADS, VARIANTS] {
        client.create_bucket().bucket(bucket).send().await.expect("a bucket");
    }
    let notifications = json!({"QueueConfigurations": [{
        "QueueArn": format!("arn:aws:sqs:{REGION}:123456789012:events"),
        "Events": ["s3:ObjectCreated:*"],
    }]})
    .to_string();
    let name = "put-bucket-notification-configuration";
    let flag = "--notification-configuration";
    aws(&endpoint, &["s3api", name, "--bucket", UPLOADS, flag, &notifications]).await;
    upload(&client).await;
    assert!(messages(&endpoint, &queue).await >= 6, "an event for each upload");

    let mut first = worker(&endpoint, &queue);
    first_result(&client).await;
    first.kill().await;
    assert!(messages(&endpoint, &queue).await > 0, "it was killed in the middle");
    let second = worker(&endpoint, &queue);
    for _ in 0..PATIENCE.as_secs() {
        if messages(&endpoint, &queue).await == 0 {
            break;
        }
        sleep(Duration::from_secs(1)).await;
    }
    assert_eq!(messages(&endpoint, &queue).await, 0, "{:#?}", second.log());
    assert_eq!(messages(&endpoint, &dead).await, 0);
    assert_same(&objects(&client, VARIANTS).await, &expected().await);
}
