//! `aws s3` in a terminal of its own, with the variables that `local-harness up` prints.

use std::path::Path;

use resizer::ledger::LEDGER_KEY;
use rustix::process::Signal;

use crate::support::photo;
use crate::tools::{Tools, stdout_of};
use crate::up::Up;

/// A terminal into which the printed variables were pasted.
struct Terminal<'a> {
    tools: &'static Tools,
    folder: &'a Path,
    exports: Vec<(String, String)>,
}

impl Terminal<'_> {
    /// Runs one line whose arguments have no spaces.
    async fn run(&self, line: &str) -> String {
        let arguments = line.strip_prefix("aws ").expect("a line of aws-cli").split(' ');
        let mut aws = self.tools.aws();
        aws.args(arguments).envs(self.exports.clone()).current_dir(self.folder);
        stdout_of(&mut aws).await
    }

    /// The keys in a listing, without dates and sizes, and without the function's own ledger.
    async fn keys(&self, bucket: &str) -> Vec<String> {
        let listing = self.run(&format!("aws s3 ls --recursive s3://{bucket}")).await;
        let keys = listing.lines().filter_map(|line| line.split_whitespace().nth(3));
        keys.filter(|key| *key != LEDGER_KEY).map(str::to_owned).collect()
    }
}

/// Keys that a file system, a shell, or a URL could change.
const KEYS: [&str; 7] = ["..", "a//b", "/lead", "a+b%2Fc", " a  b ", "🏖️.jpg", "q?a=b&c#d"];

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other people's tools: cargo interop"]
async fn aws_cli_keeps_keys_and_uses_the_queue() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = tempfile::tempdir().expect("a temporary folder");
    let up = Up::start(&data, &["--json", "--create-bucket", "files"]).await;
    let run = async |arguments: &[&str]| {
        let mut aws = Tools::get().aws();
        aws.args(arguments).envs(up.exports.clone()).current_dir(folder.path());
        stdout_of(&mut aws).await
    };
    for key in KEYS {
        std::fs::write(folder.path().join("there"), key).expect("a file");
        let object = ["--bucket", "files", "--key", key];
        run(&[&["s3api", "put-object", "--body", "there"], &object[..]].concat()).await;
        run(&[&["s3api", "get-object"], &object[..], &["back"]].concat()).await;
        let back = std::fs::read_to_string(folder.path().join("back")).expect("a file");
        assert_eq!(back, key);
    }
    let list = ["s3api", "list-objects-v2", "--bucket", "files", "--query", "Contents[].Key"];
    let listed: Vec<String> = serde_json::from_str(&run(&list).await).expect("JSON");
    let mut sorted = KEYS;
    sorted.sort_unstable();
    assert_eq!(listed, sorted);

    // Version 1 of aws-cli reads no variable with the endpoint of SQS.
    let endpoint = ["--endpoint-url", up.export("AWS_ENDPOINT_URL_SQS")];
    let url = ["sqs", "get-queue-url", "--queue-name", "uploads", "--output", "text"];
    let url = run(&[&url[..], &endpoint].concat()).await;
    let queue = [&endpoint[..], &["--queue-url", url.trim()]].concat();
    let sent = ["sqs", "send-message", "--message-body", r#"{"Event":"s3:TestEvent"}"#];
    let sent = run(&[&sent[..], &queue[..]].concat()).await;
    assert!(sent.contains("MD5OfMessageBody"), "{sent}");
    let attributes = ["sqs", "get-queue-attributes", "--attribute-names", "All"];
    let attributes = run(&[&attributes[..], &queue[..]].concat()).await;
    assert!(attributes.contains("arn:aws:sqs:us-east-1:000000000000:uploads"), "{attributes}");
    let invoke = ["lambda", "invoke", "--function-name", "resizer", "--payload", "{}"];
    let invoked = run(&[&invoke[..], &["out.json"]].concat()).await;
    assert!(invoked.contains("Unhandled"), "an event of an unknown shape: {invoked}");
}

fn five_of(keys: &[&str]) -> Vec<String> {
    let of_one = |key: &&str| {
        let widths = ["1080", "160", "1920", "320", "640"];
        widths.map(|width| format!("variants/{key}/w{width}.jpg"))
    };
    keys.iter().flat_map(of_one).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other people's tools: cargo interop"]
async fn aws_cli_copies_lists_synchronizes_and_removes() {
    let tools = Tools::get();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, bytes: &[u8]| {
        std::fs::create_dir_all(folder.path().join("album/sea")).expect("a folder");
        std::fs::write(folder.path().join(name), bytes).expect("a file");
    };
    write("photo.jpg", &photo(2000, 1500, 1));
    write("album/hill.jpg", &photo(300, 200, 2));
    write("album/sea/beach.jpg", &photo(200, 300, 3));
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut up = Up::start(&data, &["--json"]).await;
    let terminal = Terminal { tools, folder: folder.path(), exports: up.exports.clone() };

    let copied = terminal.run("aws s3 cp photo.jpg s3://uploads/in/photo.jpg").await;
    assert!(copied.contains("upload: ./photo.jpg to s3://uploads/in/photo.jpg"), "{copied}");
    assert_eq!(up.uploads(1).await[0].outcome, "stored");
    assert_eq!(terminal.keys("uploads-variants").await, five_of(&["in/photo.jpg"]));

    terminal.run("aws s3 sync album s3://uploads/album").await;
    for upload in up.uploads(2).await {
        assert_eq!(upload.outcome, "stored", "{}", upload.key);
    }
    let sources = ["album/hill.jpg", "album/sea/beach.jpg", "in/photo.jpg"];
    assert_eq!(terminal.keys("uploads").await, sources);
    assert_eq!(terminal.keys("uploads-variants").await, five_of(&sources));
    let again = terminal.run("aws s3 sync album s3://uploads/album").await;
    assert_eq!(again, "", "times and sizes are those of the files");

    terminal.run("aws s3 sync s3://uploads-variants/variants back").await;
    let back = image::open(folder.path().join("back/in/photo.jpg/w640.jpg"));
    let back = back.expect("a variant comes down whole");
    assert_eq!((back.width(), back.height()), (640, 480));

    terminal.run("aws s3 rm s3://uploads/in/photo.jpg").await;
    assert_eq!(up.uploads(1).await[0].outcome, "deleted");
    assert_eq!(terminal.keys("uploads-variants").await, five_of(&sources[..2]));
    terminal.run("aws s3 rm --recursive s3://uploads").await;
    up.uploads(2).await;
    assert_eq!(terminal.keys("uploads-variants").await, Vec::<String>::new());
    up.end_with(Signal::INT).await;
}
