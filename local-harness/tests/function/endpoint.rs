//! Variants of rules over HTTP: made for the first request, stored, and served from then on.

use std::collections::BTreeSet;
use std::time::{SystemTime, UNIX_EPOCH};

use local_harness::proxy::{FaultKind, FaultPlan};

use crate::site::{KEYS, Site, signed};
use crate::support::{UPLOADS, VARIANTS, photo};
use crate::wire::{self, Answer};

const CONFIG: &str = r##"
[endpoint]
bucket = "uploads"
prefix = "photos/"

[[rule]]
prefix = "photos/"
variant = [
    { name = "w160", width = 160 },
    { name = "thumb", width = 32, formats = ["avif", "webp", "source"], cache_control = "max-age=7" },
]
"##;

#[tokio::test(flavor = "multi_thread")]
async fn a_variant_is_made_for_the_first_request_and_served_from_then_on() {
    let mut site = Site::start(CONFIG).await;
    let key = "photos/K\u{e4}se & Brot.jpg";
    site.bench.put(key, &photo(400, 300, 1)).await;
    site.requests();
    let path = "/w160/photos/K%C3%A4se%20%26%20Brot.jpg";
    let made = site.get(path).await;
    assert_eq!((made.status, made.header("content-type")), (200, Some("image/jpeg")));
    let stored = format!("variants/{key}/w160.jpg");
    assert_eq!(made.body, site.bench.get(VARIANTS, &stored).await.bytes);
    assert_eq!(site.outcomes(), ["stored"]);
    site.requests();

    let again = site.get(path).await;
    assert_eq!((again.status, &again.body), (200, &made.body));
    let place = "GET /uploads-variants/variants/photos/K%C3%A4se%20%26%20Brot.jpg/w160.jpg";
    assert_eq!(site.requests(), [place], "one request for what is stored");
    assert_eq!(site.outcomes(), [""; 0]);
    for (name, value) in
        [("cache-control", "public, max-age=86400"), ("x-content-type-options", "nosniff")]
    {
        assert_eq!(again.header(name), Some(value));
    }
    assert_eq!(again.header("vary"), None, "there is one format");

    // The validator is S3's own.
    let etag = again.header("etag").expect("an ETag").to_owned();
    let head = site.bench.harness.client.head_object().bucket(VARIANTS).key(&stored).send().await;
    assert_eq!(head.expect("it is stored").e_tag(), Some(etag.as_str()));
    let known = site.ask("GET", path, &[("If-None-Match", &format!("\"x\", W/{etag}"))]).await;
    assert_eq!((known.status, known.body.len()), (304, 0));
    let head = site.ask("HEAD", path, &[]).await;
    assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, Some(&*etag)));
    let post = site.ask("POST", path, &[]).await;
    assert_eq!((post.status, post.header("allow")), (405, Some("GET, HEAD")));

    // The key under which it is stored is a URL too, also with the version that manifests add.
    let by_key = format!("/{}?v=0123abcd", &place["GET /uploads-variants/".len()..]);
    assert_eq!(site.get(&by_key).await.body, made.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_gets_the_format_that_it_prefers() {
    let site = Site::start(CONFIG).await;
    site.bench.put("photos/a.jpg", &photo(60, 40, 1)).await;
    site.bench.put("photos/b.png", &png()).await;
    for (accept, media_type) in [
        ("image/avif,image/webp,image/*,*/*;q=0.8", "image/avif"),
        ("image/webp,*/*;q=0.8", "image/webp"),
        ("image/avif;q=0,image/webp;q=0.5,*/*;q=0.8", "image/jpeg"),
        ("*/*", "image/jpeg"),
    ] {
        let answer = site.ask("GET", "/thumb/photos/a.jpg", &[("Accept", accept)]).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(media_type)));
        assert_eq!(answer.header("vary"), Some("Accept"));
        assert_eq!(answer.header("cache-control"), Some("max-age=7"), "the object's own");
    }
    let png = site.ask("GET", "/thumb/photos/b.png", &[("Accept", "*/*")]).await;
    assert_eq!((png.status, png.header("content-type")), (200, Some("image/png")));
    let none = site.ask("GET", "/thumb/photos/a.jpg", &[("Accept", "text/html")]).await;
    assert_eq!((none.status, none.header("vary")), (406, Some("Accept")));
}

