//! Copies: of bytes and of what is said about them, onto other keys and onto themselves.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{ChecksumAlgorithm, MetadataDirective, StorageClass, TaggingDirective};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::support::{BUCKET, Harness, code, noise};

fn source(key: &str) -> String {
    format!("{BUCKET}/{}", utf8_percent_encode(key, NON_ALPHANUMERIC))
}

#[tokio::test]
async fn a_copy_has_the_bytes_and_by_directive_the_words() {
    let s3 = Harness::start().await;
    let body = noise(5, 3_000_000);
    let put = s3.client.put_object().bucket(BUCKET).key("a b+ä/?.jpg").content_type("image/jpeg");
    let put = put.metadata("who", "me").tagging("t=1").storage_class(StorageClass::OnezoneIa);
    let put = put.body(ByteStream::from(body.clone())).send().await.unwrap();
    let copy = |key: &str| {
        s3.client.copy_object().bucket(BUCKET).key(key).copy_source(source("a b+ä/?.jpg"))
    };

    let copied = copy("kept").send().await.unwrap();
    let result = copied.copy_object_result().unwrap();
    assert_eq!(result.e_tag(), put.e_tag());
    assert!(result.last_modified().is_some());
    assert!(s3.get("kept").await == body);
    let head = s3.client.head_object().bucket(BUCKET).key("kept").send().await.unwrap();
    assert_eq!(head.content_type(), Some("image/jpeg"));
    assert_eq!(head.metadata().unwrap()["who"], "me");
    assert_eq!(head.storage_class(), None);
    let tags = s3.client.get_object_tagging().bucket(BUCKET).key("kept").send().await.unwrap();
    assert_eq!(tags.tag_set()[0].key(), "t");

    let replaced = copy("new").metadata_directive(MetadataDirective::Replace);
    let replaced = replaced.content_type("text/plain").metadata("now", "other");
    let replaced = replaced.tagging_directive(TaggingDirective::Replace).tagging("u=2&v=3");
    replaced.checksum_algorithm(ChecksumAlgorithm::Sha256).send().await.unwrap();
    let get = s3.client.get_object().bucket(BUCKET).key("new").send().await.unwrap();
    assert_eq!(get.content_type(), Some("text/plain"));
    assert_eq!(get.metadata().unwrap().len(), 1);
    assert_eq!(get.tag_count(), Some(2));
    assert!(get.checksum_sha256().is_some());
    assert!(get.body.collect().await.unwrap().to_vec() == body);
}

#[tokio::test]
async fn a_copy_onto_itself_must_change_something() {
    let s3 = Harness::start().await;
    s3.put("k", "body").await;
    let copy = || s3.client.copy_object().bucket(BUCKET).key("k").copy_source(source("k"));
    assert_eq!(code(copy().send().await), "InvalidRequest");
    let replace = copy().metadata_directive(MetadataDirective::Replace).metadata("a", "b");
    replace.send().await.unwrap();
    copy().storage_class(StorageClass::StandardIa).send().await.unwrap();
    let head = s3.client.head_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert_eq!(head.metadata().unwrap()["a"], "b");
    assert_eq!(head.storage_class(), Some(&StorageClass::StandardIa));
    assert_eq!(s3.get("k").await, b"body");
}

#[tokio::test]
async fn conditions_on_the_source_are_heeded() {
    let s3 = Harness::start().await;
    let etag = s3.put("k", "body").await.e_tag.unwrap();
    let copy = || s3.client.copy_object().bucket(BUCKET).key("copy").copy_source(source("k"));
    let hour = Duration::from_secs(3600);
    let (before, after) = (SystemTime::now() - hour, SystemTime::now() + hour);
    let refused = [
        copy().copy_source_if_match("\"other\""),
        copy().copy_source_if_none_match(&etag),
        copy().copy_source_if_modified_since(DateTime::from(after)),
        copy().copy_source_if_unmodified_since(DateTime::from(before)),
    ];
    for request in refused {
        assert_eq!(code(request.send().await), "PreconditionFailed");
    }
    let granted = [
        copy().copy_source_if_match(&etag),
        copy().copy_source_if_none_match("\"other\""),
        copy().copy_source_if_modified_since(DateTime::from(before)),
        copy().copy_source_if_unmodified_since(DateTime::from(after)),
    ];
    for request in granted {
        request.send().await.unwrap();
    }
    // This version of the SDK has no members for conditions on the target.
    for (name, value) in [("if-none-match", "*"), ("if-match", "\"other\"")] {
        let onto = copy().customize().mutate_request(move |request| {
            request.headers_mut().insert(name, value);
        });
        assert_eq!(code(onto.send().await), "PreconditionFailed", "{name}");
    }
    let none = s3.client.copy_object().bucket(BUCKET).key("copy").copy_source(source("none"));
    assert_eq!(code(none.send().await), "NoSuchKey");
    let elsewhere = s3.client.copy_object().bucket(BUCKET).key("copy").copy_source("other/k");
    assert_eq!(code(elsewhere.send().await), "NoSuchBucket");
}
