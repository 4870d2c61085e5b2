//! A versioned bucket, as another S3 has it: the newest version counts, and a delete marker is a
//! deletion, whichever of the versions an event is about.

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use local_harness::harness::s3_client;
use resizer::ledger::LEDGER_KEY;
use serde_json::{Value, json};

use crate::support::{Bench, UPLOADS, VARIANTS, photo};
use crate::tools::Tools;

const KEY: &str = "a.jpg";

async fn put(client: &Client, bytes: Vec<u8>) -> String {
    let put = client.put_object().bucket(UPLOADS).key(KEY).body(ByteStream::from(bytes));
    let put = put.send().await.expect("an upload");
    put.version_id().expect("the bucket has versions").to_owned()
}

async fn results(client: &Client) -> Vec<String> {
    let listing = client.list_objects_v2().bucket(VARIANTS).send().await.expect("a listing");
    let keys = listing.contents().iter().filter_map(|object| object.key());
    keys.filter(|key| *key != LEDGER_KEY).map(str::to_owned).collect()
}

fn event(name: &str) -> Value {
    json!({"Records": [{
        "eventVersion": "2.1", "eventSource": "aws:s3", "eventName": name,
        "s3": {"bucket": {"name": UPLOADS}, "object": {"key": KEY, "versionId": "of no interest"}}
    }]})
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other people's tools: cargo interop"]
async fn the_newest_version_counts_and_a_marker_is_a_deletion() {
    let (_server, endpoint) = Tools::get().moto().await;
    let client = s3_client(&endpoint);
    for bucket in [UPLOADS, VARIANTS] {
        client.create_bucket().bucket(bucket).send().await.expect("a bucket");
        let status = BucketVersioningStatus::Enabled;
        let versions = VersioningConfiguration::builder().status(status).build();
        let request = client.put_bucket_versioning().bucket(bucket);
        request.versioning_configuration(versions).send().await.expect("versions");
    }
    let bench = Bench::with(|options| {
        let config = "[[rule]]\n[[rule.variant]]\nname = \"s\"\nwidth = 8\n";
        options.env.push(("AWS_ENDPOINT_URL_S3".to_owned(), endpoint.clone()));
        options.env.push(("RESIZER_CONFIG".to_owned(), config.to_owned()));
    })
    .await;
    let done = async |name: &str| {
        assert_eq!(bench.invoke(&event(name)).await, Ok(json!(null)), "{name}");
        results(&client).await
    };
    let png = fixtures::png::png(
        &fixtures::png::Samples::rgb(&fixtures::scene::photograph(20, 20, 1)),
        &fixtures::png::PngOptions::default(),
    );
    let (of_jpeg, of_png) = (["variants/a.jpg/s.jpg"], ["variants/a.jpg/s.png"]);

    put(&client, photo(40, 30, 1)).await;
    assert_eq!(done("ObjectCreated:Put").await, of_jpeg);
    let second = put(&client, png).await;
    assert_eq!(done("ObjectCreated:Put").await, of_png, "the newest");
    let deleted = client.delete_object().bucket(UPLOADS).key(KEY).send().await.expect("a marker");
    assert_eq!(deleted.delete_marker(), Some(true));
    assert_eq!(done("ObjectRemoved:DeleteMarkerCreated").await, [""; 0]);
    assert_eq!(done("ObjectCreated:Put").await, [""; 0], "a late event of a hidden version");

    let marker = deleted.version_id().expect("its version").to_owned();
    let delete =
        |version: &str| client.delete_object().bucket(UPLOADS).key(KEY).version_id(version).send();
    delete(&marker).await.expect("the marker goes");
    assert_eq!(done("ObjectRemoved:Delete").await, of_png, "what it hid is back");
    delete(&second).await.expect("the version goes");
    assert_eq!(done("ObjectRemoved:Delete").await, of_jpeg, "the one before it is the newest");
}
