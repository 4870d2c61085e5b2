//! What pages in a browser may do: CORS rules, public reads, and what is said of wrong keys.

use aws_sdk_s3::types::{CorsConfiguration, CorsRule};

use crate::support::{Answer, BUCKET, Harness, client, code, http};

const ORIGIN: &str = "http://localhost:3000";

fn rule(origin: &str, method: &str) -> CorsRule {
    let rule = CorsRule::builder().id(method).allowed_origins(origin).allowed_methods(method);
    rule.allowed_headers("x-amz-*").expose_headers("ETag").build().unwrap()
}

async fn put(s3: &Harness, rules: &[CorsRule]) -> String {
    let rules = CorsConfiguration::builder().set_cors_rules(Some(rules.to_vec())).build().unwrap();
    let put = s3.client.put_bucket_cors().bucket(BUCKET).cors_configuration(rules).send().await;
    if put.is_ok() { "put".to_owned() } else { code(put) }
}

async fn preflight(s3: &Harness, origin: &str, method: &str, headers: &str) -> Answer {
    let head = format!(
        "OPTIONS /{BUCKET}/k HTTP/1.1\r\nOrigin: {origin}\r\n\
         Access-Control-Request-Method: {method}\r\nAccess-Control-Request-Headers: {headers}"
    );
    http(s3.authority(), &head, b"").await
}

#[tokio::test]
async fn a_cors_configuration_is_put_read_back_and_deleted() {
    let mut s3 = Harness::start().await;
    let get = |s3: &Harness| s3.client.get_bucket_cors().bucket(BUCKET).send();
    assert_eq!(code(get(&s3).await), "NoSuchCORSConfiguration");
    assert_eq!(put(&s3, &[rule(ORIGIN, "PATCH")]).await, "InvalidRequest");
    let rules = [rule(ORIGIN, "PUT"), rule("*", "GET")];
    assert_eq!(put(&s3, &rules).await, "put");
    s3.restart().await;
    assert_eq!(get(&s3).await.unwrap().cors_rules(), rules);
    s3.client.delete_bucket_cors().bucket(BUCKET).send().await.unwrap();
    assert_eq!(code(get(&s3).await), "NoSuchCORSConfiguration");
    let nowhere = s3.client.get_bucket_cors().bucket("nowhere").send().await;
    assert_eq!(code(nowhere), "NoSuchBucket");
}

#[tokio::test]
async fn a_preflight_request_is_answered_by_the_rules() {
    let s3 = Harness::start().await;
    let answer = preflight(&s3, ORIGIN, "PUT", "").await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("CORS is not enabled for this bucket"), "{}", answer.body);
    put(&s3, &[rule(ORIGIN, "PUT")]).await;

    let answer = preflight(&s3, ORIGIN, "PUT", "X-Amz-Date").await;
    assert_eq!(answer.status, 200);
    for header in [
        "access-control-allow-origin: http://localhost:3000",
        "access-control-allow-headers: x-amz-date",
        "access-control-expose-headers: ETag",
    ] {
        assert!(answer.head.contains(header), "{header}: {}", answer.head);
    }
    assert_eq!(preflight(&s3, ORIGIN, "DELETE", "").await.status, 403);
    assert_eq!(preflight(&s3, ORIGIN, "PUT", "cookie").await.status, 403);
    assert_eq!(preflight(&s3, "http://localhost:3001", "PUT", "").await.status, 403);
    let foreign = preflight(&s3, "https://evil.example", "PUT", "").await;
    assert!(foreign.body.contains("pages of other web sites"), "{}", foreign.body);
}

#[tokio::test]
async fn answers_and_errors_carry_the_headers_that_pages_need() {
    let s3 = Harness::start().await;
    put(&s3, &[rule(ORIGIN, "GET")]).await;
    let from = |origin: &str| format!("GET /{BUCKET}/k HTTP/1.1\r\nOrigin: {origin}");
    let answer = http(s3.authority(), &from(ORIGIN), b"").await;
    assert_eq!(answer.status, 403, "it is not signed");
    assert!(answer.head.contains("access-control-allow-origin: http://localhost:3000"));
    let answer = http(s3.authority(), &from("http://localhost:9"), b"").await;
    assert!(!answer.head.contains("access-control"), "{}", answer.head);
}

#[tokio::test]
async fn a_public_bucket_is_read_and_nothing_else() {
    let s3 = Harness::start().await;
    s3.put("k", "body").await;
    let ask = async |line: &str| {
        let head = format!("{line} HTTP/1.1");
        http(s3.authority(), &head, b"").await
    };
    let object = format!("/{BUCKET}/k");
    assert_eq!(ask(&format!("GET {object}")).await.status, 403);
    s3.server().set_public_read(&[BUCKET.to_owned()]);
    let answer = ask(&format!("GET {object}")).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "body"));
    assert_eq!(ask(&format!("HEAD {object}")).await.status, 200);
    for line in [
        format!("GET /{BUCKET}"),
        format!("GET {object}?tagging"),
        format!("GET {object}?versionId=null"),
        format!("PUT {object}"),
        format!("DELETE {object}"),
        "GET /".to_owned(),
    ] {
        assert_eq!(ask(&line).await.status, 403, "{line}");
    }
    let foreign = format!("GET {object} HTTP/1.1\r\nSec-Fetch-Site: cross-site");
    assert_eq!(http(s3.authority(), &foreign, b"").await.status, 403, "an <img> elsewhere");
}

#[tokio::test]
async fn a_refusal_says_which_of_the_keys_is_wrong() {
    let s3 = Harness::start().await;
    let endpoint = format!("http://{}", s3.authority());
    let list = |access: &str, secret: &str| {
        client(&endpoint, access, secret).list_objects_v2().bucket(BUCKET).send()
    };
    let wrong = list("test-access", "wrong").await;
    let text = format!("{wrong:?}");
    assert_eq!(code(wrong), "SignatureDoesNotMatch");
    assert!(text.contains("The request signature we calculated does not match"), "{text}");
    assert_eq!(code(list("somebody", "test-secret").await), "InvalidAccessKeyId");
}

#[tokio::test]
async fn a_signature_for_no_region_is_told_the_right_one() {
    let s3 = Harness::start().await;
    let head = format!(
        "GET /{BUCKET}?location HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential=test-access/20261130/US/s3/aws4_request,SignedHeaders=host,Signature=0"
    );
    let answer = http(s3.authority(), &head, b"").await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("<Code>AuthorizationHeaderMalformed</Code>"), "{}", answer.body);
    assert!(answer.body.contains("<Region>eu-west-1</Region>"), "{}", answer.body);
}
