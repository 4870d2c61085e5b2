//! Time and memory: what cannot be done in them is not begun, and what is left is reported.

use local_harness::proxy::FaultPlan;
use local_harness::upload_line::UploadLine;
use serde_json::{Value, json};
use std::collections::BTreeSet;

use tokio::time::Duration;

use crate::support::{Bench, UPLOADS, VARIANTS, created, photo};

fn batch(keys: &[String]) -> Value {
    let message = |key: &String| {
        let body = created(UPLOADS, key).to_string();
        json!({"messageId": key, "eventSource": "aws:sqs", "body": body})
    };
    json!({"Records": keys.iter().map(message).collect::<Vec<Value>>()})
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_before_the_deadline_and_reports_what_is_left() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let silent = format!("http://{}", listener.local_addr().expect("the port"));
    let bench = Bench::with(|options| {
        options.timeout = Duration::from_secs(3);
        options.env.push(("AWS_ENDPOINT_URL_S3".to_owned(), silent));
    })
    .await;
    let keys: Vec<String> = (0..6).map(|number| format!("{number}.jpg")).collect();
    let event = batch(&keys).to_string().into_bytes();
    let invocation = bench.harness.function.invoke(event).await;
    let answer: Value =
        serde_json::from_slice(&invocation.result.expect("an answer")).expect("JSON");
    let failures: Vec<Value> = keys.iter().map(|key| json!({"itemIdentifier": key})).collect();
    assert_eq!(answer, json!({"batchItemFailures": failures}));
    // Half a second is left for the answer; how much of it a busy machine takes is its own affair.
    let duration_ms = invocation.report.duration_ms;
    assert!(duration_ms >= 2_000.0, "it gave up after {duration_ms} ms");
    assert_eq!(invocation.report.status, None, "nobody had to kill it");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_begun_that_the_header_says_cannot_finish() {
    // A fourteenth of a processor, as Lambda gives it.
    let mut bench = Bench::with(|options| {
        options.memory_size_mb = 128;
        options.timeout = Duration::from_secs(3);
    })
    .await;
    bench.put("wide.png", &fixtures::bad::png_claiming(16_000, 16_000)).await;
    let line = bench.line().await;
    assert_eq!(line.outcome, "deadline");
    let message = line.message.expect("a reason");
    assert!(message.contains("by its header it takes"), "{message}");
    assert!(line.times.decode_ms == 0.0, "the engine was not asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_that_need_half_of_the_memory_each_are_done_one_after_the_other() {
    let scene = fixtures::scene::photograph(3600, 2700, 5);
    let options = fixtures::jpeg::JpegOptions { progressive: true, ..Default::default() };
    let large = fixtures::jpeg::jpeg(&scene, &options);
    let mut bench = Bench::with(|options| {
        options.memory_size_mb = 128;
        options.max_concurrency = 1;
    })
    .await;
    let keys: Vec<String> = (0..4).map(|number| format!("{number}.jpg")).collect();
    for key in &keys {
        bench.put(key, &large).await;
    }
    for line in bench.lines(keys.len()).await {
        assert_eq!(line.outcome, "stored", "{}: {:?}", line.key, line.message);
    }
    let invocation = bench.harness.function.invoke(batch(&keys).to_string().into_bytes()).await;
    invocation.result.expect("it is not killed");
    assert!(invocation.report.max_memory_used_mb <= 128, "{}", invocation.report);
    assert_eq!(bench.keys(VARIANTS).await.len(), keys.len() * 5);
}

/// A JPEG with so many bytes behind its end.
fn padded(bytes: usize) -> Vec<u8> {
    let mut file = photo(40, 30, 1);
    file.resize(file.len() + bytes, 0);
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_larger_than_its_share_of_the_memory_is_fetched_once() {
    let config = "[limits]\nmax_memory_mib = 8\n\
                  [[rule]]\nsuffix = \".jpg\"\n[[rule.variant]]\nwidth = 8\n";
    let bench = Bench::quiet(config, |_| {}).await;
    bench.put("a.jpg", &padded(5 << 20)).await;
    // Two objects have half of the memory each, and no rule takes the other one.
    let event = batch(&["a.jpg".to_owned(), "b.txt".to_owned()]).to_string().into_bytes();
    let invocation = bench.harness.function.invoke(event).await;
    let lines = invocation.log.iter().filter_map(|line| UploadLine::parse(line));
    let line = lines.into_iter().find(|line| line.key == "a.jpg").expect("its line");
    assert_eq!((line.outcome.as_str(), line.requests.get), ("stored", 1), "{:?}", line.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_larger_than_all_memory_is_refused_by_its_first_response() {
    let config = "[limits]\nmax_memory_mib = 2\n[[rule]]\n[[rule.variant]]\nwidth = 8\n";
    let bench = Bench::quiet(config, |_| {}).await;
    bench.put("a.jpg", &padded(3 << 20)).await;
    let (line, comes_back) = bench.deliver("a.jpg", 1).await;
    assert_eq!((line.outcome.as_str(), comes_back), ("too_large", false));
    assert_eq!(line.requests.get, 1);
    assert!(line.message.is_some_and(|message| message.contains("max_memory_mib")));
}

#[tokio::test(flavor = "multi_thread")]
async fn s3_may_be_slow_to_accept_a_connection() {
    // Nobody accepts, and the one place in the queue is taken: whoever comes next gets no answer.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("a port");
    let listener = socket.listen(1).expect("it listens");
    let address = listener.local_addr().expect("the port");
    let connect = || std::net::TcpStream::connect_timeout(&address, Duration::from_millis(100));
    let taken: Vec<_> = (0..4).map(|_| connect()).collect();
    assert!(taken.last().is_some_and(Result::is_err), "the queue is full");
    let bench = Bench::with(|options| {
        options.faults = Some(FaultPlan::None);
        options.env.push(("RESIZER_CONFIG".to_owned(), "[limits]\ns3_timeout_ms = 200\n".into()));
        options.env.push(("AWS_ENDPOINT_URL_S3".to_owned(), format!("http://{address}")));
    })
    .await;
    let (code, message) = bench.invoke(&created(UPLOADS, "a.jpg")).await.expect_err("no S3");
    assert_eq!(code, "io", "{message}");
    assert!(message.contains("within 200 ms"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_done_together() {
    // Two uploads at a time: while one is made, the other one's bytes travel.
    let mut bench = Bench::with(|options| options.max_concurrency = 1).await;
    let keys: Vec<String> = (0..6).map(|number| format!("{number}.jpg")).collect();
    for key in &keys {
        bench.put(key, &photo(640, 480, 1)).await;
    }
    bench.lines(keys.len()).await;
    let invocation = bench.harness.function.invoke(batch(&keys).to_string().into_bytes()).await;
    let lines = invocation.log.iter();
    let lines: Vec<_> = lines.filter_map(|line| UploadLine::parse(line)).collect();
    assert_eq!(lines.len(), keys.len());
    let alone_ms: f64 = lines.iter().map(|line| line.times.total_ms).sum();
    let together_ms = invocation.report.duration_ms;
    assert!(together_ms < alone_ms, "{together_ms} ms for what took {alone_ms} ms one by one");
}

/// Not enough for what `slow/` asks for on any machine, and plenty for a thumbnail on a busy one.
const TOO_SHORT: Duration = Duration::from_secs(8);

/// A rule for `slow/` of 800 small AVIF files, much work in short steps, and the default for
/// everything else.
fn slow_rule() -> String {
    let mut config = "[[rule]]\nprefix = \"slow/\"\n".to_owned();
    for number in 0..800 {
        let (width, quality) = (64 + number / 2, 50 + 30 * (number % 2));
        config += &format!(
            "[[rule.variant]]\nname = \"v{number}\"\nwidth = {width}\nquality = {quality}\n\
             formats = [\"avif\"]\n"
        );
    }
    config + "[[rule]]\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_too_slow_hurts_nobody_and_is_refused_in_the_end() {
    let mut bench = Bench::with(|options| {
        options.timeout = TOO_SHORT;
        options.max_concurrency = 1;
        options.queue.max_receive_count = 100;
        options.env.push(("RESIZER_CONFIG".to_owned(), slow_rule()));
    })
    .await;
    bench.put("slow/a.jpg", &photo(400, 300, 1)).await;
    let first = bench.line().await;
    assert_eq!(first.outcome, "deadline", "{:?}", first.message);
    // Beside good ones, in one event: it has half of the time at most, and they have the rest.
    let good: Vec<String> = (0..9).map(|number| format!("{number}.jpg")).collect();
    for key in &good {
        bench.put(key, &photo(40, 30, 1)).await;
    }
    let (mut stored, mut refused) = (BTreeSet::new(), None);
    while stored.len() < good.len() || refused.is_none() {
        for line in bench.lines(1).await {
            match line.outcome.as_str() {
                // The second one where the timeout came after the last write and before the answer.
                "stored" | "already_done" => _ = stored.insert(line.key),
                "too_slow" => refused = line.message,
                // The slow one, until it is clear that it always is. A good one on a busy machine,
                // of which half of the time gave it little: it comes back.
                other => assert_eq!(other, "deadline", "{}", line.key),
            }
        }
    }
    let message = refused.expect("a reason");
    assert!(message.contains("give the function more memory"), "{message}");
    let record = bench.get_json(VARIANTS, "failures/slow/a.jpg.json").await;
    assert_eq!(record["code"], "too_slow");
    assert_eq!(bench.keys(VARIANTS).await.len(), 9 * 5 + 1, "and nothing of the slow one");
    assert!(bench.harness.queue.dead_letters().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_ends_with_its_delivery() {
    let bench = Bench::quiet(&slow_rule(), |options| options.timeout = TOO_SHORT).await;
    bench.put("slow/a.jpg", &photo(400, 300, 1)).await;
    bench.put("b.jpg", &photo(40, 30, 1)).await;
    // One engine at a time: had the first one gone on, it would keep the second from its turn.
    let slow = batch(&["slow/a.jpg".to_owned()]).to_string().into_bytes();
    let good = batch(&["b.jpg".to_owned()]).to_string().into_bytes();
    for (event, done) in [(slow, false), (good, true)] {
        let invocation = bench.harness.function.invoke(event).await;
        let answer = invocation.result.expect("an answer");
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        let failures = answer["batchItemFailures"].as_array().expect("a list");
        assert_eq!(failures.is_empty(), done, "{:?}", invocation.log);
    }
}
