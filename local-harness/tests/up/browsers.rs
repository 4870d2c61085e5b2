//! Which pages may use a running harness from a browser. By default its own alone.

use std::net::SocketAddr;
use std::time::Duration;

use aws_sdk_s3::presigning::PresigningConfig;

use crate::http::{Answer, send};
use crate::process::Up;
use crate::support::{UPLOADS, VARIANTS, photo};

const APP: &str = "http://localhost:3000";
const FOREIGN: &str = "https://evil.example";

async fn preflight(s3: SocketAddr, origin: &str) -> Answer {
    let headers = [
        ("Origin", origin),
        ("Sec-Fetch-Site", "cross-site"),
        ("Access-Control-Request-Method", "PUT"),
        ("Access-Control-Request-Headers", "content-type"),
    ];
    send(s3, &format!("OPTIONS /{UPLOADS}/a.jpg"), &headers, b"").await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_page_may_use_the_harness_by_default() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder, &[]).await;
    let s3 = up.address("S3 endpoint");
    let page = format!("http://{}", up.address("Page"));
    for origin in [APP, FOREIGN, "null"] {
        let answer = preflight(s3, origin).await;
        assert_eq!(answer.status, 403, "{origin}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
    // The page's own requests are of the same site.
    let headers = [("Origin", page.as_str()), ("Access-Control-Request-Method", "POST")];
    let answer = send(s3, &format!("OPTIONS /{UPLOADS}"), &headers, b"").await;
    assert_eq!(answer.header("access-control-allow-origin"), Some(page.as_str()));

    for name in ["Lambda endpoint", "Function URL", "Page"] {
        let address = up.address(name);
        for headers in [[("Origin", FOREIGN)], [("Sec-Fetch-Site", "cross-site")]] {
            let answer = send(address, "GET /", &headers, b"").await;
            assert_eq!(answer.status, 403, "{name} {headers:?}");
        }
        let answer = send(address, "GET /", &[("Host", "evil.example")], b"").await;
        assert_eq!(answer.status, 403, "{name}: a rebound name");
    }
    let invoke = "POST /2015-03-31/functions/resizer/invocations";
    let neighbor = [("Origin", "http://127.0.0.1:3000"), ("Sec-Fetch-Site", "same-site")];
    assert_eq!(send(up.address("Lambda endpoint"), invoke, &neighbor, b"{}").await.status, 403);
    assert_eq!(send(up.address("Page"), "GET /api/feed", &neighbor, b"").await.status, 403);
    // Another page of this machine cannot have forms signed, and no anonymous reads.
    let page = up.address("Page");
    let answer = send(page, "POST /api/presign", &[("Origin", APP)], b"{\"name\":\"a\"}").await;
    assert_eq!(answer.status, 403);
    let answer = send(s3, &format!("GET /{VARIANTS}/resizer/layouts.json"), &[], b"").await;
    assert_eq!(answer.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_allowed_origin_uploads_by_a_presigned_put_and_shows_public_variants() {
    let folder = tempfile::tempdir().unwrap();
    let mut up = Up::start(&folder, &["--allow-origin", APP, "--public-read"]).await;
    let s3 = up.address("S3 endpoint");
    let answer = preflight(s3, APP).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(APP)));
    assert_eq!(preflight(s3, FOREIGN).await.status, 403);
    assert_eq!(preflight(s3, "http://localhost:3001").await.status, 403);

    let terms = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let put = up.client().put_object().bucket(UPLOADS).key("a.jpg").presigned(terms).await.unwrap();
    let path = put.uri().split_once(&s3.to_string()).unwrap().1;
    let host = s3.to_string();
    let headers = [("Host", host.as_str()), ("Origin", APP), ("Sec-Fetch-Site", "cross-site")];
    let answer = send(s3, &format!("PUT {path}"), &headers, &photo(400, 300, 1)).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, Some(APP)));
    assert_eq!(answer.header("access-control-expose-headers"), Some("ETag"));
    up.line_with("stored").await;

    let variant = format!("GET /{VARIANTS}/variants/a.jpg/w160.jpg");
    // An <img> of the application sends no Origin.
    let image = [("Referer", "http://localhost:3000/"), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(send(s3, &variant, &image, b"").await.status, 200);
    let elsewhere = [("Referer", "https://evil.example/"), ("Sec-Fetch-Site", "cross-site")];
    assert_eq!(send(s3, &variant, &elsewhere, b"").await.status, 403);
    let upload = format!("GET /{UPLOADS}/a.jpg");
    assert_eq!(send(s3, &upload, &[], b"").await.status, 403, "uploads are not public");
}
