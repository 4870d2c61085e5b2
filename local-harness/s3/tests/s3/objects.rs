//! Objects: GET returns what was PUT, whole or in ranges, with its headers, metadata and tags.

use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{
    Delete, ObjectIdentifier, ServerSideEncryption, StorageClass, Tag, Tagging,
};

use crate::support::{BUCKET, Harness, code, http, noise};

#[tokio::test]
async fn bodies_of_every_size_come_back() {
    let mut s3 = Harness::start().await;
    let sizes = [0, 1, 16, 65_536, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 9_000_001];
    for size in sizes {
        let body = noise(size as u64, size);
        let put = s3.put(&format!("{size}"), body.clone()).await;
        let head = s3.client.head_object().bucket(BUCKET).key(format!("{size}"));
        let head = head.send().await.unwrap();
        assert_eq!(head.content_length(), Some(size as i64));
        assert_eq!(head.e_tag(), put.e_tag());
        assert!(s3.get(&format!("{size}")).await == body, "{size} bytes");
    }
    s3.restart().await;
    for size in sizes {
        assert!(s3.get(&format!("{size}")).await == noise(size as u64, size), "{size} bytes");
    }
    let empty = s3.client.head_object().bucket(BUCKET).key("0").send().await.unwrap();
    assert_eq!(empty.e_tag(), Some("\"d41d8cd98f00b204e9800998ecf8427e\""));
    assert_eq!(empty.content_type(), Some("application/octet-stream"));
}

#[tokio::test]
async fn everything_said_about_an_object_is_kept() {
    let mut s3 = Harness::start().await;
    let expires = DateTime::from(UNIX_EPOCH + Duration::from_secs(2_000_000_000));
    let put = s3.client.put_object().bucket(BUCKET).key("described");
    let put = put
        .body(ByteStream::from_static(b"body"))
        .content_type("image/jpeg")
        .cache_control("max-age=60, immutable")
        .content_disposition("attachment; filename=\"x.jpg\"")
        .content_encoding("gzip")
        .content_language("de-AT")
        .expires(expires)
        .storage_class(StorageClass::StandardIa)
        .metadata("Camera", "Leica M3")
        .metadata("who", "Jörg")
        .tagging("a=1&b=x%20y");
    put.send().await.unwrap();
    s3.restart().await;
    let get = s3.client.get_object().bucket(BUCKET).key("described").send().await.unwrap();
    let head = s3.client.head_object().bucket(BUCKET).key("described").send().await.unwrap();
    assert_eq!(get.content_type(), Some("image/jpeg"));
    assert_eq!(get.cache_control(), Some("max-age=60, immutable"));
    assert_eq!(get.content_disposition(), Some("attachment; filename=\"x.jpg\""));
    assert_eq!(get.content_encoding(), Some("gzip"));
    assert_eq!(get.content_language(), Some("de-AT"));
    assert_eq!(get.expires_string(), Some("Wed, 18 May 2033 03:33:20 GMT"));
    assert_eq!(get.storage_class(), Some(&StorageClass::StandardIa));
    assert_eq!(get.metadata().unwrap()["camera"], "Leica M3");
    // As S3 does, by RFC 2047: a header carries nothing but ASCII.
    assert_eq!(get.metadata().unwrap()["who"], "=?UTF-8?B?SsO2cmc=?=");
    assert_eq!(get.tag_count(), Some(2));
    assert_eq!(head.metadata(), get.metadata());
    assert_eq!(head.content_encoding(), get.content_encoding());
    assert_eq!(head.storage_class(), get.storage_class());
    assert_eq!(head.last_modified(), get.last_modified());

    let get = s3.client.get_object().bucket(BUCKET).key("described");
    let get = get.response_content_type("text/plain").response_cache_control("no-store");
    let get = get.send().await.unwrap();
    assert_eq!((get.content_type(), get.cache_control()), (Some("text/plain"), Some("no-store")));
}

