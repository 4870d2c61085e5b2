//! A function for the harness's tests, on the real runtime crate: its event says how it behaves.
//! In: `{"do": .., ..}`, or an SQS batch of such bodies. Out: the event itself, or the failure that
//! the event asks for.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;
use std::{env, fs, process, thread};

use lambda_runtime::{Diagnostic, Error, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main]
async fn main() -> Result<(), Error> {
    match env::var("ECHO_INIT").unwrap_or_default().as_str() {
        "exit" => {
            println!("the configuration is wrong");
            process::exit(7);
        }
        "error" => {
            let body = r#"{"errorType":"Function.NoConfig","errorMessage":"no configuration"}"#;
            post("/2018-06-01/runtime/init/error", "", body)?;
            process::exit(1);
        }
        "hang-once" => hang_once(),
        "extension" => run_extension()?,
        _ => {}
    }
    lambda_runtime::run(service_fn(handle)).await
}

async fn handle(event: LambdaEvent<Value>) -> Result<Value, Diagnostic> {
    let Some(records) = event.payload["Records"].as_array() else {
        return obey(&event.payload);
    };
    let mut failures = Vec::new();
    for record in records {
        let body: Value = serde_json::from_str(record["body"].as_str().unwrap_or_default())
            .unwrap_or(Value::Null);
        match body["do"].as_str() {
            Some("fail") => failures.push(json!({ "itemIdentifier": record["messageId"] })),
            Some("answer") => return Ok(body["answer"].clone()),
            _ => drop(obey(&body)?),
        }
    }
    Ok(json!({ "batchItemFailures": failures }))
}

fn obey(order: &Value) -> Result<Value, Diagnostic> {
    let number = |key: &str| order[key].as_u64().unwrap_or(0) as usize;
    match order["do"].as_str().unwrap_or("echo") {
        "fail" => Err(Diagnostic {
            error_type: "too_large".to_owned(),
            error_message: "the picture is too large".to_owned(),
        }),
        "panic" => panic!("ordered to panic"),
        "sleep" => loop {
            println!("sleeping");
            thread::sleep(Duration::from_secs(3600));
        },
        "compute" => {
            let end_ms = processor_ms() + number("ms") as u64;
            while processor_ms() < end_ms {}
            Ok(json!(processor_ms()))
        }
        "allocate" => {
            let mut held = Vec::new();
            for megabyte in 0..number("mb") {
                held.push(vec![megabyte as u8 | 1; 1 << 20]);
            }
            Ok(json!(held.len()))
        }
        "exit" => process::exit(number("code") as i32),
        "abort" => process::abort(),
        "print" => {
            for line in 0..number("lines") {
                println!("line {line}");
            }
            eprint!("and no newline");
            Ok(Value::Null)
        }
        "large" => Ok(json!("x".repeat(number("bytes")))),
        "pid" => Ok(json!(process::id())),
        "environment" => Ok(json!({
            "variables": env::vars().collect::<Vec<_>>(),
            "directory": env::current_dir().ok(),
        })),
        _ => Ok(order.clone()),
    }
}

/// The processor time of this thread so far.
fn processor_ms() -> u64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let run_ns = stat.split_whitespace().next().and_then(|field| field.parse::<u64>().ok());
    run_ns.unwrap_or(u64::MAX) / 1_000_000
}

/// Never gets ready the first time in its working directory.
fn hang_once() {
    if fs::File::create_new("started").is_ok() {
        loop {
            thread::sleep(Duration::from_secs(3600));
        }
    }
}

/// Registers an internal extension, and says goodbye on SIGTERM.
fn run_extension() -> io::Result<()> {
    let name = "Lambda-Extension-Name: echo\r\n";
    let answer = post("/2020-01-01/extension/register", name, r#"{"events":["INVOKE"]}"#)?;
    let id = answer
        .lines()
        .find_map(|line| line.strip_prefix("lambda-extension-identifier: "))
        .unwrap_or_default()
        .to_owned();
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        terminate.recv().await;
        println!("goodbye");
        process::exit(0);
    });
    thread::spawn(move || {
        loop {
            let header = format!("Lambda-Extension-Identifier: {id}\r\n");
            match request("GET", "/2020-01-01/extension/event/next", &header, "") {
                Ok(event) if event.contains("INVOKE") => println!("extension: INVOKE"),
                _ => return,
            }
        }
    });
    Ok(())
}

fn post(path: &str, headers: &str, body: &str) -> io::Result<String> {
    request("POST", path, headers, body)
}

fn request(method: &str, path: &str, headers: &str, body: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(env::var("AWS_LAMBDA_RUNTIME_API").unwrap_or_default())?;
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\
         Content-Length: {length}\r\n\r\n{body}"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
