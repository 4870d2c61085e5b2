//! Multipart uploads, from their first part to their end.

use aws_sdk_s3::operation::complete_multipart_upload::builders;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart,
};

use crate::support::{BUCKET, Harness, code, noise};

const PART_BYTES: usize = 5 << 20;

async fn create(s3: &Harness, key: &str) -> String {
    let create = s3.client.create_multipart_upload().bucket(BUCKET).key(key);
    let create = create.content_type("image/png").metadata("who", "me").tagging("t=1");
    create.send().await.unwrap().upload_id.unwrap()
}

async fn upload(s3: &Harness, key: &str, id: &str, number: i32, body: Vec<u8>) -> CompletedPart {
    let part = s3.client.upload_part().bucket(BUCKET).key(key).upload_id(id).part_number(number);
    let part = part.body(ByteStream::from(body)).send().await.unwrap();
    CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build()
}

fn complete(
    s3: &Harness,
    key: &str,
    id: &str,
    parts: &[CompletedPart],
) -> builders::CompleteMultipartUploadFluentBuilder {
    let parts = CompletedMultipartUpload::builder().set_parts(Some(parts.to_vec())).build();
    let complete = s3.client.complete_multipart_upload().bucket(BUCKET).key(key);
    complete.upload_id(id).multipart_upload(parts)
}

#[tokio::test]
async fn parts_become_one_object_across_a_restart() {
    let mut s3 = Harness::start().await;
    let (one, two, three) = (noise(1, PART_BYTES), noise(2, PART_BYTES + 1), noise(3, 17));
    let id = create(&s3, "big").await;
    let third = upload(&s3, "big", &id, 30, three.clone()).await;
    upload(&s3, "big", &id, 2, noise(9, 100)).await;
    let second = upload(&s3, "big", &id, 2, two.clone()).await;
    s3.restart().await;
    let first = upload(&s3, "big", &id, 1, one.clone()).await;

    let listed = s3.client.list_parts().bucket(BUCKET).key("big").upload_id(&id).max_parts(2);
    let listed = listed.send().await.unwrap();
    let sizes: Vec<_> = listed.parts().iter().map(|p| (p.part_number(), p.size())).collect();
    let size = |part: &[u8]| Some(part.len() as i64);
    assert_eq!(sizes, [(Some(1), size(&one)), (Some(2), size(&two))]);
    assert_eq!(listed.is_truncated(), Some(true));
    let marker = listed.next_part_number_marker().unwrap();
    let rest = s3.client.list_parts().bucket(BUCKET).key("big").upload_id(&id);
    let rest = rest.part_number_marker(marker).send().await.unwrap();
    assert_eq!(rest.parts()[0].part_number(), Some(30));
    assert_eq!(code(s3.client.get_object().bucket(BUCKET).key("big").send().await), "NoSuchKey");

    let done = complete(&s3, "big", &id, &[first, second, third]).send().await.unwrap();
    assert!(done.e_tag().unwrap().ends_with("-3\""));
    assert!(done.location().unwrap().ends_with("/uploads/big"));
    let whole = [one, two.clone(), three].concat();
    s3.restart().await;
    assert!(s3.get("big").await == whole);
    let head = s3.client.head_object().bucket(BUCKET).key("big").send().await.unwrap();
    assert_eq!(head.content_type(), Some("image/png"));
    assert_eq!(head.metadata().unwrap()["who"], "me");
    assert_eq!(head.e_tag(), done.e_tag());
    let part = s3.client.get_object().bucket(BUCKET).key("big").part_number(2);
    let part = part.send().await.unwrap();
    assert_eq!(part.parts_count(), Some(3));
    assert!(part.body.collect().await.unwrap().to_vec() == two);
    let beyond = s3.client.get_object().bucket(BUCKET).key("big").part_number(4).send().await;
    assert_eq!(code(beyond), "InvalidPartNumber");
    let again = complete(&s3, "big", &id, &[]).send().await;
    assert_eq!(code(again), "NoSuchUpload");
}

#[tokio::test]
async fn the_etag_is_the_md5_of_the_parts_md5s() {
    let s3 = Harness::start().await;
    let id = create(&s3, "k").await;
    let parts = [
        upload(&s3, "k", &id, 1, vec![b'a'; PART_BYTES]).await,
        upload(&s3, "k", &id, 2, b"b".to_vec()).await,
    ];
    let done = complete(&s3, "k", &id, &parts).send().await.unwrap();
    // Computed with Python's hashlib by S3's rule.
    assert_eq!(done.e_tag(), Some("\"e5a8c5272b26fc10581a21089559b006-2\""));
}

