//! AWS's SDK for JavaScript, which most web applications use: uploads in parts and in streams,
//! checksums, presigned URLs, and keys of every kind.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::tools::{stdout_of, target_directory};
use crate::up::Up;

const PACKAGES: [&str; 3] = [
    "@aws-sdk/client-s3@3.1175.0",
    "@aws-sdk/lib-storage@3.1175.0",
    "@aws-sdk/s3-request-presigner@3.1169.0",
];
/// Written last.
const MARKER: &str = "installed.txt";

/// The folder with `node_modules`, below the target directory, which the first test fills.
async fn installed() -> PathBuf {
    let folder = target_directory().join("interop-javascript");
    fs::create_dir_all(&folder).expect("target can be written");
    // Two runs of the tests at once share the target directory; the lock ends with the file.
    let lock = File::create(folder.join("lock")).expect("a file in target");
    lock.lock().expect("files can be locked");
    let (marker, complete) = (folder.join(MARKER), PACKAGES.join("\n"));
    if fs::read_to_string(&marker).is_ok_and(|installed| installed == complete) {
        return folder;
    }
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix"]);
    stdout_of(npm.arg(&folder).args(PACKAGES)).await;
    fs::write(&marker, complete).expect("target can be written");
    folder
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs npm and other people's tools: cargo interop"]
async fn the_sdk_for_javascript_uploads_streams_and_presigns() {
    let modules = installed().await.join("node_modules");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let up = Up::start(&folder, &["--create-bucket", "files"]).await;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/uploads.cjs");
    let mut node = Command::new("node");
    node.arg(script).arg("files").env("NODE_PATH", modules).kill_on_drop(true);
    node.envs(up.exports.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let printed = stdout_of(&mut node).await;
    let results: Value = serde_json::from_str(&printed).expect("the script prints JSON");
    assert_eq!(results["keys"]["same"], results["keys"]["count"], "{results}");
    assert_eq!(results["multipart"], json!({ "parts": 3, "bytes": 12 << 20, "same": true }));
    assert_eq!(results["trailer"]["checksum"], "NSRBwg==", "{results}");
    assert_eq!(results["trailer"]["trailer"], "x-amz-checksum-crc32", "{results}");
    assert_eq!(results["wrong_checksum"], "BadDigest", "{results}");
    assert_eq!(results["presigned"], json!({ "get": 200, "same": true, "altered": 403 }));
    assert_eq!(results["missing"], "NoSuchKey");
    assert_eq!(results["deleted"], results["keys"]["count"]);
}
