//! A configuration that changes while `up` runs.

use std::path::Path;

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