#[tokio::test]
async fn a_wrong_list_of_parts_is_refused_and_the_upload_goes_on() {
    let s3 = Harness::start().await;
    let id = create(&s3, "k").await;
    let small = upload(&s3, "k", &id, 1, noise(1, PART_BYTES - 1)).await;
    let last = upload(&s3, "k", &id, 2, noise(2, 10)).await;
    let refused = |parts: &[CompletedPart]| complete(&s3, "k", &id, parts).send();
    assert_eq!(code(refused(&[small.clone(), last.clone()]).await), "EntityTooSmall");
    assert_eq!(code(refused(&[last.clone(), small.clone()]).await), "InvalidPartOrder");
    assert_eq!(code(refused(&[small.clone(), small.clone()]).await), "InvalidPartOrder");
    assert_eq!(code(refused(&[]).await), "MalformedXML");
    let wrong = CompletedPart::builder().part_number(2).e_tag("\"wrong\"").build();
    assert_eq!(code(refused(&[wrong]).await), "InvalidPart");
    let missing = CompletedPart::builder().part_number(3).e_tag("\"wrong\"").build();
    assert_eq!(code(refused(&[missing]).await), "InvalidPart");
    let sized = complete(&s3, "k", &id, std::slice::from_ref(&last)).mpu_object_size(11);
    assert_eq!(code(sized.send().await), "InvalidRequest");

    let part = |number| {
        let part = s3.client.upload_part().bucket(BUCKET).key("k").upload_id(&id);
        part.part_number(number).body(ByteStream::from_static(b"x")).send()
    };
    assert_eq!(code(part(0).await), "InvalidArgument");
    assert_eq!(code(part(10_001).await), "InvalidArgument");
    let other_key = s3.client.upload_part().bucket(BUCKET).key("other").upload_id(&id);
    let other_key = other_key.part_number(1).body(ByteStream::from_static(b"x")).send().await;
    assert_eq!(code(other_key), "NoSuchUpload");

    refused(std::slice::from_ref(&last)).await.unwrap();
    assert_eq!(s3.get("k").await, noise(2, 10));
}

#[tokio::test]
async fn conditions_are_heeded_at_the_end() {
    let s3 = Harness::start().await;
    let etag = s3.put("k", "first").await.e_tag.unwrap();
    let id = create(&s3, "k").await;
    let part = [upload(&s3, "k", &id, 1, b"second".to_vec()).await];
    let absent = complete(&s3, "k", &id, &part).if_none_match("*").send().await;
    assert_eq!(code(absent), "PreconditionFailed");
    let other = complete(&s3, "k", &id, &part).if_match("\"other\"").send().await;
    assert_eq!(code(other), "PreconditionFailed");
    assert_eq!(s3.get("k").await, b"first");
    complete(&s3, "k", &id, &part).if_match(etag).send().await.unwrap();
    assert_eq!(s3.get("k").await, b"second");
}

#[tokio::test]
async fn open_uploads_are_listed_and_aborted() {
    let mut s3 = Harness::start().await;
    let mut ids = Vec::new();
    for key in ["b", "a/1", "b", "a/2", "ä b"] {
        ids.push((key, create(&s3, key).await));
    }
    s3.restart().await;
    let list = || s3.client.list_multipart_uploads().bucket(BUCKET);
    let listed = list().send().await.unwrap();
    let found: Vec<_> = listed
        .uploads()
        .iter()
        .map(|upload| (upload.key().unwrap().to_owned(), upload.upload_id().unwrap().to_owned()))
        .collect();
    let expected = [1, 3, 0, 2, 4].map(|n: usize| (ids[n].0.to_owned(), ids[n].1.clone()));
    assert_eq!(found, expected);

    let (mut paged, mut key, mut id) = (Vec::new(), None, None);
    loop {
        let page = list().max_uploads(1).set_key_marker(key).set_upload_id_marker(id);
        let page = page.send().await.unwrap();
        paged.extend(page.uploads().iter().map(|upload| {
            (upload.key().unwrap().to_owned(), upload.upload_id().unwrap().to_owned())
        }));
        (key, id) = (page.next_key_marker, page.next_upload_id_marker);
        if page.is_truncated != Some(true) {
            break;
        }
    }
    assert_eq!(paged, expected);
    let folded = list().delimiter("/").prefix("a").send().await.unwrap();
    assert_eq!(folded.common_prefixes()[0].prefix(), Some("a/"));

    for (key, id) in &ids {
        let abort = s3.client.abort_multipart_upload().bucket(BUCKET).key(*key).upload_id(id);
        abort.send().await.unwrap();
        let abort = s3.client.abort_multipart_upload().bucket(BUCKET).key(*key).upload_id(id);
        assert_eq!(code(abort.send().await), "NoSuchUpload");
    }
    s3.restart().await;
    let left = s3.client.list_multipart_uploads().bucket(BUCKET).send().await.unwrap();
    assert!(left.uploads().is_empty());
}

