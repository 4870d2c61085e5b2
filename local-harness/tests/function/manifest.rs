//! The manifest of one upload, every fact of it held against what is stored; and how results are
//! kept: tags, class, encryption, metadata.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{MetadataDirective, ServerSideEncryption, StorageClass};
use base64_simd::STANDARD as BASE64;
use fixtures::exif::ExifSpec;
use fixtures::gain_map::UltraHdr;
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::scene::photograph;
use percent_encoding::percent_decode_str;
use resizer::manifest::{Manifest, ManifestVariant};
use s3s::crypto::{Checksum, Md5, Sha256};
use serde_json::json;

use crate::support::{Bench, UPLOADS, VARIANTS};

const CONFIG: &str = r#"
[[rule]]
[rule.output]
naming = "laravel"
manifest = "m/{key}.json"
failure = "f/{key}.json"
base_url = "https://cdn.example.com/pictures"
versioned_urls = true
cache_control = "public, max-age=31536000, immutable"
tags = { team = "web", "cost center" = "Köln/4" }
storage_class = "STANDARD_IA"
kms_key = "alias/pictures"
copy_metadata = true

[[rule.variant]]
name = "large"
width = 320
formats = ["webp", "jpeg"]

[[rule.variant]]
name = "small"
width = 160
formats = ["webp", "jpeg"]

[[rule.variant]]
name = "square"
width = 64
height = 64
fit = "cover"
formats = ["png"]
cache_control = "no-store"
tags = {}
storage_class = "STANDARD"
kms_key = "11111111-2222-3333-4444-555555555555"
kms_bucket_key = false
copy_metadata = false
"#;

const KEY: &str = "albums/17/a & b, ü.jpg";
const MANIFEST: &str = "m/albums/17/a & b, ü.jpg.json";

/// 400x300 as stored, on its side.
fn picture() -> Vec<u8> {
    let exif = Some(ExifSpec { orientation: 6, ..ExifSpec::default() });
    jpeg(&photograph(400, 300, 5), &JpegOptions { exif, ..JpegOptions::default() })
}

async fn put(bench: &Bench, key: &str, body: Vec<u8>, metadata: &[(&str, String)]) {
    let put = bench.harness.client.put_object().bucket(UPLOADS).key(key);
    let put = metadata.iter().fold(put, |put, (name, value)| put.metadata(*name, value));
    put.body(ByteStream::from(body)).send().await.expect("an upload succeeds");
}

