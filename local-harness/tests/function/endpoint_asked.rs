//! Requests for variants that cannot be made, or are not made of this upload: they take nothing
//! away, tell nobody, and are known the next time.

use std::time::Duration;

use local_harness::proxy::FaultPlan;
use tokio::time::sleep;

use crate::after_success::service;
use crate::site::Site;
use crate::support::{UPLOADS, VARIANTS, photo};

const CONFIG: &str = r#"
[endpoint]
bucket = "uploads"

[[rule]]
variant = [{ name = "w160", width = 160 }]
"#;

/// A format that the rule could make of some upload, and does not make of this one.
const NEVER_MADE: &str = "/variants/a.jpg/w160.png";

/// The same buckets under another configuration.
async fn under(site: Site, config: &str) -> Site {
    let Site { bench, url } = site;
    drop(url);
    let bench = bench.under(|options| {
        options.is_watched = false;
        options.faults = Some(FaultPlan::None);
        options.env.push(("RESIZER_CONFIG".to_owned(), config.to_owned()));
    });
    Site::around(bench.await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_stays_where_nothing_newer_can_be_made() {
    let site = Site::start(CONFIG).await;
    site.bench.put("a.jpg", &photo(1200, 1000, 1)).await;
    let made = site.get("/w160/a.jpg").await;
    assert_eq!(made.status, 200, "{}", made.text());

    // Refused by now, and its variants are those of another configuration.
    let config = CONFIG.replace("width = 160", "width = 160, quality = 50");
    let site = under(site, &format!("{config}[limits]\nmax_megapixels = 1\n")).await;
    for path in ["/w160/a.jpg", "/variants/a.jpg/w160.jpg", "/w160/a.jpg"] {
        let answer = site.get(path).await;
        assert_eq!((answer.status, &answer.body), (200, &made.body), "{path}");
    }
    site.requests();
    assert_eq!(site.refused(NEVER_MADE).await, (413, "too_large".to_owned()));
    let requests = site.requests();
    assert!(!requests.contains(&"GET /uploads/a.jpg".to_owned()), "by its record: {requests:?}");
    let stored = "variants/a.jpg/w160.jpg";
    assert_eq!(site.bench.get(VARIANTS, stored).await.bytes, made.body);

    // An upload that takes its place is not answered with it.
    site.bench.put("a.jpg", b"text").await;
    assert_eq!(site.refused("/w160/a.jpg").await, (415, "not_an_image".to_owned()));
    assert_eq!(site.bench.get(VARIANTS, stored).await.bytes, made.body, "until its event");
    let (line, _) = site.bench.deliver("a.jpg", 1).await;
    assert_eq!(line.outcome, "not_an_image");
    assert_eq!(site.bench.keys(VARIANTS).await, ["failures/a.jpg.json"]);

    // What can be made again, is.
    site.bench.put("a.jpg", &photo(200, 100, 1)).await;
    assert_eq!(site.get("/w160/a.jpg").await.status, 200);
    assert_eq!(site.bench.keys(VARIANTS).await, [stored]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_format_that_is_not_made_is_no_picture_and_no_news() {
    let (endpoint, received) = service(r#"{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}"#);
    let config = format!("{CONFIG}[completion]\nevent_bus = \"pictures\"\n");
    let mut site = Site::with(&config, |options| {
        options.env.push(("AWS_ENDPOINT_URL_EVENTBRIDGE".to_owned(), endpoint));
    })
    .await;
    site.bench.put("a.jpg", &photo(200, 100, 1)).await;
    site.bench.put("text.jpg", b"text").await;
    let answer = site.get(NEVER_MADE).await;
    assert_eq!((answer.status, answer.header("cache-control")), (404, Some("public, max-age=60")));
    assert!(answer.text().contains("\"no_picture\""), "{}", answer.text());
    assert_eq!(site.outcomes(), ["stored"]);
    assert_eq!(received.try_iter().count(), 1, "what is new is told");
    site.requests();
    assert_eq!(site.refused(NEVER_MADE).await, (404, "no_picture".to_owned()));
    assert_eq!(site.outcomes(), ["already_done"]);
    let requests = site.requests();
    assert!(requests.iter().all(|one| !one.starts_with("PUT")), "{requests:?}");
    assert!(!requests.contains(&"GET /uploads/a.jpg".to_owned()), "{requests:?}");
    assert_eq!(site.refused("/w160/text.jpg").await, (415, "not_an_image".to_owned()));
    let answer = site.get("/w160/text.jpg").await;
    assert!(!answer.text().contains("74 65 78 74") && !answer.text().contains("0x"));
    assert_eq!(received.try_iter().count(), 0, "nothing new is stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_keys_are_taken_is_known_by_its_record() {
    let config = r#"
[endpoint]
bucket = "uploads"

[[rule]]
output = { key = "variants/{stem}/{variant}.{ext}", failure = "failures/{key}.json" }
variant = [{ name = "w16", width = 16, formats = ["jpeg"] }]
"#;
    let site = Site::start(config).await;
    site.bench.put("a.jpg", &photo(40, 30, 1)).await;
    site.bench.put("a.jpeg", &photo(40, 30, 2)).await;
    let made = site.get("/w16/a.jpg").await;
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(site.refused("/w16/a.jpeg").await, (409, "key_taken".to_owned()));
    site.requests();
    assert_eq!(site.refused("/w16/a.jpeg").await, (409, "key_taken".to_owned()));
    let mut requests = site.requests();
    requests.sort();
    requests.dedup();
    let expected = [
        "GET /uploads-variants/variants/a/w16.jpg",
        "HEAD /uploads-variants/failures/a.jpeg.json",
        "HEAD /uploads/a.jpeg",
    ];
    assert_eq!(requests, expected);
    assert_eq!(site.get("/w16/a.jpg").await.body, made.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_retires_an_original() {
    let config = CONFIG.replace("[[rule]]", "[[rule]]\noriginals = { after = \"delete\" }");
    let config = format!("{config}[limits]\nlate_request_ms = 1000\n");
    let site = Site::with(&config, |options| options.timeout = Duration::from_secs(3)).await;
    for key in ["a.jpg", "b.jpg"] {
        site.bench.put(key, &photo(200, 100, 1)).await;
        assert_eq!(site.get(&format!("/w160/{key}")).await.status, 200);
    }
    // Once the results of the second upload are old enough for it to go, so are the first one's.
    while site.bench.deliver("b.jpg", 2).await.0.original.is_none() {
        sleep(Duration::from_millis(200)).await;
    }
    assert_eq!(site.refused(NEVER_MADE).await, (404, "no_picture".to_owned()));
    assert_eq!(site.bench.keys(UPLOADS).await, ["a.jpg"]);
    let (line, _) = site.bench.deliver("a.jpg", 2).await;
    assert!(line.original.is_some(), "an event does: {line:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_s3_cannot_hold_are_no_pictures() {
    let site = Site::start(CONFIG).await;
    for bytes in [1010, 1025, 1100] {
        let key = format!("{}.jpg", "a".repeat(bytes - 4));
        assert_eq!(site.refused(&format!("/w160/{key}")).await, (404, "no_picture".to_owned()));
    }
    assert_eq!(site.requests(), [""; 0]);
}