#[tokio::test]
async fn ranges_are_served_and_impossible_ones_refused() {
    let s3 = Harness::start().await;
    let body = noise(1, 1000);
    s3.put("k", body.clone()).await;
    s3.put("empty", "").await;
    let get = |range: &str| s3.client.get_object().bucket(BUCKET).key("k").range(range);
    let cases = [
        ("bytes=0-0", 0..1),
        ("bytes=10-19", 10..20),
        ("bytes=990-", 990..1000),
        ("bytes=990-5000", 990..1000),
        ("bytes=-1", 999..1000),
        ("bytes=-5000", 0..1000),
    ];
    for (range, expected) in cases {
        let part = get(range).send().await.unwrap();
        let content_range = format!("bytes {}-{}/1000", expected.start, expected.end - 1);
        assert_eq!(part.content_range(), Some(content_range.as_str()), "{range}");
        assert_eq!(part.content_length(), Some(expected.len() as i64), "{range}");
        let bytes = part.body.collect().await.unwrap().to_vec();
        assert_eq!(bytes, body[expected], "{range}");
    }
    for range in ["bytes=1000-", "bytes=1000-2000", "bytes=-0"] {
        assert_eq!(code(get(range).send().await), "InvalidRange", "{range}");
    }
    let empty = s3.client.get_object().bucket(BUCKET).key("empty").range("bytes=0-");
    assert_eq!(code(empty.send().await), "InvalidRange");
}

#[tokio::test]
async fn deleting_is_final_and_may_be_repeated() {
    let s3 = Harness::start().await;
    for key in ["a", "b", "c", "d"] {
        s3.put(key, key).await;
    }
    for _ in 0..2 {
        s3.client.delete_object().bucket(BUCKET).key("a").send().await.unwrap();
    }
    assert_eq!(code(s3.client.get_object().bucket(BUCKET).key("a").send().await), "NoSuchKey");
    assert_eq!(code(s3.client.head_object().bucket(BUCKET).key("a").send().await), "NotFound");

    let delete = |keys: &[&str], quiet: bool| {
        let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(*key).build().unwrap());
        let delete = Delete::builder().set_objects(Some(objects.collect())).quiet(quiet);
        s3.client.delete_objects().bucket(BUCKET).delete(delete.build().unwrap())
    };
    let deleted = delete(&["b", "never"], false).send().await.unwrap();
    assert_eq!((deleted.deleted().len(), deleted.errors().len()), (2, 0));
    let long = "x".repeat(1025);
    let deleted = delete(&["c", &long], true).send().await.unwrap();
    assert_eq!(deleted.deleted().len(), 0);
    assert_eq!(deleted.errors()[0].code(), Some("KeyTooLongError"));
    assert_eq!(s3.keys().await, ["d"]);
    let many: Vec<String> = (0..1001).map(|n| n.to_string()).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(code(delete(&many, false).send().await), "MalformedXML");
}

#[tokio::test]
async fn tags_are_put_read_and_deleted() {
    let mut s3 = Harness::start().await;
    let put = s3.put("tagged", "body").await;
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
    let tagging = Tagging::builder().tag_set(tag("state", "new")).tag_set(tag("ü", ""));
    let tagging = tagging.build().unwrap();
    let request = s3.client.put_object_tagging().bucket(BUCKET).key("tagged").tagging(tagging);
    request.send().await.unwrap();
    s3.restart().await;
    let tags = s3.client.get_object_tagging().bucket(BUCKET).key("tagged").send().await.unwrap();
    let mut found: Vec<_> = tags.tag_set().iter().map(|tag| (tag.key(), tag.value())).collect();
    found.sort_unstable();
    assert_eq!(found, [("state", "new"), ("ü", "")]);
    let head = s3.client.head_object().bucket(BUCKET).key("tagged").send().await.unwrap();
    assert_eq!(head.e_tag(), put.e_tag());
    assert_eq!(s3.get("tagged").await, b"body");

    let twice = Tagging::builder().tag_set(tag("a", "1")).tag_set(tag("a", "2")).build().unwrap();
    let request = s3.client.put_object_tagging().bucket(BUCKET).key("tagged").tagging(twice);
    assert_eq!(code(request.send().await), "InvalidTag");
    s3.client.delete_object_tagging().bucket(BUCKET).key("tagged").send().await.unwrap();
    let tags = s3.client.get_object_tagging().bucket(BUCKET).key("tagged").send().await.unwrap();
    assert!(tags.tag_set().is_empty());
    let none = s3.client.get_object_tagging().bucket(BUCKET).key("none").send().await;
    assert_eq!(code(none), "NoSuchKey");
}

