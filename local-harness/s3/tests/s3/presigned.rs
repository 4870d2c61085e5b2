//! URLs that carry their signature: anyone may use them, until they expire.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};

use crate::support::{Answer, BUCKET, Harness, http};

fn valid_for(minutes: u64, age_minutes: u64) -> PresigningConfig {
    PresigningConfig::builder()
        .start_time(SystemTime::now() - Duration::from_secs(age_minutes * 60))
        .expires_in(Duration::from_secs(minutes * 60))
        .build()
        .unwrap()
}

async fn send(s3: &Harness, request: &PresignedRequest, body: &[u8]) -> Answer {
    let uri = request.uri().split_once(s3.authority()).unwrap().1;
    let mut head = format!("{} {uri} HTTP/1.1\r\n", request.method());
    for (name, value) in request.headers().filter(|(name, _)| *name != "content-length") {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    http(s3.authority(), &head, body).await
}

#[tokio::test]
async fn a_presigned_url_puts_and_gets() {
    let s3 = Harness::start().await;
    let key = "a b+ä/ü.jpg";
    let put = s3.client.put_object().bucket(BUCKET).key(key).content_type("image/jpeg");
    let put = put.presigned(valid_for(60, 30)).await.unwrap();
    assert_eq!(send(&s3, &put, b"photo").await.status, 200);
    let get = s3.client.get_object().bucket(BUCKET).key(key).presigned(valid_for(60, 0)).await;
    let get = get.unwrap();
    let answer = send(&s3, &get, b"").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "photo"));
    assert!(answer.head.contains("image/jpeg"));
}

#[tokio::test]
async fn an_expired_or_altered_url_is_refused() {
    let s3 = Harness::start().await;
    s3.put("k", "body").await;
    let get = |config| s3.client.get_object().bucket(BUCKET).key("k").presigned(config);
    let expired = send(&s3, &get(valid_for(10, 11)).await.unwrap(), b"").await;
    assert_eq!(expired.status, 403);
    assert!(expired.body.contains("<Code>AccessDenied</Code>"), "{}", expired.body);
    assert!(expired.body.contains("Request has expired"));

    let granted = get(valid_for(10, 0)).await.unwrap();
    let (_, uri) = granted.uri().split_once(s3.authority()).unwrap();
    for altered in [uri.replace("/k?", "/l?"), uri.replace("Expires=600", "Expires=700")] {
        let answer = http(s3.authority(), &format!("GET {altered} HTTP/1.1"), b"").await;
        assert_eq!(answer.status, 403);
        assert!(answer.body.contains("SignatureDoesNotMatch"), "{}", answer.body);
    }
    let week = uri.replace("Expires=600", "Expires=604801");
    let answer = http(s3.authority(), &format!("GET {week} HTTP/1.1"), b"").await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("AuthorizationQueryParametersError"), "{}", answer.body);
    let other_method = http(s3.authority(), &format!("DELETE {uri} HTTP/1.1"), b"").await;
    assert_eq!(other_method.status, 403);
}

#[tokio::test]
async fn a_head_of_a_range_is_partial() {
    let s3 = Harness::start().await;
    s3.put("k", "body").await;
    let head = |range: Option<&str>| {
        let head = s3.client.head_object().bucket(BUCKET).key("k");
        head.set_range(range.map(str::to_owned)).presigned(valid_for(10, 0))
    };
    let partial = send(&s3, &head(Some("bytes=1-2")).await.unwrap(), b"").await;
    assert_eq!(partial.status, 206);
    assert!(partial.head.contains("bytes 1-2/4"), "{}", partial.head);
    assert_eq!(send(&s3, &head(None).await.unwrap(), b"").await.status, 200);
}

/// The secret of the harness is public, so a page of any web site could sign.
#[tokio::test]
async fn a_page_of_another_site_is_refused_whatever_it_has_signed() {
    let s3 = Harness::start().await;
    let put = s3.client.put_object().bucket(BUCKET).key("k").presigned(valid_for(60, 0)).await;
    let put = put.expect("a key can be presigned");
    let (_, uri) = put.uri().split_once(s3.authority()).expect("the URL has the address");
    let head = |header: &str| format!("PUT {uri} HTTP/1.1\r\n{header}");
    for header in ["Origin: https://example.com", "Origin: null", "Sec-Fetch-Site: cross-site"] {
        let answer = http(s3.authority(), &head(header), b"").await;
        assert_eq!(answer.status, 403, "{header}");
        assert!(answer.body.contains("<Code>AccessDenied</Code>"), "{}", answer.body);
        assert!(s3.keys().await.is_empty(), "{header}");
    }
    let answer = http(s3.authority(), &head("Origin: http://localhost:3000"), b"").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}
