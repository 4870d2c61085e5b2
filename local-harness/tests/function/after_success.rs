//! What follows success: originals that go, and messages that announce it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use local_harness::proxy::{FaultKind, FaultPlan};
use serde_json::Value;
use tokio::time::{Duration, sleep};

use crate::support::{Bench, UPLOADS, VARIANTS, photo};

#[tokio::test(flavor = "multi_thread")]
async fn originals_go_when_nobody_can_still_work_on_an_earlier_one() {
    let mut bench = Bench::with(|options| {
        options.timeout = Duration::from_secs(3);
        options.queue.max_receive_count = 100;
        options.other_buckets.push("uploads-originals".to_owned());
        let config = "[limits]\nlate_request_ms = 1000\n\
                      [[rule]]\nprefix = \"m/\"\noriginals = { after = \"move\" }\n\
                      [[rule.variant]]\nwidth = 8\n\
                      [[rule]]\nprefix = \"d/\"\noriginals = { after = \"delete\" }\n\
                      [[rule.variant]]\nwidth = 8\n";
        options.env.push(("RESIZER_CONFIG".to_owned(), config.to_owned()));
    })
    .await;
    let picture = photo(40, 30, 1);
    let keys = ["m/a + b.jpg", "d/a.jpg"];
    for key in keys {
        bench.put(key, &picture).await;
    }
    bench.put("d/bad.jpg", b"text").await;
    let (mut early, mut gone) = (0, Vec::new());
    while gone.len() < 2 {
        for line in bench.lines(1).await {
            match line.outcome.as_str() {
                "not_quiescent" => early += 1,
                "already_done" if line.original.is_some() => gone.push(line),
                // A slow machine: it comes back.
                "deadline" => {}
                "not_an_image" | "ignored_no_original" => {}
                other => panic!("{}: {other} {:?}", line.key, line.message),
            }
        }
    }
    assert!(early >= 2, "both had to wait");
    bench.harness.queue.idle().await;
    assert_eq!(bench.keys(UPLOADS).await, ["d/bad.jpg"], "what was refused stays");
    assert_eq!(bench.keys("uploads-originals").await, ["m/a + b.jpg"]);
    assert_eq!(bench.get("uploads-originals", keys[0]).await.bytes, picture);
    for key in keys {
        let stored = bench.get(VARIANTS, &format!("variants/{key}/w8.jpg")).await;
        assert_eq!(stored.picture().width(), 8, "the variants outlive their original");
    }
}

/// A service that takes one request per connection and answers each with the same bytes.
pub(crate) fn service(answer: &'static str) -> (String, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("the port it is bound to");
    let (sender, received) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            let request = read_request(&connection);
            let _ = sender.send(request);
            let length = answer.len();
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n";
            let _ = write!(&connection, "{head}content-length: {length}\r\n\r\n{answer}");
        }
    });
    (format!("http://{address}"), received)
}

fn read_request(mut connection: &TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 16 << 10];
    loop {
        let read = connection.read(&mut buffer).unwrap_or(0);
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let length = head.to_lowercase();
        let length = length.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
        if read == 0 || text.contains("\r\n\r\n") && body.len() >= length {
            return text;
        }
    }
}

