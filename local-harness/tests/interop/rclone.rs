//! rclone with the variables that `local-harness up` prints: keys of every kind there and back.

use std::fs;
use std::path::Path;

use tokio::process::Command;

use crate::tools::{Tools, stdout_of};
use crate::up::Up;

/// Names that a URL, XML, or rclone itself could change.
const NAMES: [&str; 7] = [
    "plain.txt",
    "a+b.txt",
    " two  spaces .txt",
    "é🏖️.txt",
    "50%.txt",
    "q?&#.txt",
    "deep/er/x.txt",
];

fn remote(up: &Up) -> Command {
    let mut rclone = Tools::get().rclone();
    let variables = up.exports.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    rclone.envs(variables).envs([
        ("RCLONE_CONFIG_LOCAL_TYPE", "s3"),
        ("RCLONE_CONFIG_LOCAL_PROVIDER", "Other"),
        ("RCLONE_CONFIG_LOCAL_ENV_AUTH", "true"),
        ("RCLONE_CONFIG_LOCAL_ENDPOINT", up.export("AWS_ENDPOINT_URL")),
        ("RCLONE_CONFIG_LOCAL_FORCE_PATH_STYLE", "true"),
        ("RCLONE_CONFIG", "/dev/null"),
        ("RCLONE_RETRIES", "1"),
    ]);
    rclone
}

async fn run(up: &Up, arguments: &[&str]) -> String {
    stdout_of(remote(up).args(arguments)).await
}

fn names(listing: &str) -> Vec<&str> {
    let mut names: Vec<&str> = listing.lines().collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other people's tools: cargo interop"]
async fn rclone_copies_synchronizes_checks_and_deletes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let files = folder.path().join("files");
    for name in NAMES {
        let path = files.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, name).expect("a file");
    }
    // More than rclone sends in one request: a multipart upload.
    fs::write(files.join("large.bin"), vec![7; 12 << 20]).expect("a file");
    let mut expected = [&NAMES[..], &["large.bin"]].concat();
    expected.sort_unstable();
    let up = Up::start(&folder, &["--create-bucket", "files"]).await;
    let path = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let here = path(&files);

    let parts = ["--s3-upload-cutoff", "5M", "--s3-chunk-size", "5M"];
    run(&up, &[&["copy", &here, "local:files/in"], &parts[..]].concat()).await;
    assert_eq!(names(&run(&up, &["lsf", "-R", "--files-only", "local:files/in"]).await), expected);
    run(&up, &["check", "--download", &here, "local:files/in"]).await;
    let back = path(&folder.path().join("back"));
    run(&up, &["copy", "local:files/in", &back]).await;
    run(&up, &["check", &here, &back]).await;

    // Server-side copies, and what only the target has goes.
    run(&up, &["copyto", "local:files/in/a+b.txt", "local:files/mirror/stale 1.txt"]).await;
    run(&up, &["sync", "local:files/in", "local:files/mirror"]).await;
    let mirrored = run(&up, &["lsf", "-R", "--files-only", "local:files/mirror"]).await;
    assert_eq!(names(&mirrored), expected);
    run(&up, &["check", "local:files/in", "local:files/mirror"]).await;

    fs::remove_file(files.join("plain.txt")).expect("it is there");
    run(&up, &["sync", &here, "local:files/in"]).await;
    let left = run(&up, &["lsf", "-R", "--files-only", "local:files/in"]).await;
    assert_eq!(names(&left).len(), expected.len() - 1);
    run(&up, &["delete", "local:files"]).await;
    assert_eq!(run(&up, &["lsf", "-R", "--files-only", "local:files"]).await, "");
}
