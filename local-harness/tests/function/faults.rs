//! What the function says of an S3 that does not do its part: each kind of fault has its code, and
//! the record comes back.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use serde_json::json;
use tokio::time::Duration;

use crate::support::{Bench, UPLOADS, created};

/// What an endpoint does with a connection.
type Treatment = fn(TcpStream);

/// An S3 endpoint that treats each of its connections on a thread of its own.
fn endpoint(treat: Treatment) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("the port it is bound to");
    std::thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            std::thread::spawn(move || treat(connection));
        }
    });
    format!("http://{address}")
}

/// Reads request after request and answers each with the same bytes.
fn always(mut connection: TcpStream, answer: &str) {
    let mut buffer = [0; 16 << 10];
    while connection.read(&mut buffer).is_ok_and(|length| length > 0) {
        if connection.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn slow_down(connection: TcpStream) {
    let body = "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message>\
                </Error>";
    let length = body.len();
    let head = "HTTP/1.1 503 Slow Down\r\ncontent-type: application/xml\r\n";
    always(connection, &format!("{head}content-length: {length}\r\n\r\n{body}"));
}

fn forbidden(connection: TcpStream) {
    let body = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
    let length = body.len();
    let head = "HTTP/1.1 403 Forbidden\r\ncontent-type: application/xml\r\n";
    always(connection, &format!("{head}content-length: {length}\r\n\r\n{body}"));
}

fn cut_short(mut connection: TcpStream) {
    let mut buffer = [0; 16 << 10];
    if connection.read(&mut buffer).is_ok() {
        let head = "HTTP/1.1 200 OK\r\netag: \"e\"\r\ncontent-length: 1000\r\n\r\nonly this";
        // The client may be gone; then there is nothing left to tell it.
        let _ = connection.write_all(head.as_bytes());
    }
}

fn hang_up(connection: TcpStream) {
    drop(connection);
}

/// Accepts, and says nothing for as long as the client waits.
fn silent(mut connection: TcpStream) {
    let mut buffer = [0; 1 << 10];
    while connection.read(&mut buffer).is_ok_and(|length| length > 0) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_of_s3_has_its_code_and_names_step_and_object() {
    let cases: [(Treatment, &str, &str); 5] = [
        (slow_down, "throttle", "SlowDown"),
        (forbidden, "setup", "AccessDenied"),
        (cut_short, "io", ""),
        (hang_up, "io", ""),
        (silent, "deadline", ""),
    ];
    for (treat, expected, cause) in cases {
        let bench = Bench::with(|options| {
            options.timeout = Duration::from_secs(if expected == "deadline" { 1 } else { 30 });
            options.env.push(("AWS_ENDPOINT_URL_S3".to_owned(), endpoint(treat)));
        })
        .await;
        let failure = bench.invoke(&created(UPLOADS, "a.jpg")).await;
        let (code, message) = failure.expect_err("nothing could be fetched");
        assert_eq!(code, expected, "{message}");
        assert!(message.contains("while fetching s3://uploads/a.jpg"), "{message}");
        assert!(message.contains(cause), "{message}");

        let body = created(UPLOADS, "a.jpg").to_string();
        let batch = json!({"Records": [
            {"messageId": "m", "eventSource": "aws:sqs", "body": body},
        ]});
        let answer = bench.invoke(&batch).await.expect("a partial answer");
        assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "m"}]}), "{expected}");
    }
}
