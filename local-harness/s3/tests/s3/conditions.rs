//! Conditional reads, writes and deletes.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::primitives::{ByteStream, DateTime};

use crate::support::{BUCKET, Harness, code};

const OTHER: &str = "\"00000000000000000000000000000000\"";

#[tokio::test]
async fn reads_heed_their_conditions() {
    let s3 = Harness::start().await;
    let etag = s3.put("k", "body").await.e_tag.unwrap();
    let get = || s3.client.get_object().bucket(BUCKET).key("k");
    let head = || s3.client.head_object().bucket(BUCKET).key("k");
    let now = SystemTime::now();
    let before = DateTime::from(now - Duration::from_secs(3600));
    let after = DateTime::from(now + Duration::from_secs(3600));

    get().if_match(&etag).send().await.unwrap();
    get().if_match("*").send().await.unwrap();
    get().if_none_match(OTHER).send().await.unwrap();
    get().if_modified_since(before).send().await.unwrap();
    get().if_unmodified_since(after).send().await.unwrap();
    head().if_match(&etag).send().await.unwrap();
    // An ETag that matches outweighs a date that does not.
    get().if_match(&etag).if_unmodified_since(before).send().await.unwrap();
    get().if_none_match(OTHER).if_modified_since(after).send().await.unwrap();

    assert_eq!(code(get().if_match(OTHER).send().await), "PreconditionFailed");
    assert_eq!(code(get().if_unmodified_since(before).send().await), "PreconditionFailed");
    assert_eq!(code(head().if_match(OTHER).send().await), "412");
    assert_eq!(code(head().if_unmodified_since(before).send().await), "412");
    assert_eq!(code(get().if_none_match(&etag).send().await), "304");
    assert_eq!(code(get().if_modified_since(after).send().await), "304");
    assert_eq!(code(head().if_none_match(&etag).send().await), "304");
    assert_eq!(code(head().if_modified_since(after).send().await), "304");
    let both = get().if_none_match(&etag).if_modified_since(before).send().await;
    assert_eq!(code(both), "304");
    let not_modified = get().if_none_match("*").send().await.unwrap_err();
    let response = not_modified.raw_response().unwrap();
    assert_eq!(response.headers().get("etag"), Some(etag.as_str()));
    assert!(response.headers().get("last-modified").is_some());
}

#[tokio::test]
async fn writes_heed_their_conditions() {
    let s3 = Harness::start().await;
    let put = |key: &str, body: &'static str| {
        let body = ByteStream::from_static(body.as_bytes());
        s3.client.put_object().bucket(BUCKET).key(key).body(body)
    };
    put("k", "1").if_none_match("*").send().await.unwrap();
    let second = put("k", "2").if_none_match("*").send().await;
    assert_eq!(code(second), "PreconditionFailed");
    assert_eq!(s3.get("k").await, b"1");

    let etag = s3.put("k", "3").await.e_tag.unwrap();
    assert_eq!(code(put("k", "4").if_match(OTHER).send().await), "PreconditionFailed");
    assert_eq!(code(put("absent", "4").if_match(&etag).send().await), "NoSuchKey");
    put("k", "5").if_match(&etag).send().await.unwrap();
    assert_eq!(code(put("k", "6").if_match(&etag).send().await), "PreconditionFailed");
    assert_eq!(s3.get("k").await, b"5");
    let strange = put("k", "7").if_none_match(&etag).send().await;
    assert_eq!(code(strange), "NotImplemented");
}

#[tokio::test]
async fn deletes_heed_their_conditions() {
    let s3 = Harness::start().await;
    let etag = s3.put("k", "1").await.e_tag.unwrap();
    let delete = |key: &str, etag: &str| {
        s3.client.delete_object().bucket(BUCKET).key(key).if_match(etag).send()
    };
    assert_eq!(code(delete("k", OTHER).await), "PreconditionFailed");
    assert_eq!(code(delete("absent", &etag).await), "NoSuchKey");
    assert_eq!(code(delete("absent", "*").await), "PreconditionFailed");
    delete("k", &etag).await.unwrap();
    s3.put("k", "2").await;
    delete("k", "*").await.unwrap();
    assert!(s3.keys().await.is_empty());
}

#[tokio::test]
async fn of_many_who_create_one_wins() {
    let s3 = Harness::start().await;
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..20_u8 {
        let put = s3.client.put_object().bucket(BUCKET).key("k").if_none_match("*");
        writers.spawn(put.body(ByteStream::from(vec![n; 100_000])).send());
    }
    let outcomes = writers.join_all().await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    for outcome in outcomes.into_iter().filter(Result::is_err) {
        assert_eq!(code(outcome), "PreconditionFailed");
    }
    let body = s3.get("k").await;
    assert!(body.len() == 100_000 && body.iter().all(|byte| *byte == body[0]));
}