async fn announcing(variable: &str, endpoint: String, completion: &str) -> Bench {
    let config = format!("[completion]\n{completion}\n[[rule]]\n[[rule.variant]]\nwidth = 8\n");
    Bench::with(|options| {
        options.env.push((variable.to_owned(), endpoint));
        options.env.push(("RESIZER_CONFIG".to_owned(), config));
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn outcome_and_outputs_are_announced_to_an_event_bus() {
    let (endpoint, received) = service(r#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#);
    let variable = "AWS_ENDPOINT_URL_EVENTBRIDGE";
    let mut bench = announcing(variable, endpoint, "event_bus = \"pictures\"").await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    bench.put("bad.jpg", b"text").await;
    bench.lines(2).await;
    bench.delete("a.jpg").await;
    bench.lines(1).await;
    let mut announced: Vec<(String, String, usize)> = Vec::new();
    let mut last_ms = 0;
    for request in received.try_iter() {
        let (head, body) = request.split_once("\r\n\r\n").expect("a whole request");
        let head = head.to_lowercase();
        assert!(head.contains("x-amz-target: awsevents.putevents"), "{head}");
        assert!(head.contains("/us-east-1/events/aws4_request"), "it is signed: {head}");
        assert!(head.contains("x-amzn-trace-id: root="), "loops are traced: {head}");
        let body: Value = serde_json::from_str(body).expect("JSON");
        let entry = &body["Entries"][0];
        assert_eq!(
            (&entry["EventBusName"], &entry["Source"]),
            (&"pictures".into(), &"image-resizer".into())
        );
        let detail: Value =
            serde_json::from_str(entry["Detail"].as_str().expect("a text")).expect("JSON");
        let is_gone = detail["outcome"] == "deleted";
        let checked_ms = detail["checked_ms"].as_u64().expect("a moment");
        if is_gone {
            assert!(checked_ms > last_ms, "a deletion is announced as later than what it deletes");
        }
        last_ms = last_ms.max(checked_ms);
        assert_eq!(detail["etag"].is_null(), is_gone);
        assert_eq!(detail["last_modified_s"].is_null(), is_gone);
        let text = |name: &str| detail[name].as_str().expect("a text").to_owned();
        announced.push((
            text("key"),
            text("outcome"),
            detail["variants"].as_array().expect("a list").len(),
        ));
    }
    let last = announced.pop().expect("the deletion");
    assert_eq!(last, ("a.jpg".to_owned(), "deleted".to_owned(), 0));
    announced.sort();
    let expected = [("a.jpg", "stored", 1), ("bad.jpg", "not_an_image", 0)];
    assert_eq!(
        announced,
        expected.map(|(key, outcome, n)| (key.to_owned(), outcome.to_owned(), n))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_original_that_is_replaced_is_not_announced_again() {
    let (endpoint, received) = service(r#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#);
    let config = "[limits]\nlate_request_ms = 0\ns3_timeout_ms = 20000\n\
                  [completion]\nevent_bus = \"pictures\"\n\
                  [[rule]]\noriginals = { after = \"delete\" }\n[[rule.variant]]\nwidth = 8\n";
    let lifetime = Duration::from_secs(8);
    let bench = Bench::quiet(config, |options| {
        options.timeout = lifetime;
        options.env.push(("AWS_ENDPOINT_URL_EVENTBRIDGE".to_owned(), endpoint));
    })
    .await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    // A slow machine's message comes back.
    while bench.deliver("a.jpg", 1).await.0.outcome == "deadline" {}
    sleep(lifetime + Duration::from_secs(4)).await;
    // What is announced before the original goes is read again; it is replaced after that.
    let held = |method| FaultPlan::Once {
        kind: FaultKind::Held,
        method,
        path: format!("/{UPLOADS}/a.jpg"),
    };
    bench.inject(held("GET"));
    let replacement = async {
        bench.held(1).await;
        bench.inject(held("HEAD"));
        bench.fault_proxy().injector.let_one_go_on();
        bench.held(2).await;
        bench.put("a.jpg", &photo(30, 30, 2)).await;
        bench.fault_proxy().injector.let_one_go_on();
    };
    let ((line, _), ()) = tokio::join!(bench.deliver("a.jpg", 2), replacement);
    let ended = (line.outcome.as_str(), line.original.as_deref());
    assert_eq!(ended, ("not_quiescent", None), "{:?}", line.message);
    let announced = received.try_iter().map(|request| {
        let (_, body) = request.split_once("\r\n\r\n").expect("a whole request");
        let body: Value = serde_json::from_str(body).expect("JSON");
        let detail = body["Entries"][0]["Detail"].as_str().expect("a text");
        let detail: Value = serde_json::from_str(detail).expect("JSON");
        detail["source"]["width"].as_u64().expect("a width")
    });
    assert_eq!(announced.collect::<Vec<_>>(), [40, 30]);
}

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_are_announced_to_a_topic_as_well() {
    let (endpoint, received) = service("<PublishResponse/>");
    let topic = "sns_topic = \"arn:aws:sns:eu-west-1:123456789012:pictures\"";
    let mut bench = announcing("AWS_ENDPOINT_URL_SNS", endpoint, topic).await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    assert_eq!(bench.line().await.outcome, "stored");
    let request = received.try_recv().expect("a message");
    assert!(request.contains("/eu-west-1/sns/aws4_request"), "{request}");
    assert!(request.contains("Action=Publish&"), "{request}");
    assert!(request.contains("%22outcome%22%3A%22stored%22"), "{request}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_could_not_be_announced_comes_back() {
    let answer = r#"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"ThrottlingException"}]}"#;
    let (endpoint, received) = service(answer);
    let variable = "AWS_ENDPOINT_URL_EVENTBRIDGE";
    let mut bench = announcing(variable, endpoint, "event_bus = \"pictures\"").await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    for delivery in 0..2 {
        let line = bench.line().await;
        assert_eq!(line.outcome, "throttle", "{delivery}");
        let message = line.message.expect("a reason");
        assert!(
            message.contains("announcing") && message.contains("ThrottlingException"),
            "{message}"
        );
    }
    assert!(received.try_iter().count() >= 2, "it is announced again with each delivery");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_announces_what_it_makes_and_nothing_else() {
    let (endpoint, received) = service(r#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#);
    let variable = "AWS_ENDPOINT_URL_EVENTBRIDGE";
    let mut bench = announcing(variable, endpoint, "event_bus = \"pictures\"").await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    bench.put("b.jpg", &photo(40, 30, 2)).await;
    bench.lines(2).await;
    assert_eq!(received.try_iter().count(), 2);
    let delete = bench.harness.client.delete_object().bucket(VARIANTS);
    delete.key("variants/b.jpg/w8.jpg").send().await.expect("it is deleted");
    let task = |key: &str| serde_json::json!({"taskId": key, "s3Bucket": UPLOADS, "s3Key": key});
    let job = serde_json::json!({
        "invocationSchemaVersion": "2.0", "invocationId": "call", "job": {"id": "job"},
        "tasks": [task("a.jpg"), task("b.jpg")],
    });
    let answer = bench.invoke(&job).await.expect("results");
    let texts = answer["results"].as_array().expect("a list");
    let texts: Vec<&Value> = texts.iter().map(|result| &result["resultString"]).collect();
    assert_eq!(texts, ["already_done", "stored"]);
    assert_eq!(received.try_iter().count(), 1);
}
