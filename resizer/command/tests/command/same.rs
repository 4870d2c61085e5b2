//! `resizer render` and the function, on the same files under the same configurations: the same
//! keys and the same bytes.

use std::fs;
use std::path::Path;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use local_harness::bootstrap;
use local_harness::harness::{Harness, HarnessOptions};
use local_harness::upload_line::UploadLine;
use resizer::ledger::LEDGER_KEY;

use super::support::Bench;

const CONFIG: &str = r#"
[[rule]]
widths = [24, 40]
formats = ["source", "webp"]
animation = "animate"
output = { manifest = "manifests/{key}.json", base_url = "/media", versioned_urls = true }

[[rule.variant]]
name = "square"
width = 20
height = 20
fit = "cover"
gravity = "attention"
"#;

/// Longer than any event takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

#[tokio::test]
async fn files_are_those_that_the_function_stores() {
    let names = [
        "jpeg-420.jpg",
        "jpeg-exif-gps.jpg",
        "gif-animated.gif",
        "bmp-24.bmp",
        "jpeg-named.png",
        "gif-transparent.gif",
    ];
    let bench = Bench::with_config(CONFIG);
    let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/images");
    let mut options = HarnessOptions::new(bootstrap::build().expect("a build"), bench.path("s3"));
    options.env.push(("RESIZER_CONFIG".to_owned(), CONFIG.to_owned()));
    let mut harness = Harness::start(options).await.expect("the harness starts");
    for name in names {
        let bytes = fs::read(images.join(name)).expect("a fixture");
        bench.put(&format!("in/{name}"), &bytes);
        let put = harness.client.put_object().bucket("uploads").key(format!("in/{name}"));
        put.body(ByteStream::from(bytes)).send().await.expect("an upload succeeds");
    }
    let mut stored = 0;
    while stored < names.len() {
        let batch = tokio::time::timeout(PATIENCE, harness.batches.recv()).await;
        let batch = batch.expect("no event is lost").expect("the mapping runs");
        let lines = batch.invocation.log.iter().filter_map(|line| UploadLine::parse(line));
        stored += lines.filter(|line| line.outcome == "stored").count();
    }
    let listing = harness.client.list_objects_v2().bucket("uploads-variants").send().await;
    let listing = listing.expect("the bucket is listed");
    let mut expected = Vec::new();
    for key in listing.contents().iter().filter_map(|object| object.key()) {
        if key != LEDGER_KEY {
            let object = harness.client.get_object().bucket("uploads-variants").key(key).send();
            let body = object.await.expect("an object").body.collect().await;
            expected.push((key.to_owned(), body.expect("a body").to_vec()));
        }
    }
    expected.sort();

    let files: Vec<String> = names.iter().map(|name| format!("in/{name}")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let ended = bench.run(&[&["render", "--config", "resizer.toml"], &files[..]].concat());
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let rendered = bench.files("resized");
    let keys = |files: &[(String, Vec<u8>)]| {
        files.iter().map(|(key, _)| key.clone()).collect::<Vec<String>>()
    };
    assert_eq!(keys(&rendered), keys(&expected));
    assert_eq!(rendered.len(), 6 * 7, "three variants in two formats, and a manifest");
    for ((key, rendered), (_, stored)) in rendered.iter().zip(&expected) {
        assert!(rendered == stored, "{key}");
    }
}
