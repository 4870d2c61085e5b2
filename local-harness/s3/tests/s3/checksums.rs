//! Checksums and MD5s: wrong ones are refused, right ones kept and given back.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};

use crate::support::{BUCKET, Harness, code, noise};

#[tokio::test]
async fn every_algorithm_is_verified_kept_and_returned() {
    let mut s3 = Harness::start().await;
    let algorithms = [
        ChecksumAlgorithm::Crc32,
        ChecksumAlgorithm::Crc32C,
        ChecksumAlgorithm::Crc64Nvme,
        ChecksumAlgorithm::Sha1,
        ChecksumAlgorithm::Sha256,
    ];
    for algorithm in &algorithms {
        // In a header for a body in memory, in a trailer for one that is streamed.
        let key = format!("header/{}", algorithm.as_str());
        let put = s3.client.put_object().bucket(BUCKET).key(&key);
        let put = put.checksum_algorithm(algorithm.clone());
        put.body(ByteStream::from(noise(1, 100_000))).send().await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("body");
        std::fs::write(&path, noise(1, 100_000)).unwrap();
        let key = format!("trailer/{}", algorithm.as_str());
        let put = s3.client.put_object().bucket(BUCKET).key(&key);
        let put = put.checksum_algorithm(algorithm.clone());
        put.body(ByteStream::from_path(path).await.unwrap()).send().await.unwrap();
    }
    s3.restart().await;
    for algorithm in &algorithms {
        let mut values = Vec::new();
        for kind in ["header", "trailer"] {
            let key = format!("{kind}/{}", algorithm.as_str());
            let head = s3.client.head_object().bucket(BUCKET).key(&key);
            let head = head.checksum_mode(ChecksumMode::Enabled).send().await.unwrap();
            let found = [
                head.checksum_crc32(),
                head.checksum_crc32_c(),
                head.checksum_crc64_nvme(),
                head.checksum_sha1(),
                head.checksum_sha256(),
            ];
            assert_eq!(found.iter().flatten().count(), 1, "{key}");
            values.push(found.into_iter().flatten().next().unwrap().to_owned());
            assert_eq!(s3.get(&key).await, noise(1, 100_000), "{key}");
            let plain = s3.client.head_object().bucket(BUCKET).key(&key).send().await.unwrap();
            assert_eq!(plain.checksum_sha256(), None);
        }
        assert_eq!(values[0], values[1]);
    }
}

#[tokio::test]
async fn wrong_checksums_are_refused_and_nothing_is_kept() {
    let s3 = Harness::start().await;
    let put =
        || s3.client.put_object().bucket(BUCKET).key("k").body(ByteStream::from_static(b"hello"));
    assert_eq!(code(put().checksum_crc32("AAAAAA==").send().await), "BadDigest");
    assert_eq!(code(put().checksum_crc32_c("AAAAAA==").send().await), "BadDigest");
    assert_eq!(code(put().checksum_crc64_nvme("AAAAAAAAAAA=").send().await), "BadDigest");
    let sha1 = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(code(put().checksum_sha1(sha1).send().await), "BadDigest");
    assert_eq!(code(put().checksum_crc32("nonsense").send().await), "InvalidRequest");
    assert_eq!(code(put().content_md5("AAAAAAAAAAAAAAAAAAAAAA==").send().await), "BadDigest");
    assert_eq!(code(put().content_md5("short").send().await), "InvalidDigest");
    assert!(s3.keys().await.is_empty());
    put().checksum_crc32("NhCmhg==").content_md5("XUFAKrxLKna5cZ2REBfFkg==").send().await.unwrap();

    let upload = s3.client.create_multipart_upload().bucket(BUCKET).key("k");
    let upload = upload.checksum_algorithm(ChecksumAlgorithm::Crc32).send().await.unwrap();
    let id = upload.upload_id().unwrap();
    let part = || {
        let part = s3.client.upload_part().bucket(BUCKET).key("k").upload_id(id).part_number(1);
        part.body(ByteStream::from_static(b"hello"))
    };
    assert_eq!(code(part().checksum_crc32("AAAAAA==").send().await), "BadDigest");
    assert_eq!(code(part().content_md5("AAAAAAAAAAAAAAAAAAAAAA==").send().await), "BadDigest");
    let other = part().checksum_algorithm(ChecksumAlgorithm::Sha1).send().await;
    assert_eq!(code(other), "InvalidRequest");
}