fn md5(bytes: &[u8]) -> String {
    Md5::checksum(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::checksum(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What S3 says of a result beside its bytes.
struct Kept {
    class: Option<StorageClass>,
    encryption: Option<ServerSideEncryption>,
    kms_key: Option<String>,
    bucket_key: Option<bool>,
    tags: Vec<(String, String)>,
    /// The uploader's metadata, without the function's own.
    metadata: BTreeMap<String, String>,
}

async fn kept(bench: &Bench, key: &str) -> Kept {
    let client = &bench.harness.client;
    let head = client.head_object().bucket(VARIANTS).key(key).send().await.expect("it is there");
    let tags = client.get_object_tagging().bucket(VARIANTS).key(key).send().await.expect("tags");
    let tags = tags.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
    let metadata = head.metadata().cloned().unwrap_or_default().into_iter();
    Kept {
        class: head.storage_class().cloned(),
        encryption: head.server_side_encryption().cloned(),
        kms_key: head.ssekms_key_id().map(str::to_owned),
        bucket_key: head.bucket_key_enabled(),
        tags: tags.collect(),
        metadata: metadata.filter(|(name, _)| !name.starts_with("resizer-")).collect(),
    }
}

fn tags() -> Vec<(String, String)> {
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    [("cost center", "Köln/4"), ("team", "web")].map(own).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fact_of_the_manifest_is_true() {
    let mut bench = Bench::with_config(CONFIG).await;
    let source = picture();
    put(&bench, KEY, source.clone(), &[("who", "Jörg".to_owned())]).await;
    let line = bench.line().await;
    assert_eq!(line.outcome, "stored", "{line:?}");

    let json = bench.get_json(VARIANTS, MANIFEST).await;
    let manifest: Manifest = serde_json::from_value(json).expect("a manifest");
    let facts = &manifest.source;
    assert_eq!((facts.bucket.as_str(), facts.key.as_str()), (UPLOADS, KEY));
    assert_eq!((facts.width, facts.height, facts.format.as_str()), (300, 400, "JPEG"));
    assert_eq!((facts.bytes, &facts.sha256), (source.len() as u64, &sha256(&source)));
    let head = bench.harness.client.head_object().bucket(UPLOADS).key(KEY).send().await;
    let etag = head.expect("it is there").e_tag().unwrap_or_default().trim_matches('"').to_owned();
    assert_eq!(facts.etag, etag);
    assert_eq!((&line.source.expect("facts"), &line.variants), (facts, &manifest.variants));

    let mut keys: BTreeSet<String> = BTreeSet::from([MANIFEST.to_owned()]);
    for variant in &manifest.variants {
        let stored = bench.get(&variant.bucket, &variant.key).await;
        let picture = stored.picture();
        assert_eq!((picture.width(), picture.height()), (variant.width, variant.height));
        assert_eq!(
            (stored.bytes.len() as u64, &stored.content_type),
            (variant.bytes, &variant.media_type)
        );
        assert_eq!(variant.sha256, sha256(&stored.bytes), "{}", variant.key);
        assert_eq!(stored.metadata["resizer-fingerprint"], manifest.fingerprint);
        assert_eq!(found_at(&variant.url), variant.key);
        // KMS makes ETags something else.
        let version = variant.url.split_once("?v=").expect("a version").1;
        assert_eq!(version, &md5(&stored.bytes)[..8], "{}", variant.key);
        keys.insert(variant.key.clone());
    }
    assert_eq!(bench.keys(VARIANTS).await, keys.into_iter().collect::<Vec<_>>());
    let sizes: Vec<_> = manifest.variants.iter().map(|v| (v.name.as_str(), v.height)).collect();
    let expected = [("large", 400), ("large", 400), ("small", 213), ("small", 213), ("square", 64)];
    assert_eq!(sizes, expected, "no variant is enlarged");

    check_responsive(&manifest);
    let placeholders = manifest.placeholders.as_ref().expect("a manifest has them");
    let thumbhash = BASE64.decode_to_vec(&placeholders.thumbhash).expect("base64");
    assert!((5..=25).contains(&thumbhash.len()) && thumbhash[4] >> 7 == 0, "a portrait");
    assert_eq!(placeholders.blurhash.len(), 28);
    let [hash, digits @ ..] = placeholders.dominant.as_bytes() else { panic!("a color") };
    assert!(*hash == b'#' && digits.len() == 6 && digits.iter().all(u8::is_ascii_hexdigit));

    // The same upload once more: the same bytes, which an application gets as its answer too.
    let before = bench.get(VARIANTS, MANIFEST).await.bytes;
    let answer = bench.invoke(&json!({"bucket": UPLOADS, "key": KEY})).await.expect("a manifest");
    assert_eq!(serde_json::from_value::<Manifest>(answer).expect("a manifest"), manifest);
    assert!(bench.get(VARIANTS, MANIFEST).await.bytes == before);
}

/// The key that a URL of the manifest asks the site for.
fn found_at(url: &str) -> String {
    let path = url.strip_prefix("https://cdn.example.com/pictures/").expect("below the base");
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    assert!(
        path.bytes().all(|byte| byte.is_ascii_graphic() && !b",\"<>&?#".contains(&byte)),
        "{path}"
    );
    percent_decode_str(path).decode_utf8().expect("UTF-8").into_owned()
}

/// What the sets offer is what is there, and nothing twice.
fn check_responsive(manifest: &Manifest) {
    let [whole, square] = &manifest.responsive[..] else { panic!("two sets") };
    assert_eq!((whole.width, whole.height, square.width), (300, 400, 64));
    let of = |key: &str| -> &ManifestVariant {
        manifest.variants.iter().find(|variant| variant.key == key).expect("one of the variants")
    };
    for (set, formats) in [(whole, vec!["image/jpeg", "image/webp"]), (square, vec!["image/png"])] {
        assert_eq!(set.srcset.keys().collect::<Vec<_>>(), formats);
        for (format, candidates) in &set.srcset {
            let mut widths = Vec::new();
            for candidate in candidates.split(", ") {
                let (url, width) = candidate.split_once(' ').expect("a URL and a width");
                let variant = of(&found_at(url));
                assert_eq!(format!("{}w", variant.width), width);
                assert_eq!(&variant.media_type, format);
                assert!(set.picture.contains(candidates), "{}", set.picture);
                widths.push(variant.width);
            }
            assert!(widths.is_sorted_by(|one, other| one < other), "{widths:?}");
        }
    }
    let webp = whole.picture.find("image/webp").expect("a source of WebP");
    assert!(webp < whole.picture.find("<img ").expect("an image"), "{}", whole.picture);
    assert!(whole.picture.contains(r#"width="300" height="400""#), "{}", whole.picture);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_gain_map_is_said() {
    let config = "[[rule]]\nwidths = 100\nformats = [\"jpeg\", \"webp\"]\nhdr = \"keep\"\n\
                  output.manifest = \"m/{key}.json\"\n";
    let mut bench = Bench::with_config(config).await;
    put(&bench, "with.jpg", UltraHdr::default().file(), &[]).await;
    put(&bench, "without.jpg", picture(), &[]).await;
    bench.lines(2).await;
    for (key, expected) in
        [("with.jpg", [Some("kept"), Some("unsupported_format")]), ("without.jpg", [None, None])]
    {
        let manifest = bench.get_json(VARIANTS, &format!("m/{key}.json")).await;
        let said = |at: usize| manifest["variants"][at].get("gain_map")?.as_str();
        assert_eq!([said(0), said(1)], expected, "{key}: {manifest}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn results_are_kept_as_the_rule_says() {
    let mut bench = Bench::with_config(CONFIG).await;
    put(&bench, "a/b.jpg", picture(), &[("who", "me".to_owned())]).await;
    put(&bench, "a/bad.jpg", b"text".to_vec(), &[]).await;
    bench.lines(2).await;
    for variant in ["large.webp", "large.jpg", "small.webp", "small.jpg"] {
        let key = format!("a/conversions/b-{variant}");
        let kept = kept(&bench, &key).await;
        assert_eq!(kept.class, Some(StorageClass::StandardIa), "{key}");
        assert_eq!(kept.encryption, Some(ServerSideEncryption::AwsKms), "{key}");
        assert_eq!(
            (kept.kms_key.as_deref(), kept.bucket_key),
            (Some("alias/pictures"), Some(true))
        );
        assert_eq!(kept.tags, tags(), "{key}");
        assert_eq!(kept.metadata, BTreeMap::from([("who".to_owned(), "me".to_owned())]), "{key}");
        let cache_control = bench.get(VARIANTS, &key).await.cache_control;
        assert_eq!(cache_control.as_deref(), Some("public, max-age=31536000, immutable"));
    }
    let square = kept(&bench, "a/conversions/b-square.png").await;
    assert_eq!((square.class, square.tags), (None, Vec::new()), "as S3 reports the standard class");
    assert_eq!(square.kms_key.as_deref(), Some("11111111-2222-3333-4444-555555555555"));
    assert_eq!((square.bucket_key, square.metadata.len()), (Some(false), 0));
    // Records are tagged and encrypted, and else as records are.
    for key in ["m/a/b.jpg.json", "f/a/bad.jpg.json"] {
        let record = kept(&bench, key).await;
        assert_eq!((record.class, record.metadata.len(), record.tags), (None, 0, tags()), "{key}");
        assert_eq!(record.kms_key.as_deref(), Some("alias/pictures"), "{key}");
        assert_eq!(bench.get(VARIANTS, key).await.cache_control, None, "{key}");
    }
    let listing = bench.harness.client.list_objects_v2().bucket(VARIANTS).send().await;
    let listing = listing.expect("a listing");
    let cold = listing
        .contents()
        .iter()
        .filter(|one| one.storage_class().is_some_and(|class| class.as_str() == "STANDARD_IA"));
    assert_eq!(cold.count(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_follows_its_source_as_far_as_there_is_room() {
    // Nothing happens but what this test sends: the copy below has no event of its own.
    let bench = Bench::quiet(CONFIG, |_| {}).await;
    // 2,048 bytes of names and values are what S3 takes, and leave no room for the function's own.
    let long = "x".repeat(2048 - "a".len() - "b".len() - "1".len());
    let metadata = [("a", "1".to_owned()), ("b", long)];
    put(&bench, "a/b.jpg", picture(), &metadata).await;
    let (line, _) = bench.deliver("a/b.jpg", 1).await;
    assert_eq!((line.outcome.as_str(), line.dropped_metadata), ("stored", vec!["b".to_owned()]));
    let key = "a/conversions/b-small.jpg";
    let one = |value: &str| BTreeMap::from([("a".to_owned(), value.to_owned())]);
    assert_eq!(kept(&bench, key).await.metadata, one("1"));

    // A backfill finds everything in order, and what is not.
    let task = json!({"taskId": "t", "s3BucketArn": format!("arn:aws:s3:::{UPLOADS}"), "s3Key": "a/b.jpg"});
    let job = json!({
        "invocationSchemaVersion": "1.0", "invocationId": "i", "job": {"id": "j"}, "tasks": [task],
    });
    let outcome = async |bench: &Bench| {
        let answer = bench.invoke(&job).await.expect("an answer");
        let text = answer["results"][0]["resultString"].as_str().expect("a text").to_owned();
        text.split(':').next().unwrap_or_default().to_owned()
    };
    assert_eq!(outcome(&bench).await, "already_done");

    // Other metadata on the same bytes: the ETag stays, and the metadata of the variants do not.
    let copy = bench.harness.client.copy_object().bucket(UPLOADS).key("a/b.jpg");
    let copy = copy.copy_source(format!("{UPLOADS}/a/b.jpg")).metadata("a", "2");
    copy.metadata_directive(MetadataDirective::Replace).send().await.expect("a copy");
    assert_eq!(outcome(&bench).await, "stored");
    assert_eq!(kept(&bench, key).await.metadata, one("2"));
    assert_eq!(outcome(&bench).await, "already_done");
}
