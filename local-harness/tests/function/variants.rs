//! What is stored for good uploads: sizes, formats, places, headers, manifest.

use fixtures::scene::is_upright;
use resizer::manifest::Manifest;

use crate::support::{Bench, Stored, UPLOADS, VARIANTS, photo};

fn size(stored: &Stored) -> (u32, u32) {
    let picture = stored.picture();
    (picture.width(), picture.height())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_comes_back_in_five_widths() {
    let mut bench = Bench::start().await;
    bench.put("in/lake.jpg", &photo(2000, 1500, 1)).await;
    let line = bench.line().await;
    assert_eq!(line.outcome, "stored");
    let source = line.source.expect("a source");
    assert_eq!((source.format.as_str(), source.width, source.height), ("JPEG", 2000, 1500));
    let expected = [(1080, 810), (160, 120), (1920, 1440), (320, 240), (640, 480)];
    let keys = bench.keys(VARIANTS).await;
    let names: Vec<String> =
        expected.iter().map(|(width, _)| format!("variants/in/lake.jpg/w{width}.jpg")).collect();
    assert_eq!(keys, names);
    for (key, expected) in keys.iter().zip(expected) {
        let stored = bench.get(VARIANTS, key).await;
        assert_eq!(stored.content_type, "image/jpeg");
        assert_eq!(size(&stored), expected, "{key}");
        assert!(is_upright(&stored.picture().to_rgb8()), "{key}");
        assert_eq!(stored.metadata["resizer-fingerprint"].len(), 16);
        assert_eq!(stored.metadata["resizer-source-etag"], source.etag);
        assert!(!stored.bytes.windows(4).any(|window| window == b"Exif"), "{key} has no EXIF");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_on_their_side_come_back_upright_and_without_their_position() {
    let mut bench = Bench::start().await;
    let names: Vec<String> = (1..=8)
        .flat_map(|value| ["jpg", "png", "webp"].map(|end| format!("orientation-{value}.{end}")))
        .collect();
    let good = fixtures::good::all();
    for name in &names {
        let fixture = good.iter().find(|fixture| fixture.name == *name).expect("a fixture");
        bench.put(name, &fixture.bytes).await;
    }
    for line in bench.lines(names.len()).await {
        assert_eq!(line.outcome, "stored", "{}", line.key);
        let variant = line.variants.last().expect("variants");
        let stored = bench.get(&variant.bucket, &variant.key).await;
        assert_eq!(size(&stored), (variant.width, variant.height), "{}", line.key);
        assert!(is_upright(&stored.picture().to_rgb8()), "{}", line.key);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_of_any_kind_find_their_variants() {
    let mut bench = Bench::start().await;
    let keys = [
        "a b+ä/ü.jpg",
        "100%.jpg",
        "%2F%2e%2e.jpg",
        "/leading//double/",
        "../up/../../out.jpg",
        "🌅.jpg",
        "tab\tand\"quote\".jpg",
        "bell\u{7}.jpg",
        "&amp;<x>.jpg",
        "a",
    ];
    let picture = photo(40, 30, 2);
    for key in keys {
        bench.put(key, &picture).await;
    }
    let mut ended: Vec<String> = bench.lines(keys.len()).await.into_iter().map(|l| l.key).collect();
    ended.sort();
    let mut expected = keys.map(str::to_owned);
    expected.sort();
    assert_eq!(ended, expected);
    for key in keys {
        let stored = bench.get(VARIANTS, &format!("variants/{key}/w160.jpg")).await;
        assert_eq!(size(&stored), (40, 30), "{key}");
    }
    let count =
        bench.keys(VARIANTS).await.iter().filter(|key| key.starts_with("variants/")).count();
    assert_eq!(count, keys.len() * 5, "nothing lies elsewhere");
    // 1,024 bytes are a legal key, but its variants' would be longer.
    bench.put(&"k".repeat(1024), &picture).await;
    let line = bench.line().await;
    assert_eq!(line.outcome, "too_large");
    assert!(line.message.expect("a reason").contains("bytes in the key of a variant"));
    // A little shorter, and there is room for the record.
    let long = "k".repeat(1008);
    bench.put(&long, &picture).await;
    assert_eq!(bench.line().await.outcome, "too_large");
    let record = bench.get_json(VARIANTS, &format!("failures/{long}.json")).await;
    assert_eq!(record["code"], "too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configured_rule_decides_shape_place_and_headers() {
    let mut bench = Bench::with_config(
        r##"
[[rule]]
prefix = "avatars/"
[rule.output]
bucket = "uploads-variants"
key = "a/{dir}/{stem}-{variant}-{width}.{ext}"
manifest = "m/{key}.json"
versioned_urls = true
cache_control = "public, max-age=60"
[[rule.variant]]
name = "square"
width = 64
height = 64
fit = "cover"
gravity = "northwest"
formats = ["webp", "jpeg"]
[[rule.variant]]
name = "card"
width = 100
height = 50
fit = "pad"
background = "#ff0000"
formats = ["png"]
"##,
    )
    .await;
    bench.put("avatars/me.jpg", &photo(400, 300, 3)).await;
    bench.put("elsewhere/me.jpg", &photo(40, 30, 3)).await;
    let mut lines = bench.lines(2).await;
    lines.sort_by(|one, other| one.key.cmp(&other.key));
    assert_eq!(lines[1].outcome, "ignored_no_rule");

    let json = bench.get_json(VARIANTS, "m/avatars/me.jpg.json").await;
    let manifest: Manifest = serde_json::from_value(json).expect("a manifest");
    assert_eq!(manifest.variants, lines[0].variants);
    assert_eq!(manifest.source.key, "avatars/me.jpg");
    let keys: Vec<&str> = manifest.variants.iter().map(|variant| variant.key.as_str()).collect();
    let expected =
        ["a/avatars/me-square-64.webp", "a/avatars/me-square-64.jpg", "a/avatars/me-card-100.png"];
    assert_eq!(keys, expected);
    for variant in &manifest.variants {
        let stored = bench.get(&variant.bucket, &variant.key).await;
        assert_eq!(size(&stored), (variant.width, variant.height), "{}", variant.key);
        assert_eq!(stored.content_type, variant.media_type);
        assert_eq!(stored.bytes.len() as u64, variant.bytes);
        assert_eq!(stored.cache_control.as_deref(), Some("public, max-age=60"));
        let head = bench.harness.client.head_object().bucket(VARIANTS).key(&variant.key).send();
        let etag = head.await.expect("it is there").e_tag().unwrap_or_default().to_owned();
        let version = etag.trim_matches('"').get(..8).expect("an ETag");
        assert_eq!(variant.url, format!("{}?v={version}", variant.key));
    }
    let card = bench.get(VARIANTS, "a/avatars/me-card-100.png").await.picture().to_rgb8();
    assert_eq!(card.get_pixel(2, 25).0, [255, 0, 0], "the background left of the picture");
    assert_eq!(bench.keys(UPLOADS).await.len(), 2, "nothing is written beside the uploads");
}