fn png() -> Vec<u8> {
    let picture = fixtures::scene::photograph(60, 40, 2);
    let mut file = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut file, image::ImageFormat::Png).expect("a PNG");
    file.into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_requests_at_once_make_it_once() {
    for environments in [1, 3] {
        let mut site = Site::with(CONFIG, |options| options.max_concurrency = environments).await;
        site.bench.put("photos/a.jpg", &photo(400, 300, 1)).await;
        let requests = (0..20).map(|_| site.get("/w160/photos/a.jpg"));
        let answers: Vec<Answer> = futures::future::join_all(requests).await;
        let distinct: BTreeSet<&[u8]> = answers.iter().map(|answer| &*answer.body).collect();
        assert!(answers.iter().all(|answer| answer.status == 200));
        assert_eq!(distinct.len(), 1);
        let made = site.outcomes().iter().filter(|outcome| *outcome == "stored").count();
        assert!((1..=environments).contains(&made), "{made} by {environments} environments");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_picture_is_refused_with_a_stable_code() {
    let config = format!("{CONFIG}[limits]\nmax_megapixels = 1\n");
    let mut site = Site::start(&config).await;
    let whole = photo(400, 300, 1);
    for (key, bytes) in [
        ("photos/text.jpg", &b"text"[..]),
        ("photos/cut.jpg", &whole[..whole.len() / 2]),
        ("photos/large.jpg", &photo(1200, 1000, 1)),
        ("elsewhere/a.jpg", &whole),
    ] {
        site.bench.put(key, bytes).await;
    }
    site.requests();
    for (path, status, code) in [
        ("/w160/photos/text.jpg", 415, "not_an_image"),
        ("/w160/photos/cut.jpg", 422, "malformed"),
        ("/w160/photos/large.jpg", 413, "too_large"),
    ] {
        assert_eq!(site.refused(path).await, (status, code.to_owned()), "{path}");
        assert_eq!(site.refused(path).await, (status, code.to_owned()), "{path}, by its record");
    }
    let outcomes = site.outcomes();
    assert_eq!(outcomes, ["not_an_image", "malformed", "too_large"], "once each");
    site.requests();
    assert_eq!(site.refused("/w160/photos/never.jpg").await, (404, "no_source".to_owned()));
    let mut asked = site.requests();
    asked.sort();
    let expected = [
        "GET /uploads-variants/variants/photos/never.jpg/w160.jpg",
        "HEAD /uploads-variants/failures/photos/never.jpg.json",
        "HEAD /uploads/photos/never.jpg",
    ];
    assert_eq!(asked, expected, "and nothing is written");
    for path in [
        "/",
        "/w160",
        "/w161/photos/a.jpg",
        "/w160/elsewhere/a.jpg",
        "/photos/a.jpg",
        "/variants/elsewhere/a.jpg/w160.jpg",
        "/failures/photos/text.jpg.json",
    ] {
        let (status, code) = site.refused(path).await;
        assert!(status == 404 || status == 400, "{path}: {status} {code}");
        assert_eq!(site.requests(), [""; 0], "{path}");
    }
    let answer = site.get("/w160/photos/never.jpg").await;
    assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fault_is_a_503_that_nobody_keeps() {
    let site = Site::start(CONFIG).await;
    site.bench.put("photos/a.jpg", &photo(40, 30, 1)).await;
    let requests = (0..1000).collect();
    site.bench.inject(FaultPlan::At { kind: FaultKind::SlowDown, requests });
    let answer = site.get("/w160/photos/a.jpg").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.text().contains("\"throttle\""), "{}", answer.text());
    site.bench.inject(FaultPlan::None);
    assert_eq!(site.get("/w160/photos/a.jpg").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_is_an_image_where_a_page_shows_it() {
    let config = CONFIG.replace("[endpoint]", "[endpoint]\nerror_image = \"#abcdef\"");
    let site = Site::start(&config).await;
    let path = "/w160/photos/never.jpg";
    let image = site.ask("GET", path, &[("Accept", "image/avif,image/*,*/*;q=0.8")]).await;
    assert_eq!((image.status, image.header("content-type")), (404, Some("image/svg+xml")));
    assert!(image.text().contains("#abcdef"), "{}", image.text());
    assert_eq!(image.header("vary"), Some("Accept"));
    let json = site.ask("GET", path, &[("Accept", "*/*")]).await;
    assert_eq!((json.status, json.header("content-type")), (404, Some("application/json")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_for_an_answer_is_redirected_to() {
    let config = "[endpoint]\nbucket = \"uploads\"\n[[rule]]\n\
                  variant = [{ name = \"full\", formats = [\"png\"] }]\n";
    let site = Site::start(config).await;
    // Nothing can be predicted in it, so that its PNG has all of its bytes.
    let mut seed = 1_u32;
    let noise = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    });
    let noise: Vec<u8> = noise.take(1400 * 1200 * 3).collect();
    let mut file = std::io::Cursor::new(Vec::new());
    let picture = image::RgbImage::from_raw(1400, 1200, noise).expect("so many pixels");
    picture.write_to(&mut file, image::ImageFormat::Bmp).expect("a BMP");
    site.bench.put("noise.bmp", file.get_ref()).await;
    let answer = site.get("/full/noise.bmp").await;
    assert_eq!((answer.status, answer.body.len()), (307, 0));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let location = answer.header("location").expect("a location");
    let rest = location.strip_prefix("http://").expect("a URL of the S3 that the function uses");
    let (address, path) = rest.split_once('/').expect("a path");
    let host = [("Host", address)];
    let address = address.parse().expect("an address");
    let stored = wire::send(address, &format!("GET /{path}"), &host, b"").await;
    assert_eq!(stored.status, 200);
    assert!(stored.body.len() > 4_500_000, "{} bytes", stored.body.len());
    assert_eq!(stored.body, site.bench.get(VARIANTS, "variants/noise.bmp/full.png").await.bytes);

    let config = config.replace("[[rule]]", "base_url = \"https://cdn.example.com/x/\"\n[[rule]]");
    let Site { bench, url } = site;
    drop(url);
    let bench = bench
        .under(|options| {
            options.is_watched = false;
            options.faults = Some(FaultPlan::None);
            options.env.push(("RESIZER_CONFIG".to_owned(), config));
            options.env.push(("RESIZER_SIGNING_KEYS".to_owned(), KEYS.to_owned()));
        })
        .await;
    let site = Site::around(bench).await;
    let answer = site.get("/full/noise.bmp").await;
    let location = "https://cdn.example.com/x/variants/noise.bmp/full.png";
    assert_eq!((answer.status, answer.header("location")), (307, Some(location)));
    assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
    // Whoever follows a redirect does not come to the same path again.
    let answer = site.get("/variants/noise.bmp/full.png").await;
    let location = answer.header("location").expect("a location");
    assert!(location.starts_with("http://"), "{location}");
    assert_eq!((answer.status, answer.header("cache-control")), (307, Some("no-store")));
    // A redirect of a signed URL works no longer than the URL.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let expiry = (now + 200).to_string();
    let path = "signed/noise.bmp";
    let answer = site.get(&signed("new", path, &[("format", "png"), ("exp", &expiry)])).await;
    let location = answer.header("location").expect("a location");
    assert!(location.starts_with("http://"), "{location}");
    let (_, seconds) = location.split_once("X-Amz-Expires=").expect("seconds");
    let seconds = seconds.split('&').next().and_then(|text| text.parse::<u64>().ok());
    assert!(seconds.is_some_and(|seconds| seconds <= 200), "{location}");
    assert_eq!((answer.status, answer.header("cache-control")), (307, Some("no-store")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_table_every_request_is_404() {
    let site = Site::start("").await;
    site.bench.put("a.jpg", &photo(40, 30, 1)).await;
    site.requests();
    assert_eq!(site.refused("/w160/a.jpg").await, (404, "endpoint_off".to_owned()));
    assert_eq!(site.requests(), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn variants_of_originals_that_went_are_served() {
    let config = CONFIG.replace("[[rule]]", "[[rule]]\noriginals = { after = \"delete\" }");
    let site = Site::start(&config).await;
    site.bench.put("photos/a.jpg", &photo(400, 300, 1)).await;
    let made = site.get("/w160/photos/a.jpg").await;
    assert_eq!(made.status, 200, "{}", made.text());
    site.bench.delete("photos/a.jpg").await;
    assert_eq!(site.get("/w160/photos/a.jpg").await.body, made.body);
    let keys = site.bench.keys(UPLOADS).await;
    assert!(keys.is_empty());
    assert_eq!(site.refused("/w160/photos/b.jpg").await, (404, "no_source".to_owned()));
}
