//! Objects that are there and cannot be read: in an archive, under a key that the function has not,
//! with an encoding. Each is refused by name, and what an earlier upload left goes.

use std::io::Write;

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{RestoreRequest, ServerSideEncryption, StorageClass};
use flate2::Compression;
use flate2::write::GzEncoder;
use local_harness::upload_line::UploadLine;

use crate::support::{Bench, UPLOADS, VARIANTS, created, photo};

const KEY: &str = "a b+c.jpg";

/// Uploads a good picture, then one that is put in another way, and returns the line of that.
async fn replaced(
    bench: &mut Bench,
    put: impl FnOnce(PutObjectFluentBuilder) -> PutObjectFluentBuilder,
) -> UploadLine {
    bench.put(KEY, &photo(40, 30, 1)).await;
    assert_eq!(bench.line().await.outcome, "stored");
    let request = bench.harness.client.put_object().bucket(UPLOADS).key(KEY);
    let request = put(request.body(ByteStream::from(photo(60, 45, 2))));
    request.send().await.expect("an upload succeeds");
    let line = bench.line().await;
    assert!(bench.harness.queue.dead_letters().is_empty(), "a refusal is done, not failed");
    line
}

/// The record is all that is left, and says what the line says.
async fn assert_refused(bench: &Bench, line: &UploadLine, code: &str) {
    assert_eq!(line.outcome, code, "{:?}", line.message);
    let record = format!("failures/{KEY}.json");
    assert_eq!(bench.keys(VARIANTS).await, [record.as_str()], "nothing of the earlier upload");
    let record = bench.get_json(VARIANTS, &record).await;
    assert_eq!(
        (&record["code"], record["message"].as_str()),
        (&code.into(), line.message.as_deref())
    );
    assert!(record["etag"].as_str().is_some_and(|etag| etag.len() == 32), "{record}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_object_is_refused_until_it_is_restored() {
    let mut bench = Bench::start().await;
    let line = replaced(&mut bench, |put| put.storage_class(StorageClass::Glacier)).await;
    assert_refused(&bench, &line, "archived").await;
    assert!(line.message.is_some_and(|message| message.contains("restore it")));
    let restore = bench.harness.client.restore_object().bucket(UPLOADS).key(KEY);
    let days = RestoreRequest::builder().days(1).build();
    restore.restore_request(days).send().await.expect("a restoration");
    let line = bench.line().await;
    assert_eq!(line.outcome, "stored", "{:?}", line.message);
    assert_eq!(bench.keys(VARIANTS).await.len(), 5, "and the record is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_under_a_customers_key_is_refused() {
    let mut bench = Bench::start().await;
    let line = replaced(&mut bench, |put| {
        // 32 zero bytes and their MD5.
        put.sse_customer_algorithm("AES256")
            .sse_customer_key("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
            .sse_customer_key_md5("cLyPS3KoaSFGi/joRB3OUQ==")
    })
    .await;
    assert_refused(&bench, &line, "encrypted").await;
    assert!(line.message.is_some_and(|message| message.contains("SSE-C")));
    assert_eq!(line.requests.list, 2, "once to name it in the record, once to verify");
    bench.delete(KEY).await;
    assert_eq!(bench.line().await.outcome, "deleted");
    assert_eq!(bench.keys(VARIANTS).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_under_a_key_of_kms_that_may_not_be_used_is_refused() {
    let mut bench = Bench::start().await;
    let line = replaced(&mut bench, |put| {
        put.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id("alias/denied")
    })
    .await;
    assert_refused(&bench, &line, "encrypted").await;
    let message = line.message.expect("a reason");
    assert!(message.contains("kms:Decrypt") && message.contains("UploadsKmsKeyArn"), "{message}");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory takes everything");
    encoder.finish().expect("memory takes everything")
}

#[tokio::test(flavor = "multi_thread")]
async fn gzip_is_undone_and_other_encodings_are_refused_by_name() {
    let mut bench = Bench::with_config("[limits]\nmax_source_mib = 1\n").await;
    let packed = gzip(&photo(64, 48, 3));
    for encoding in ["gzip", "GZIP"] {
        let body = ByteStream::from(packed.clone());
        let line = replaced(&mut bench, |put| put.body(body).content_encoding(encoding)).await;
        assert_eq!(line.outcome, "stored", "{:?}", line.message);
        assert_eq!(line.source.map(|source| (source.width, source.height)), Some((64, 48)));
    }
    // What begins as an image is one, whatever is said of it.
    let line = replaced(&mut bench, |put| put.content_encoding("base64")).await;
    assert_eq!(line.outcome, "stored", "{:?}", line.message);
    let body = ByteStream::from(b"\x0b\x02\x80brotli, perhaps".to_vec());
    let line = replaced(&mut bench, |put| put.body(body).content_encoding("br")).await;
    assert_refused(&bench, &line, "content_encoding").await;
    assert!(line.message.is_some_and(|message| message.contains("\"br\" is not undone here")));
    let bomb = ByteStream::from(gzip(&vec![0; 64 << 20]));
    let line = replaced(&mut bench, |put| put.body(bomb).content_encoding("gzip")).await;
    assert_refused(&bench, &line, "content_encoding").await;
    assert!(line.message.is_some_and(|message| message.contains("more than the 1048576 bytes")));
    let body = ByteStream::from(packed[..packed.len() / 2].to_vec());
    let line = replaced(&mut bench, |put| put.body(body).content_encoding("gzip")).await;
    assert_refused(&bench, &line, "content_encoding").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_large_object_that_is_no_image_only_the_beginning_is_read() {
    let mut bench = Bench::start().await;
    let line = replaced(&mut bench, |put| put.body(ByteStream::from(vec![b'x'; 128 << 20]))).await;
    assert_refused(&bench, &line, "not_an_image").await;
    assert_eq!((line.requests.get, line.requests.retries), (1, 0));
    let event = created(UPLOADS, "a+b%2Bc.jpg").to_string().into_bytes();
    let peak_mb = bench.harness.function.invoke(event).await.report.max_memory_used_mb;
    assert!(peak_mb < 100, "{peak_mb} MB for a body that nobody reads");
}
