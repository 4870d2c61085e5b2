//! Objects that are there and cannot be read, and archives that give back what they hold.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{RestoreRequest, ServerSideEncryption, StorageClass};

use crate::support::{BUCKET, Harness, code};

/// 32 bytes of zeros and their MD5, in Base64.
const CUSTOMER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const CUSTOMER_KEY_MD5: &str = "cLyPS3KoaSFGi/joRB3OUQ==";

#[tokio::test]
async fn an_archived_object_is_read_once_it_is_restored() {
    let s3 = Harness::start().await;
    let body = ByteStream::from_static(b"body");
    let put = s3.client.put_object().bucket(BUCKET).key("k").body(body);
    put.storage_class(StorageClass::DeepArchive).send().await.unwrap();
    let get = || s3.client.get_object().bucket(BUCKET).key("k").send();
    assert_eq!(code(get().await), "InvalidObjectState");
    let copy = s3.client.copy_object().bucket(BUCKET).key("l").copy_source(format!("{BUCKET}/k"));
    assert_eq!(code(copy.send().await), "InvalidObjectState");
    let head = || s3.client.head_object().bucket(BUCKET).key("k").send();
    assert_eq!(head().await.unwrap().restore(), None, "a HEAD needs no bytes");

    let restore = |key: &str| {
        let days = RestoreRequest::builder().days(1).build();
        s3.client.restore_object().bucket(BUCKET).key(key).restore_request(days).send()
    };
    restore("k").await.unwrap();
    assert!(head().await.unwrap().restore().unwrap().starts_with("ongoing-request=\"false\""));
    assert_eq!(s3.get("k").await, b"body");
    s3.put("plain", "body").await;
    assert_eq!(code(restore("plain").await), "InvalidObjectState", "nothing to bring back");
    assert_eq!(code(restore("none").await), "NoSuchKey");
}

#[tokio::test]
async fn a_customers_key_opens_what_it_closed() {
    let s3 = Harness::start().await;
    let put = s3.client.put_object().bucket(BUCKET).key("k");
    let put = put.sse_customer_algorithm("AES256").sse_customer_key(CUSTOMER_KEY);
    let put = put.sse_customer_key_md5(CUSTOMER_KEY_MD5).body(ByteStream::from_static(b"body"));
    put.send().await.unwrap();
    let get = || s3.client.get_object().bucket(BUCKET).key("k");
    assert_eq!(code(get().send().await), "InvalidRequest");
    let head = s3.client.head_object().bucket(BUCKET).key("k").send().await;
    assert_eq!(code(head), "400", "a HEAD has no body that could say more");
    let with_key = get().sse_customer_algorithm("AES256").sse_customer_key(CUSTOMER_KEY);
    let got = with_key.sse_customer_key_md5(CUSTOMER_KEY_MD5).send().await.unwrap();
    assert_eq!(got.body.collect().await.unwrap().to_vec(), b"body");
    let listed = s3.client.list_objects_v2().bucket(BUCKET).send().await.unwrap();
    assert_eq!(listed.contents().len(), 1, "its line in a listing is no secret");
}

#[tokio::test]
async fn a_key_of_kms_may_be_denied() {
    let s3 = Harness::start().await;
    let put = s3.client.put_object().bucket(BUCKET).key("k").body(ByteStream::from_static(b"b"));
    let put = put.server_side_encryption(ServerSideEncryption::AwsKms);
    put.ssekms_key_id("alias/denied").send().await.unwrap();
    let denied = s3.client.get_object().bucket(BUCKET).key("k").send().await;
    let message = format!("{:?}", denied.as_ref().err());
    assert!(message.contains("kms:Decrypt"), "{message}");
    assert_eq!(code(denied), "AccessDenied");
    assert!(s3.client.head_object().bucket(BUCKET).key("k").send().await.is_ok());
}