#[tokio::test]
async fn limits_are_kept() {
    let s3 = Harness::start().await;
    let put = || s3.client.put_object().bucket(BUCKET).key("k").body(ByteStream::from_static(b"b"));
    let large = put().metadata("m", "x".repeat(2048)).send().await;
    assert_eq!(code(large), "MetadataTooLarge");
    let class = put().storage_class(StorageClass::from("COLD")).send().await;
    assert_eq!(code(class), "InvalidStorageClass");
    let tags: Vec<String> = (0..11).map(|n| format!("k{n}=v")).collect();
    assert_eq!(code(put().tagging(tags.join("&")).send().await), "BadRequest");
    let keys = put().sse_customer_algorithm("AES256").sse_customer_key("a2V5");
    let keys = keys.sse_customer_key_md5("bWQ1").send().await;
    assert_eq!(code(keys), "InvalidArgument", "three bytes are no key");
    assert!(s3.keys().await.is_empty());
    let put = http(s3.authority(), "PUT /uploads/k HTTP/1.1", b"unsigned").await;
    assert_eq!(put.status, 403);
}

#[tokio::test]
async fn encryption_is_told_as_it_was_asked_for() {
    let mut s3 = Harness::start().await;
    let body = || ByteStream::from_static(b"body");
    let plain = s3.put("plain", "body").await;
    assert_eq!(plain.server_side_encryption(), None);
    let put = s3.client.put_object().bucket(BUCKET).key("kms").body(body());
    let put = put.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id("alias/a");
    let put = put.bucket_key_enabled(true).send().await.expect("a PUT with a key");
    assert_eq!(put.server_side_encryption(), Some(&ServerSideEncryption::AwsKms));
    assert_eq!((put.ssekms_key_id(), put.bucket_key_enabled()), (Some("alias/a"), Some(true)));
    assert_ne!(put.e_tag(), plain.e_tag(), "no MD5");
    s3.restart().await;
    let head = s3.client.head_object().bucket(BUCKET).key("kms");
    let head = head.send().await.expect("the object is there");
    assert_eq!(head.server_side_encryption(), Some(&ServerSideEncryption::AwsKms));
    assert_eq!((head.ssekms_key_id(), head.bucket_key_enabled()), (Some("alias/a"), Some(true)));
    assert_eq!(head.e_tag(), put.e_tag());
    assert_eq!(s3.get("kms").await, b"body");
    // A copy is encrypted as its own request says, and only then has another ETag.
    let copy = || s3.client.copy_object().bucket(BUCKET).copy_source(format!("{BUCKET}/kms"));
    let copied = copy().key("copy").send().await.expect("a copy of what is there");
    assert_eq!(copied.server_side_encryption(), None);
    let result = copied.copy_object_result().expect("a copy has a result");
    assert_eq!(result.e_tag(), plain.e_tag());
    let again = copy().key("aes").server_side_encryption(ServerSideEncryption::Aes256);
    let again = again.send().await.expect("the same once more");
    assert_eq!(again.server_side_encryption(), Some(&ServerSideEncryption::Aes256));

    let put = || s3.client.put_object().bucket(BUCKET).key("bad").body(body());
    assert_eq!(code(put().ssekms_key_id("alias/a").send().await), "InvalidArgument");
    let unknown = put().server_side_encryption(ServerSideEncryption::from("rot13"));
    assert_eq!(code(unknown.send().await), "InvalidArgument");
}
