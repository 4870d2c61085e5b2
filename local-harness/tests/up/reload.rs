//! A configuration that changes while `up` runs.

use std::path::Path;

use crate::http::send;
use crate::process::Up;
use crate::support::{UPLOADS, photo};

fn write(path: &Path, output: &str, width: &str) {
    let toml = format!(
        "[[rule]]\nmatch = \"**\"\noutput = {{ bucket = \"{output}\", \
         key = \"{{key}}/{{variant}}.{{ext}}\" }}\n[[rule.variant]]\nname = \"v\"\nwidth = {width}\n"
    );
    std::fs::write(path, toml).expect("a file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_valid_change_applies_and_a_wrong_one_is_told() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("resizer.toml");
    write(&config, "first", "20");
    let mut up = Up::start(&folder, &["--config", config.to_str().expect("UTF-8")]).await;
    up.put(UPLOADS, "a.jpg", photo(80, 60, 1)).await;
    up.line_with("stored").await;

    write(&config, "first", "\"wide\"");
    up.line_with("the old one stays in use").await;
    assert!(up.line().await.contains("line 6: "));
    up.put(UPLOADS, "b.jpg", photo(80, 60, 2)).await;
    up.line_with("stored").await;

    write(&config, "second", "30");
    up.line_with("applies from the next upload on").await;
    up.put(UPLOADS, "c.jpg", photo(80, 60, 3)).await;
    up.line_with("stored").await;
    for (bucket, key, is_there) in [
        ("first", "a.jpg/v.jpg", true),
        ("first", "b.jpg/v.jpg", true),
        ("first", "c.jpg/v.jpg", false),
        ("second", "c.jpg/v.jpg", true),
    ] {
        let head = up.client().head_object().bucket(bucket).key(key).send().await;
        assert_eq!(head.is_ok(), is_there, "{bucket}/{key}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_gone_or_empty_is_told_and_buckets_change_their_part() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let config = folder.path().join("resizer.toml");
    write(&config, "first", "20");
    let options = ["--public-read", "--config", config.to_str().expect("UTF-8")];
    let mut up = Up::start(&folder, &options).await;
    std::fs::remove_file(&config).expect("it is there");
    up.line_with("cannot be read, and the old one stays in use").await;
    std::fs::write(&config, "").expect("a file");
    up.line_with("is empty, and the old one stays in use").await;

    // What was an output bucket takes uploads now, which nobody may read without a signature.
    let rule = "[[rule]]\nbucket = \"first\"\nwidths = [30]\noutput.bucket = \"second\"\n";
    std::fs::write(&config, rule).expect("a file");
    up.line_with("applies from the next upload on").await;
    up.put("first", "private.jpg", photo(80, 60, 1)).await;
    up.line_with("stored").await;
    let s3 = up.address("S3 endpoint");
    for (path, status) in [("first/private.jpg", 403), ("second/variants/private.jpg/w30.jpg", 200)]
    {
        let answer = send(s3, &format!("GET /{path}"), &[], b"").await;
        assert_eq!(answer.status, status, "{path}");
    }

    // And what was an upload bucket sends its changes no longer.
    write(&config, "first", "20");
    up.line_with("applies from the next upload on").await;
    let rules = up.client().get_bucket_notification_configuration().bucket("first").send().await;
    assert!(rules.expect("an answer").queue_configurations().is_empty());
}
