//! What `up` says: wrong configurations, ports and buckets at its start; later one line per upload.

use std::net::TcpListener;

use local_harness::harness::{Keys, s3_client_with};
use rustix::process::Signal;

use crate::process::{Up, failure};
use crate::support::{UPLOADS, photo};

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

async fn errors(options: &[&str]) -> String {
    let folder = folder();
    let output = failure(folder.path(), options).await;
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "it prints no address");
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_configuration_is_refused_with_all_problems_and_the_name_of_its_file() {
    let folder = folder();
    let config = folder.path().join("resizer.toml");
    std::fs::write(&config, "[limits]\nmax_megapixel = 1\n[[rule]]\nmatch = \"{\"\n")
        .expect("a file");
    let text = errors(&["--config", config.to_str().expect("UTF-8")]).await;
    assert!(text.contains("resizer.toml") && !text.contains("RESIZER_CONFIG"), "{text}");
    for line in ["line 2: ", "line 4: "] {
        assert_eq!(text.matches(line).count(), 1, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_and_a_wrong_bucket_are_named_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("its port").port().to_string();
    for (option, what) in [("--port", "S3"), ("--page-port", "page"), ("--sqs-port", "queue")] {
        let folder = folder();
        let arguments = [option, &port];
        let output = failure(folder.path(), &arguments).await;
        let text = String::from_utf8(output.stderr).expect("UTF-8");
        let is_told = text.contains(&port) && text.contains(what);
        assert!(is_told && text.contains(&format!("{option} ")), "{text}");
    }
    let text = errors(&["--bucket", "Not_A_Bucket"]).await;
    assert!(text.contains("S3 allows no bucket named \"Not_A_Bucket\""), "{text}");
    assert!(!text.contains("Error {"), "no debug output: {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn buckets_of_the_configuration_are_created_watched_and_printed() {
    let folder = folder();
    let config = folder.path().join("resizer.toml");
    let toml = "[[rule]]\nbucket = \"inbox\"\nmatch = \"**\"\noutput = { bucket = \"shop-images\", \
                key = \"{key}/{variant}.{ext}\" }\n[[rule.variant]]\nname = \"small\"\nwidth = 20\n";
    std::fs::write(&config, toml).expect("a file");
    let mut up = Up::start(&folder, &["--config", config.to_str().expect("UTF-8")]).await;
    assert!(up.banner.contains("inbox") && up.banner.contains("shop-images"), "{}", up.banner);
    up.put("inbox", "a.jpg", photo(40, 30, 1)).await;
    let line = up.line_with("a.jpg").await;
    assert!(line.contains("JPEG 40x30  stored  1 variant, "), "{line}");
    let head = up.client().head_object().bucket("shop-images").key("a.jpg/small.jpg");
    head.send().await.expect("the variant is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_upload_has_a_line_and_refusals_say_what_to_do() {
    let folder = folder();
    let mut up = Up::start(&folder, &[]).await;
    up.put(UPLOADS, "a.jpg", photo(40, 30, 1)).await;
    let line = up.line_with("a.jpg").await;
    for part in ["JPEG 40x30", "stored", "5 variants", "ms billed", "$0.0000"] {
        assert!(line.contains(part), "{part}: {line}");
    }
    up.put(UPLOADS, "a.txt", b"no picture, but some text".to_vec()).await;
    let line = up.line_with("a.txt").await;
    assert!(line.contains("refused: not_an_image"), "{line}");
    let why = up.line().await;
    assert!(why.contains("upload a JPEG, PNG, WebP, AVIF or GIF instead"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_delivery_and_a_dead_letter_name_the_upload() {
    let folder = folder();
    let mut up = Up::start(&folder, &["--max-retry-delay", "0"]).await;
    let variants = up.client();
    variants
        .delete_object()
        .bucket("uploads-variants")
        .key("resizer/layouts.json")
        .send()
        .await
        .expect("an empty bucket");
    variants.delete_bucket().bucket("uploads-variants").send().await.expect("no bucket");
    up.put(UPLOADS, "a.jpg", photo(40, 30, 1)).await;
    let line = up.line_with("a.jpg").await;
    assert!(line.contains("failed: setup") && line.contains("delivery 1, again in 0 s"), "{line}");
    let dead = up.line_with("dead letter").await;
    assert!(dead.contains("after 12 deliveries: s3://uploads/a.jpg;"), "{dead}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_hinted_at_where_the_right_one_is_printed() {
    let folder = folder();
    let mut up = Up::start(&folder, &[]).await;
    let wrong = Keys { secret_key: "wrong".to_owned(), ..up.keys() };
    let client = s3_client_with(up.export("AWS_ENDPOINT_URL"), &wrong);
    client.list_buckets().send().await.expect_err("a wrong secret");
    let hint = up.line_with("S3 refused a request").await;
    assert!(hint.contains("its signature is not") && hint.contains("`export` lines"), "{hint}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_its_children_when_it_is_asked_to_end() {
    for signal in [Signal::INT, Signal::TERM] {
        let folder = folder();
        let mut up = Up::start(&folder, &["--json"]).await;
        up.put(UPLOADS, "a.jpg", photo(40, 30, 1)).await;
        assert_eq!(up.uploads(1).await[0].outcome, "stored");
        up.end_with(signal).await;
    }
}
