//! A batch of ten of which one is made to hurt: the other nine are stored, it is refused or done,
//! nothing comes back, and the process never has more memory than its function.

use aws_sdk_s3::primitives::ByteStream;
use local_harness::upload_line::UploadLine;
use serde_json::{Value, json};

use crate::support::{Bench, LONGEST_TIMEOUT, created, photo};

/// The sizes of functions, MB: the least that there is, to one whole processor.
const MEMORY_SIZES_MB: [u32; 4] = [128, 256, 512, 1769];

/// A bucket whose changes nobody is told of: every delivery is the test's own.
const INBOX: &str = "inbox";

const GOOD: usize = 9;

/// Little work for the nine; the default variants for the hostile file.
const RULES: &str = "[[rule]]\nsuffix = \".jpg\"\n[[rule.variant]]\nwidth = 40\n[[rule]]\n";

/// What may become of a hostile file: it is done, or refused with a record.
const DONE: [&str; 6] =
    ["stored", "too_large", "malformed", "unsupported", "not_an_image", "content_encoding"];

async fn start(memory_size_mb: u32) -> Bench {
    let bench = Bench::with(|options| {
        options.memory_size_mb = memory_size_mb;
        // How much processor time a file takes is measured elsewhere, where nobody else runs.
        options.timeout = LONGEST_TIMEOUT;
        options.max_concurrency = 1;
        options.env.push(("RESIZER_CONFIG".to_owned(), RULES.to_owned()));
        options.other_buckets.extend([INBOX.to_owned(), format!("{INBOX}-variants")]);
    })
    .await;
    for number in 0..GOOD {
        put(&bench, &format!("{number}.jpg"), photo(80, 60, 1)).await;
    }
    bench
}

async fn put(bench: &Bench, key: &str, bytes: Vec<u8>) {
    let put = bench.harness.client.put_object().bucket(INBOX).key(key);
    put.body(ByteStream::from(bytes)).send().await.expect("an upload succeeds");
}

/// One invocation for the nine and this one; the hostile key sorts before them.
async fn assert_nobody_is_hurt(bench: &Bench, (name, bytes): (&str, Vec<u8>), size_mb: u32) {
    let hostile = "!hostile";
    put(bench, hostile, bytes).await;
    let keys = (0..GOOD).map(|number| format!("{number}.jpg")).chain([hostile.to_owned()]);
    let messages: Vec<Value> = keys
        .map(|key| {
            let body = created(INBOX, &key.replace('!', "%21")).to_string();
            json!({"messageId": key, "eventSource": "aws:sqs", "body": body})
        })
        .collect();
    let event = json!({ "Records": messages }).to_string().into_bytes();
    let invocation = bench.harness.function.invoke(event).await;
    let what = format!("{name} at {size_mb} MB: {} {:?}", invocation.report, invocation.log);
    let answer = invocation.result.unwrap_or_else(|error| panic!("{what}: {error:?}"));
    let answer: Value = serde_json::from_slice(&answer).expect("JSON");
    assert_eq!(answer, json!({"batchItemFailures": []}), "{what}");
    let lines = invocation.log.iter().filter_map(|line| UploadLine::parse(line));
    let (hostile, good): (Vec<_>, Vec<_>) = lines.partition(|line| line.key == hostile);
    assert_eq!(good.iter().filter(|line| line.outcome == "stored").count(), GOOD, "{what}");
    let [hostile] = &hostile[..] else { panic!("{what}") };
    assert!(DONE.contains(&hostile.outcome.as_str()), "{what}");
    assert!(invocation.report.max_memory_used_mb <= size_mb, "{what}");
}

/// Every kind of the generator, in functions of one size.
async fn every_kind_at(size_mb: u32) {
    let bench = start(size_mb).await;
    let kinds = fixtures::hostile::all();
    assert!(kinds.len() >= 20, "{} kinds", kinds.len());
    for kind in kinds {
        assert_nobody_is_hurt(&bench, (&kind.name, kind.bytes), size_mb).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_kind_hurts_its_batch_in_128_mb() {
    every_kind_at(MEMORY_SIZES_MB[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_kind_hurts_its_batch_in_256_mb() {
    every_kind_at(MEMORY_SIZES_MB[1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_kind_hurts_its_batch_in_512_mb() {
    every_kind_at(MEMORY_SIZES_MB[2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_kind_hurts_its_batch_in_1769_mb() {
    every_kind_at(MEMORY_SIZES_MB[3]).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs RESIZER_CASES"]
async fn no_case_hurts_its_batch() {
    let folder = fixtures::outside::cases().join("hostile");
    let entries = std::fs::read_dir(&folder).expect("the folder has a folder `hostile`");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(paths.len() >= 6, "{} files in {}", paths.len(), folder.display());
    for size_mb in MEMORY_SIZES_MB {
        let bench = start(size_mb).await;
        for path in &paths {
            let bytes = std::fs::read(path).expect("a file");
            let name = path.display().to_string();
            assert_nobody_is_hurt(&bench, (&name, bytes), size_mb).await;
        }
    }
}