#[tokio::test]
async fn parts_are_copied_from_objects() {
    let s3 = Harness::start().await;
    let source = noise(4, PART_BYTES + 1000);
    s3.put("source/ü", source.clone()).await;
    let id = create(&s3, "k").await;
    let copy = |number, range: Option<&str>| {
        let copy = s3.client.upload_part_copy().bucket(BUCKET).key("k").upload_id(&id);
        let copy = copy.part_number(number).copy_source("uploads/source/%C3%BC");
        copy.set_copy_source_range(range.map(str::to_owned)).send()
    };
    let whole = copy(1, None).await.unwrap().copy_part_result.unwrap();
    let range = copy(2, Some("bytes=10-1009")).await.unwrap().copy_part_result.unwrap();
    assert_eq!(code(copy(3, Some("bytes=0-9999999")).await), "InvalidArgument");
    assert_eq!(code(copy(3, Some("bytes=5-")).await), "InvalidArgument");
    let parts = [(1, whole.e_tag), (2, range.e_tag)]
        .map(|(number, etag)| CompletedPart::builder().part_number(number).set_e_tag(etag).build());
    complete(&s3, "k", &id, &parts).send().await.unwrap();
    assert!(s3.get("k").await == [&source[..], &source[10..1010]].concat());

    // A copy of an object that came in parts is an object in one piece.
    let copy = s3.client.copy_object().bucket(BUCKET).key("copy").copy_source("uploads/k");
    let copied = copy.send().await.unwrap().copy_object_result.unwrap();
    assert!(!copied.e_tag().unwrap().contains('-'));
    assert!(s3.get("copy").await == s3.get("k").await);
}

#[tokio::test]
async fn checksums_of_parts_become_that_of_the_object() {
    let s3 = Harness::start().await;
    let (one, two) = (noise(6, PART_BYTES), noise(7, 999));
    let cases = [
        (ChecksumAlgorithm::Crc32, ChecksumType::FullObject),
        (ChecksumAlgorithm::Crc64Nvme, ChecksumType::FullObject),
        (ChecksumAlgorithm::Crc32C, ChecksumType::Composite),
        (ChecksumAlgorithm::Sha256, ChecksumType::Composite),
    ];
    for (algorithm, kind) in cases {
        let create = s3.client.create_multipart_upload().bucket(BUCKET).key("k");
        let create = create.checksum_algorithm(algorithm.clone()).checksum_type(kind.clone());
        let id = create.send().await.unwrap().upload_id.unwrap();
        let mut parts = Vec::new();
        for (number, body) in [(1, &one), (2, &two)] {
            let part = s3.client.upload_part().bucket(BUCKET).key("k").upload_id(&id);
            let part = part.checksum_algorithm(algorithm.clone()).part_number(number);
            let part = part.body(ByteStream::from(body.clone())).send().await.unwrap();
            let done = CompletedPart::builder().part_number(number).set_e_tag(part.e_tag);
            let done = done.set_checksum_crc32(part.checksum_crc32);
            let done = done.set_checksum_crc32_c(part.checksum_crc32_c);
            let done = done.set_checksum_crc64_nvme(part.checksum_crc64_nvme);
            parts.push(done.set_checksum_sha256(part.checksum_sha256).build());
        }
        let done = complete(&s3, "k", &id, &parts).send().await.unwrap();
        assert_eq!(done.checksum_type(), Some(&kind));
        let head = s3.client.head_object().bucket(BUCKET).key("k");
        let head = head.checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
        let values = [
            head.checksum_crc32(),
            head.checksum_crc64_nvme(),
            head.checksum_crc32_c(),
            head.checksum_sha256(),
        ];
        let value = values.into_iter().flatten().next().unwrap();
        assert_eq!(value.ends_with("-2"), kind == ChecksumType::Composite, "{value}");
        // The client checks a full checksum against the bytes it gets.
        assert!(s3.get("k").await == [&one[..], &two[..]].concat());
    }
}

#[tokio::test]
async fn an_object_of_parts_is_dated_by_their_initiation() {
    let mut s3 = Harness::start().await;
    let before = std::time::SystemTime::now();
    let id = create(&s3, "dated").await;
    let initiated = std::time::SystemTime::now();
    // S3 dates objects in whole seconds.
    tokio::time::sleep(std::time::Duration::from_millis(2100)).await;
    let part = upload(&s3, "dated", &id, 1, noise(1, 10)).await;
    complete(&s3, "dated", &id, &[part]).send().await.unwrap();
    for _ in 0..2 {
        let head = s3.client.head_object().bucket(BUCKET).key("dated").send().await.unwrap();
        let dated = head.last_modified().unwrap().secs() as u64;
        let seconds = |time: std::time::SystemTime| {
            time.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
        };
        assert!((seconds(before)..=seconds(initiated)).contains(&dated), "{dated}");
        s3.restart().await;
    }
}
