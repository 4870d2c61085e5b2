//! Signed URLs with free options: what they make, how long it counts, and who may ask.

use std::time::{SystemTime, UNIX_EPOCH};

use image::GenericImageView;
use local_harness::proxy::{FaultKind, FaultPlan};

use crate::site::{Site, signed};
use crate::support::{Stored, VARIANTS, photo};

const CONFIG: &str = r#"
[endpoint]
bucket = "uploads"
prefix = "photos/"
max_width = 500
formats = ["avif", "webp", "jpeg"]

[[rule]]
prefix = "photos/"
variant = [{ name = "w16", width = 16 }]
"#;

const PATH: &str = "signed/photos/a.jpg";

async fn site() -> Site {
    let site = Site::start(CONFIG).await;
    site.bench.put("photos/a.jpg", &photo(400, 300, 1)).await;
    site.requests();
    site
}

/// Seconds since 1970, so many from now.
fn at(seconds_from_now: i64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    (i64::try_from(now).expect("a time of this era") + seconds_from_now).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_carried_out_and_the_result_is_stored() {
    let site = site().await;
    for (parameters, media_type, size) in [
        (&[("w", "100")][..], "image/jpeg", (100, 75)),
        (&[("h", "30"), ("format", "webp")], "image/webp", (40, 30)),
        (
            &[("w", "50"), ("h", "50"), ("fit", "cover"), ("gravity", "0.1,0.5")],
            "image/jpeg",
            (50, 50),
        ),
        (&[("w", "50"), ("h", "50"), ("fit", "pad"), ("q", "30")], "image/jpeg", (50, 50)),
        (
            &[("w", "50"), ("h", "20"), ("fit", "exact"), ("gravity", "attention")],
            "image/jpeg",
            (50, 20),
        ),
        // Nothing is enlarged.
        (&[], "image/jpeg", (400, 300)),
    ] {
        let url = signed("new", PATH, parameters);
        let made = site.get(&url).await;
        assert_eq!(made.status, 200, "{url}: {}", made.text());
        assert_eq!(made.header("content-type"), Some(media_type), "{url}");
        let made_of = |answer: &crate::wire::Answer| Stored {
            bytes: answer.body.clone(),
            content_type: media_type.to_owned(),
            cache_control: None,
            metadata: Default::default(),
        };
        assert_eq!(made_of(&made).picture().dimensions(), size, "{url}");
        site.requests();
        let again = site.get(&url).await;
        assert_eq!((again.status, &again.body), (200, &made.body), "{url}");
        assert_eq!(again.header("etag"), made.header("etag"));
        let mut requests = site.requests();
        requests.sort();
        assert_eq!(requests.len(), 2, "{requests:?}");
        assert!(requests[0].starts_with("GET /uploads-variants/endpoint/"), "{requests:?}");
        assert_eq!(requests[1], "HEAD /uploads/photos/a.jpg");
        let etag = made.header("etag").expect("an ETag");
        assert_eq!(site.ask("GET", &url, &[("If-None-Match", etag)]).await.status, 304);
    }
    let keys = site.bench.keys(VARIANTS).await;
    assert_eq!(keys.len(), 6, "{keys:?}");
    assert!(keys.iter().all(|key| key.len() == "endpoint/".len() + 64), "{keys:?}");
    // The same URL under another key is the same picture.
    site.requests();
    assert_eq!(site.get(&signed("old", PATH, &[("w", "100")])).await.status, 200);
    assert_eq!(site.requests().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_may_choose_the_format() {
    let site = site().await;
    let url = signed("new", PATH, &[("w", "20"), ("format", "auto")]);
    for (accept, media_type) in [
        ("image/avif,image/webp,*/*", "image/avif"),
        ("image/webp,*/*", "image/webp"),
        ("*/*", "image/jpeg"),
    ] {
        let answer = site.ask("GET", &url, &[("Accept", accept)]).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)));
        assert_eq!(answer.header("vary"), Some("Accept"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn replaced_and_deleted_uploads_are_not_answered_with_what_was_made_of_them() {
    let site = site().await;
    let url = signed("new", PATH, &[("w", "20")]);
    let first = site.get(&url).await;
    site.bench.put("photos/a.jpg", &photo(200, 200, 2)).await;
    let second = site.get(&url).await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_ne!(first.body, second.body);
    assert_eq!(site.get(&url).await.body, second.body);
    assert_eq!(site.bench.keys(VARIANTS).await.len(), 1, "it is stored in the same place");
    site.bench.delete("photos/a.jpg").await;
    assert_eq!(site.refused(&url).await, (404, "no_source".to_owned()));
    site.bench.put("photos/a.jpg", b"text").await;
    assert_eq!(site.refused(&url).await, (415, "not_an_image".to_owned()));
    // What somebody else put in its place is not served, and does not stay.
    site.bench.put("photos/a.jpg", &photo(200, 200, 2)).await;
    let key = site.bench.keys(VARIANTS).await.remove(0);
    let put = site.bench.harness.client.put_object().bucket(VARIANTS).key(&key);
    put.content_type("image/jpeg").body(first.body.into()).send().await.expect("a put");
    assert_eq!(site.get(&url).await.body, second.body);
    assert_eq!(site.bench.get(VARIANTS, &key).await.bytes, second.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_expires_and_is_kept_no_longer() {
    let site = site().await;
    let (soon, past) = (at(1000), at(-1));
    let good = site.get(&signed("new", PATH, &[("w", "20"), ("exp", &soon)])).await;
    assert_eq!(good.status, 200);
    let kept = good.header("cache-control").expect("a header").to_owned();
    let seconds: u64 = kept["public, max-age=".len()..].parse().expect("seconds");
    assert!((900..=1000).contains(&seconds), "{kept}");
    for expiry in [past.as_str(), "0", "never", "99999999999999999999999999"] {
        let url = signed("new", PATH, &[("w", "20"), ("exp", expiry)]);
        assert_eq!(site.refused(&url).await, (410, "expired".to_owned()), "{expiry}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_cannot_be_stored_is_answered_nevertheless() {
    let site = site().await;
    // After the HEAD of the upload, and the GETs of the result and of the upload.
    site.bench.inject(FaultPlan::At { kind: FaultKind::SlowDown, requests: (3..1000).collect() });
    let answer = site.get(&signed("new", PATH, &[("w", "20")])).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(site.bench.keys(VARIANTS).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn variants_of_rules_need_a_signature_where_the_configuration_says_so() {
    let config = CONFIG.replace("[endpoint]", "[endpoint]\nnamed = \"signed\"");
    let site = Site::start(&config).await;
    site.bench.put("photos/a.jpg", &photo(40, 30, 1)).await;
    assert_eq!(site.get(&signed("old", "w16/photos/a.jpg", &[])).await.status, 200);
    let stored = "variants/photos/a.jpg/w16.jpg";
    assert_eq!(site.get(&signed("new", stored, &[("v", "0123abcd")])).await.status, 200);
    site.requests();
    for path in ["/w16/photos/a.jpg".to_owned(), format!("/{stored}")] {
        assert_eq!(site.refused(&path).await, (403, "signature".to_owned()), "{path}");
    }
    let moved = signed("new", "w16/photos/a.jpg", &[]).replace("w16/", "w17/");
    assert_eq!(site.refused(&moved).await, (403, "signature".to_owned()));
    assert_eq!(site.requests(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_in_the_place_of_results_is_ignored() {
    let config = "[endpoint]\nbucket = \"uploads\"\nresults_bucket = \"uploads\"\n\
                  results_prefix = \"made/\"\n[[rule]]\nvariant = [{ width = 16 }]\n";
    let mut site = Site::start(config).await;
    site.bench.put("made/a.jpg", &photo(40, 30, 1)).await;
    site.bench.put("a.jpg", &photo(40, 30, 1)).await;
    site.requests();
    let (line, comes_back) = site.bench.deliver("made/a.jpg", 1).await;
    assert_eq!((line.outcome.as_str(), comes_back), ("ignored_own_key", false));
    for path in ["/w16/made/a.jpg".to_owned(), signed("new", "signed/made/a.jpg", &[])] {
        assert_eq!(site.refused(&path).await, (404, "no_picture".to_owned()), "{path}");
    }
    assert_eq!(site.requests(), [""; 0]);
    // What it stores beside uploads starts nothing.
    assert_eq!(site.get(&signed("new", "signed/a.jpg", &[("w", "8")])).await.status, 200);
    let key = site.bench.keys("uploads").await.into_iter().find(|key| key.len() > 60);
    let (line, _) = site.bench.deliver(&key.expect("it is stored"), 1).await;
    assert_eq!(line.outcome, "ignored_own_key");
    site.outcomes();
}
