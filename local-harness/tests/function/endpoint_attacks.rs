//! URLs that must get nothing: each is answered by 4xx, and S3 is asked for nothing outside of the
//! source prefix and the places of results.

use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use crate::site::{Site, signed};
use crate::support::photo;

const CONFIG: &str = r#"
[endpoint]
bucket = "uploads"
prefix = "photos/"

[[rule]]
variant = [{ name = "w16", width = 16 }]
"#;

/// Where requests may read: sources below the prefix, and their results.
const ALLOWED: [&str; 4] = [
    "/uploads/photos/",
    "/uploads-variants/variants/photos/",
    "/uploads-variants/failures/photos/",
    "/uploads-variants/endpoint/",
];

async fn site() -> Site {
    let site = Site::start(CONFIG).await;
    site.bench.put("photos/a.jpg", &photo(40, 30, 1)).await;
    site.bench.put("photos/b.jpg", &photo(40, 30, 2)).await;
    site.bench.put("secret/a.jpg", &photo(40, 30, 3)).await;
    site.bench.put("a.jpg", &photo(40, 30, 4)).await;
    site.requests();
    site
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_url_is_no_signed_one() {
    let site = site().await;
    let good = signed("new", "signed/photos/a.jpg", &[("w", "20"), ("q", "80")]);
    assert_eq!(site.get(&good).await.status, 200);
    site.requests();
    let signature_of = |url: &str| url.split_once("&s=").expect("a signature").1[..64].to_owned();
    let signature = signature_of(&good);
    let of_other = signature_of(&signed("new", "signed/photos/b.jpg", &[("w", "20"), ("q", "80")]));
    let with = |other: &str| good.replace(&signature, other);
    let mut flipped = signature.clone();
    let last = if flipped.ends_with('0') { "1" } else { "0" };
    flipped.replace_range(63.., last);
    for url in [
        // Replayed with another key, and tampered with.
        good.replace("a.jpg", "b.jpg"),
        good.replace("photos/a.jpg", "secret/a.jpg"),
        good.replace("w=20", "w=21"),
        good.replace("&w=20", "").replace("?", "?h=20&"),
        good.replace("q=80&", ""),
        good.replace("?", "?exp=9999999999&"),
        good.replace("kid=new", "kid=old"),
        good.replace("kid=new", "kid=none"),
        good.replace("kid=new&", ""),
        with(&of_other),
        with(&flipped),
        with(&signature.to_uppercase()),
        with(&signature[..63]),
        with("0"),
        good.replace(&format!("s={signature}&"), ""),
        "/signed/photos/a.jpg".to_owned(),
    ] {
        assert_eq!(site.refused(&url).await, (403, "signature".to_owned()), "{url}");
    }
    for (url, code) in [
        (format!("{good}&w=20"), "query"),
        (format!("{good}&x=1"), "query"),
        (format!("{good}&"), "query"),
        (good.replace("w=20", "w=%32%30"), "query"),
        (good.replace("w=20", "W=20"), "query"),
        (with(""), "query"),
        // The same parameters in another order, which a CDN would keep once more.
        (good.replace("&w=20", "").replace("?", "?w=20&"), "query"),
        (signed("new", "signed/photos/a.jpg", &[("gravity", "0.50,0.5")]), "option"),
        (signed("new", "signed/photos/a.jpg", &[("w", "4097")]), "option"),
        (signed("new", "signed/photos/a.jpg", &[("w", "0")]), "option"),
        (signed("new", "signed/photos/a.jpg", &[("format", "avif")]), "option"),
        ("/w16/photos/a.jpg?w=20".to_owned(), "query"),
    ] {
        assert_eq!(site.refused(&url).await, (400, code.to_owned()), "{url}");
    }
    // Signed, and still outside.
    for path in ["signed/secret/a.jpg", "signed/a.jpg", "signed/variants/photos/a.jpg/w16.jpg"] {
        let url = signed("new", path, &[]);
        assert_eq!(site.refused(&url).await, (404, "no_picture".to_owned()), "{url}");
    }
    assert_eq!(site.requests(), [""; 0], "S3 is asked for nothing");
}

/// An event of a function URL, with a path that no HTTP library would let through.
fn event(path: &str, query: &str) -> Value {
    json!({
        "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": {},
        "requestContext": {"stage": "$default", "http": {"method": "GET"}},
    })
}

async fn status(site: &Site, path: &str, query: &str) -> u64 {
    let answer = site.bench.invoke(&event(path, query)).await.expect("an answer");
    let headers = answer["headers"].as_object().expect("headers");
    for (name, value) in headers {
        let value = value.as_str().expect("a text");
        assert!(value.chars().all(|c| c.is_ascii_graphic() || c == ' '), "{name}: {value:?}");
    }
    answer["statusCode"].as_u64().expect("a status")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_the_prefix() {
    let site = site().await;
    for first in ["w16", "signed"] {
        for way_out in [
            "photos/../secret/a.jpg",
            "photos/%2e%2e/secret/a.jpg",
            "photos/%2E%2E%2Fsecret%2Fa.jpg",
            "photos/.%2e/secret/a.jpg",
            "photos/..%2fsecret/a.jpg",
            "photos/%252e%252e/secret/a.jpg",
            "photos/%25252e%25252e%25252fsecret/a.jpg",
            "photos/..%5csecret%5ca.jpg",
            "photos\\..\\secret\\a.jpg",
            "photos/%c0%ae%c0%ae/secret/a.jpg",
            "photos/./../secret/a.jpg",
            "photos//../secret/a.jpg",
            "photos/a.jpg/",
            "photos/",
            "/photos/a.jpg",
            "%2fphotos/a.jpg",
            "photos/a.jpg%00",
            "photos/%00/../../secret/a.jpg",
            "photos/a.jpg%0d%0aSet-Cookie:%20x=1",
            "photos/a\r\nX: 1.jpg",
            "photos/%E2%80%A8/\u{85}",
            "..",
            "secret/a.jpg",
            "Photos/a.jpg",
            "photosecret/a.jpg",
            "a.jpg",
            "photos%2f..%2f..%2fsecret%2fa.jpg",
        ] {
            let status = status(&site, &format!("/{first}/{way_out}"), "").await;
            assert!((400..500).contains(&status), "/{first}/{way_out}: {status}");
        }
    }
    assert_eq!(site.requests(), [""; 0], "S3 is asked for nothing");
    let answer = site.bench.invoke(&event("/w16/photos/a.jpg", "v=1\r\nX:1")).await;
    assert_eq!(answer.expect("an answer")["statusCode"], 400);
    for id in ["\r\nX: 1", "*\r\n\r\n<html>"] {
        let mut event = event("/w16/photos/a.jpg", "");
        event["headers"] = json!({"if-none-match": id, "accept": id, "x": id});
        let answer = site.bench.invoke(&event).await.expect("an answer");
        assert!(!answer["headers"].to_string().contains("X: 1"), "{answer}");
    }
}

/// Parts of URLs that attackers put together, and ordinary ones.
const PARTS: [&str; 40] = [
    "w16",
    "w17",
    "signed",
    "variants",
    "failures",
    "manifests",
    "endpoint",
    "resizer",
    "photos",
    "secret",
    "uploads",
    "a.jpg",
    "b.jpg",
    "w16.jpg",
    "layouts.json",
    "..",
    ".",
    "",
    "%2e%2e",
    "%2f",
    "%5c",
    "%00",
    "%0a",
    "%25",
    "%252f",
    "%c0%af",
    "\u{e9}",
    "%e9",
    "%C3%A9",
    " ",
    "+",
    "*",
    "{key}",
    "~",
    ";",
    ":",
    "@",
    "x-amz-meta-a",
    "\\",
    "%",
];

const QUERIES: [&str; 14] = [
    "",
    "",
    "",
    "v=1",
    "w=20",
    "s=0",
    "kid=new",
    "kid=old&s=00",
    "fit=cover&h=20&w=20",
    "exp=1",
    "X-Amz-Signature=1",
    "versionId=null",
    "list-type=2&prefix=",
    "response-content-type=text/html",
];

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_random_urls_read_nothing_outside() {
    let site = site().await;
    let mut seed = 16_u64;
    let mut below = move |bound: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((seed >> 33) % bound as u64) as usize
    };
    let urls: Vec<(String, String)> = (0..10_000)
        .map(|_| {
            let separators = ["/", "/", "/", "", "%2F"];
            let mut path = String::from("/");
            for _ in 0..=below(6) {
                path.push_str(PARTS[below(PARTS.len())]);
                path.push_str(separators[below(separators.len())]);
            }
            (path, QUERIES[below(QUERIES.len())].to_owned())
        })
        .collect();
    let answers = stream::iter(urls.iter().map(|(path, query)| {
        let site = &site;
        async move { (path, query, status(site, path, query).await) }
    }));
    let answers: Vec<_> = answers.buffer_unordered(4).collect().await;
    let mut good = 0;
    for (path, query, status) in answers {
        // What is public and there is found by chance too.
        let is_good = matches!(path.as_str(), "/w16/photos/a.jpg" | "/w16/photos/b.jpg");
        let is_good = is_good || path.starts_with("/variants/photos/");
        assert!(
            (400..500).contains(&status) || (is_good && status == 200),
            "{path}?{query}: {status}"
        );
        good += usize::from(status == 200);
    }
    assert!(good < 100, "most are none: {good}");
    for request in site.requests() {
        let (method, path) = request.split_once(' ').expect("a method and a path");
        let is_read_inside = ALLOWED.iter().any(|place| path.starts_with(place));
        // What the rule of a public variant writes: its results, and the set that it deletes.
        let is_write = matches!(method, "PUT" | "POST") && path.starts_with("/uploads-variants");
        assert!(is_read_inside || is_write, "{request}");
    }
}
