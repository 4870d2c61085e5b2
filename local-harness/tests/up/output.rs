//! Readers of standard output that are slow or gone: `up` goes on, and other commands end.

use std::process::Stdio;
use std::time::Duration;

use aws_sdk_s3::Client;
use rustix::process::Signal;
use tokio::process::Command;
use tokio::time::{sleep, timeout};

use crate::process::{STEP_TIMEOUT, Up};
use crate::support::{UPLOADS, binary, photo};

/// Waits for a variant in S3.
async fn has_variant(client: &Client, key: &str) {
    let key = format!("variants/{key}/w160.jpg");
    let there = async {
        while client.head_object().bucket("uploads-variants").key(&key).send().await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(STEP_TIMEOUT, there).await.expect("the upload is processed");
}

#[tokio::test(flavor = "multi_thread")]
async fn up_goes_on_without_a_reader_and_says_so() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut up = Up::start(&folder, &[]).await;
    up.close_output();
    for key in ["a.jpg", "b.jpg", "c.jpg"] {
        up.put(UPLOADS, key, photo(40, 30, 1)).await;
        has_variant(&up.client(), key).await;
    }
    let errors = up.end_with(Signal::TERM).await;
    assert_eq!(errors.matches("nobody reads the output any more").count(), 1, "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn up_goes_on_while_its_reader_sleeps() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut up = Up::start(&folder, &["--json"]).await;
    // A pipe holds 64 KiB; each upload has more than 1 KiB of lines.
    for number in 0..80 {
        up.put(UPLOADS, &format!("{number}.jpg"), photo(40, 30, number)).await;
    }
    for number in 0..80 {
        has_variant(&up.client(), &format!("{number}.jpg")).await;
    }
    assert_eq!(up.uploads(80).await.len(), 80);
    up.end_with(Signal::INT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_reader_is_gone_ends() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pictures = folder.path().join("pictures");
    std::fs::create_dir(&pictures).expect("a folder");
    std::fs::write(pictures.join("a.jpg"), photo(40, 30, 1)).expect("a file");
    let mut child = Command::new(env!("CARGO_BIN_EXE_local-harness"))
        .args(["demo", "--bootstrap"])
        .arg(binary())
        .arg("--folder")
        .arg(folder.path().join("demo"))
        .arg(&pictures)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the harness starts");
    drop(child.stdout.take());
    let output = timeout(STEP_TIMEOUT, child.wait_with_output()).await.expect("it ends");
    let output = output.expect("a child can be waited for");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(141), "{errors}");
    assert_eq!(errors, "");
}
