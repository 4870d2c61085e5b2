//! s3cmd with its default region, which is none: it signs with `US` and learns the right one.

use crate::support::photo;
use crate::tools::{Tools, stdout_of};
use crate::up::Up;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other people's tools: cargo interop"]
async fn s3cmd_uploads_and_lists_without_a_region() {
    let tools = Tools::get();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let picture = folder.path().join("photo.jpg");
    std::fs::write(&picture, photo(400, 300, 5)).expect("a file");
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut up = Up::start(&data, &["--json"]).await;
    let host = up.export("AWS_ENDPOINT_URL").trim_start_matches("http://").to_owned();
    let (access, secret) = (up.export("AWS_ACCESS_KEY_ID"), up.export("AWS_SECRET_ACCESS_KEY"));
    let options = [
        format!("--access_key={access}"),
        format!("--secret_key={secret}"),
        format!("--host={host}"),
        format!("--host-bucket={host}"),
        "--no-ssl".to_owned(),
    ];
    let s3cmd = |arguments: &[&str]| {
        let mut command = tools.s3cmd();
        command.args(&options).args(arguments);
        command
    };
    let picture = picture.to_str().expect("UTF-8");
    stdout_of(&mut s3cmd(&["put", picture, "s3://uploads/"])).await;
    assert_eq!(up.uploads(1).await[0].outcome, "stored");
    let listing = stdout_of(&mut s3cmd(&["ls", "--recursive", "s3://uploads-variants"])).await;
    assert_eq!(listing.matches("variants/photo.jpg/w").count(), 5, "{listing}");
    let info = stdout_of(&mut s3cmd(&["info", "s3://uploads"])).await;
    assert!(info.contains("us-east-1"), "{info}");
}
