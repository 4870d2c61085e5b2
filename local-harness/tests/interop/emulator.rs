//! The shipped binary under AWS's own Runtime Interface Emulator, with the embedded S3.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use local_harness::harness::{ACCESS_KEY, REGION, SECRET_KEY};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::support::{Bench, UPLOADS, VARIANTS, binary, created, photo};
use crate::tools::Tools;
use crate::wire;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running emulator; dropping it ends it, and the function's process with it.
pub(crate) struct Emulator {
    pub(crate) address: SocketAddr,
    process: Child,
    folder: TempDir,
}

impl Emulator {
    /// A function under it, in this environment.
    pub(crate) async fn start(program: &Path, bootstrap: &Path, env: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let log = File::create(folder.path().join("log.txt")).expect("a file");
        let [address, runtime_api] = free_addresses().await;
        let process = Command::new(program)
            .args(["--runtime-interface-emulator-address", &address.to_string()])
            .args(["--runtime-api-address", &runtime_api.to_string()])
            .arg(bootstrap)
            // A user's own session token or profile would reach the function.
            .env_clear()
            .env("AWS_LAMBDA_FUNCTION_NAME", "resizer")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
            .env("AWS_REGION", REGION)
            .envs(env.iter().copied())
            .stdout(log.try_clone().expect("one more handle"))
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("the emulator starts");
        let mut emulator = Self { address, process, folder };
        timeout(PATIENCE, emulator.listens()).await.expect("it listens in the end");
        emulator
    }

    async fn listens(&mut self) {
        while TcpStream::connect(self.address).await.is_err() {
            let ended = self.process.try_wait().expect("a child can be asked");
            assert!(ended.is_none(), "the emulator ended: {}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn invoke(&self, event: &Value) -> Value {
        let line = "POST /2015-03-31/functions/function/invocations";
        let body = event.to_string();
        let answer = wire::send(self.address, line, &[], body.as_bytes());
        let answer = timeout(PATIENCE, answer).await;
        let answer = answer.unwrap_or_else(|_| panic!("no answer to {body}: {}", self.log()));
        assert_eq!(answer.status, 200, "{}: {}", answer.text(), self.log());
        serde_json::from_slice(&answer.body)
            .unwrap_or_else(|error| panic!("{error}: {}: {}", answer.text(), self.log()))
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).expect("the log")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("log.txt")
    }
}

/// Two ports that are free now.
async fn free_addresses() -> [SocketAddr; 2] {
    let any = (Ipv4Addr::LOCALHOST, 0);
    let both = [TcpListener::bind(any).await, TcpListener::bind(any).await];
    both.map(|listener| listener.and_then(|bound| bound.local_addr()).expect("a free port"))
}

/// A batch of notifications as a queue brings them; the messages are called `message-0` and on.
fn batch(events: &[Value]) -> Value {
    let message = |(id, event): (usize, &Value)| {
        json!({
            "messageId": format!("message-{id}"),
            "eventSource": "aws:sqs",
            "body": event.to_string(),
        })
    };
    json!({ "Records": events.iter().enumerate().map(message).collect::<Vec<Value>>() })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other people's tools: cargo interop"]
async fn the_shipped_binary_answers_under_the_emulator_of_aws() {
    let program = Tools::get().emulator();
    let mut bench = Bench::start().await;
    // Uploaded under the harness's own eyes and wiped again, so that what is found is AWS's work.
    let keys = ["direct.jpg", "batch/one.jpg", "batch/two.jpg"];
    for (key, seed) in keys.into_iter().zip(1..) {
        bench.put(key, &photo(400, 300, seed)).await;
    }
    bench.lines(keys.len()).await;
    let made_here = bench.keys(VARIANTS).await;
    assert_eq!(made_here.len(), keys.len() * 5);
    let mut originals = Vec::new();
    for key in &made_here {
        originals.push(bench.get(VARIANTS, key).await.bytes);
        let delete = bench.harness.client.delete_object().bucket(VARIANTS).key(key);
        delete.send().await.expect("a deletion succeeds");
    }

    let env = [
        ("AWS_LAMBDA_FUNCTION_TIMEOUT", "60"),
        ("AWS_ENDPOINT_URL_S3", bench.harness.endpoint()),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
    ];
    let emulator = Emulator::start(&program, &binary(), &env).await;
    assert_eq!(emulator.invoke(&created(UPLOADS, "direct.jpg")).await, Value::Null);
    assert_eq!(bench.keys(VARIANTS).await.len(), 5, "{}", emulator.log());
    let events = [created(UPLOADS, "batch/one.jpg"), created(UPLOADS, "batch/two.jpg")];
    assert_eq!(emulator.invoke(&batch(&events)).await, json!({ "batchItemFailures": [] }));
    assert_eq!(bench.keys(VARIANTS).await, made_here, "{}", emulator.log());
    for (key, original) in made_here.iter().zip(originals) {
        assert!(bench.get(VARIANTS, key).await.bytes == original, "{key}: the same bytes");
    }
    let events = [created("nowhere", "a.jpg"), created(UPLOADS, "vanished.jpg")];
    let failures = json!({ "batchItemFailures": [{ "itemIdentifier": "message-0" }] });
    assert_eq!(emulator.invoke(&batch(&events)).await, failures);

    // The same answers as under the project's own emulator, errors too.
    for event in [json!({ "hello": "world" }), created("nowhere", "a.jpg")] {
        let (code, message) = bench.invoke(&event).await.expect_err("an error here, too");
        let expected = json!({ "errorType": code, "errorMessage": message });
        assert_eq!(emulator.invoke(&event).await, expected);
    }
    let unknown = emulator.invoke(&json!({ "hello": "world" })).await;
    assert_eq!(unknown["errorType"], "unknown_event");
}
