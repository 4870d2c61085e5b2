//! The Runtime API at its edges where a process works on several events at a time.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use lambda_local::FunctionMetadata;
use lambda_local::runtime_api::RuntimeApi;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::protocol::work;
use crate::wire::{self, Answer};

/// One step of a conversation with two workers.
enum Step {
    /// A worker asks for work and waits.
    Ask,
    /// The harness assigns work.
    Assign(&'static str),
    /// A worker that asked gets this work.
    Got(&'static str),
    /// A worker that asked is refused.
    Refused,
    /// Nobody waits for this work any more.
    Forget(&'static str),
    /// A request, its body, its status, and what its answer contains.
    Send(&'static str, &'static str, u16, &'static str),
    /// What the caller of the function gets: an answer, or an error type.
    Outcome(&'static str, Result<&'static str, &'static str>),
}

use Step::{Ask, Assign, Forget, Got, Outcome, Refused, Send};

const NEXT: &str = "GET /2018-06-01/runtime/invocation/next";
const RESPONSE_ONE: &str = "POST /2018-06-01/runtime/invocation/one/response";
const RESPONSE_TWO: &str = "POST /2018-06-01/runtime/invocation/two/response";
const ERROR_TWO: &str = "POST /2018-06-01/runtime/invocation/two/error";
const INIT_ERROR: &str = "POST /2018-06-01/runtime/init/error";
const OK: &str = r#"{"status":"OK"}"#;

const CONVERSATIONS: &[(&str, &[Step])] = &[
    (
        "answers in reverse order, each to its own work",
        &[
            Ask,
            Ask,
            Assign("one"),
            Assign("two"),
            Got("one"),
            Got("two"),
            Send(ERROR_TWO, r#"{"errorType":"Function.Two"}"#, 202, OK),
            Outcome("two", Err("Function.Two")),
            Send(RESPONSE_ONE, "1", 202, OK),
            Outcome("one", Ok("1")),
        ],
    ),
    (
        "work that waits for a worker",
        &[
            Ask,
            Assign("one"),
            Got("one"),
            Assign("two"),
            Send(RESPONSE_TWO, "2", 400, "InvalidRequestID"),
            Ask,
            Got("two"),
            Send(RESPONSE_TWO, "2", 202, OK),
            Outcome("two", Ok("2")),
        ],
    ),
    (
        "a worker that asks while another one is busy gets other work",
        &[Ask, Assign("one"), Got("one"), Ask, Assign("two"), Got("two")],
    ),
    ("more requests for work than workers", &[Ask, Ask, Ask, Refused]),
    ("an answer before any work", &[Send(RESPONSE_ONE, "1", 403, "InvalidStateTransition")]),
    (
        "a second answer",
        &[
            Ask,
            Assign("one"),
            Got("one"),
            Send(RESPONSE_ONE, "1", 202, OK),
            Send(RESPONSE_ONE, "1", 400, "InvalidRequestID"),
            Outcome("one", Ok("1")),
        ],
    ),
    (
        "work that is taken back, and an answer that comes too late",
        &[
            Ask,
            Assign("one"),
            Got("one"),
            Assign("two"),
            Forget("one"),
            Forget("two"),
            Send(RESPONSE_ONE, "1", 202, OK),
            Ask,
            Assign("three"),
            Got("three"),
        ],
    ),
    (
        "an init error, and nothing after it",
        &[
            Send(INIT_ERROR, r#"{"errorType":"Function.NoConfig"}"#, 202, OK),
            Send(NEXT, "", 403, "InvalidStateTransition"),
            Send(INIT_ERROR, "{}", 403, "InvalidStateTransition"),
        ],
    ),
    (
        "an init error too late",
        &[Ask, Assign("one"), Got("one"), Send(INIT_ERROR, "{}", 403, "InvalidStateTransition")],
    ),
];

/// The server, and the answers to those who asked.
struct Conversation {
    api: Arc<RuntimeApi>,
    asking: UnboundedSender<Answer>,
    answers: UnboundedReceiver<Answer>,
}

impl Conversation {
    async fn start() -> Self {
        let metadata = FunctionMetadata { name: "f".to_owned(), handler: "bootstrap".to_owned() };
        let api = Arc::new(RuntimeApi::start(metadata, 2).await.expect("a loopback port is free"));
        let (asking, answers) = unbounded_channel();
        Self { api, asking, answers }
    }

    fn ask(&self) {
        let (address, asking) = (self.api.address(), self.asking.clone());
        tokio::spawn(async move { asking.send(wire::send(address, NEXT, &[], b"").await) });
    }

    async fn answer(&mut self) -> Answer {
        self.answers.recv().await.expect("somebody asks")
    }

    async fn got(&mut self) -> String {
        let answer = self.answer().await;
        answer.header("Lambda-Runtime-Aws-Request-Id").expect("an id").to_owned()
    }

    async fn take(&mut self, step: &Step) {
        match step {
            Ask => {
                self.ask();
                self.api.ready().await.expect("a worker asks for work");
            }
            Assign(id) => self.api.assign(work(id)),
            Got(id) => assert_eq!(self.got().await, *id),
            Refused => assert_eq!(self.answer().await.status, 403),
            Forget(id) => self.api.forget(id),
            Send(line, body, status, text) => {
                let answer = wire::send(self.api.address(), line, &[], body.as_bytes()).await;
                let found = (answer.status, answer.text().contains(text));
                assert_eq!(found, (*status, true), "{answer:?}");
            }
            Outcome(id, expected) => {
                let outcome = self.api.outcome_of(id).await.map_err(|error| error.error_type);
                assert_eq!(outcome, expected.map(Bytes::from).map_err(str::to_owned));
            }
        }
    }
}

#[tokio::test]
async fn concurrent_conversations_keep_their_work_apart() {
    for (name, steps) in CONVERSATIONS {
        let mut conversation = Conversation::start().await;
        for (at, step) in steps.iter().enumerate() {
            println!("{name}, step {at}");
            conversation.take(step).await;
        }
    }
    assert_eq!(CONVERSATIONS.len(), 9, "every conversation was held");
}

#[tokio::test]
async fn a_client_that_hangs_up_takes_no_work_with_it() {
    let mut conversation = Conversation::start().await;
    let address = conversation.api.address();
    let mut hanging = TcpStream::connect(address).await.expect("it listens");
    let request = format!("{NEXT} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    hanging.write_all(request.as_bytes()).await.expect("it reads");
    conversation.api.ready().await.expect("a worker asks for work");
    drop(hanging);
    conversation.ask();
    // Refused as long as the server believes that the first one still waits.
    let third = loop {
        let mut third = tokio::spawn(async move { wire::send(address, NEXT, &[], b"").await });
        match tokio::time::timeout(Duration::from_secs(1), &mut third).await {
            Ok(answer) => assert_eq!(answer.expect("an answer").status, 403),
            Err(_) => break third,
        }
    };
    conversation.api.assign(work("one"));
    conversation.api.assign(work("two"));
    let third = third.await.expect("an answer");
    let third = third.header("Lambda-Runtime-Aws-Request-Id").expect("an id").to_owned();
    let mut both = [conversation.got().await, third];
    both.sort();
    assert_eq!(both, ["one", "two"]);
}

#[tokio::test]
async fn extensions_get_no_events() {
    let conversation = Conversation::start().await;
    let name = [("Lambda-Extension-Name", "watcher")];
    for (events, status) in [(&br#"{"events":["INVOKE"]}"#[..], 403), (br#"{"events":[]}"#, 200)] {
        let register = "POST /2020-01-01/extension/register";
        let answer = wire::send(conversation.api.address(), register, &name, events).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}
