//! Pillow opens every variant of the demo's uploads and of all orientations, and compares it with
//! what the function's log says of it.

use std::path::Path;

use fixtures::upload_set::{Expect, demo_uploads};
use local_harness::upload_line::UploadLine;
use resizer::manifest::ManifestVariant;
use serde_json::{Value, json};

use crate::support::Bench;
use crate::tools::{Tools, stdout_of};

/// Uploads whose alpha their variants keep.
const WITH_ALPHA: [&str; 3] = ["art/logo.png", "art/oval.webp", "art/balloon.gif"];
const GRAY: &str = "photos/gray.jpg";
/// Its marks are one pixel wide, which halved chroma planes wash out.
const TINY: &str = "icons/tiny.jpg";

fn uploads() -> Vec<(String, Vec<u8>)> {
    let demo = demo_uploads().into_iter().filter(|upload| upload.expect == Expect::Variants);
    let demo = demo.map(|upload| (upload.key, upload.bytes));
    let good = fixtures::good::all().into_iter();
    let turned = good.filter(|fixture| fixture.name.starts_with("orientation-"));
    demo.chain(turned.map(|fixture| (fixture.name, fixture.bytes))).collect()
}

/// What Pillow must find.
fn expected(upload: &UploadLine, variant: &ManifestVariant, file: &Path) -> Value {
    let key = upload.key.as_str();
    let mode = match key {
        GRAY => "L",
        _ if WITH_ALPHA.contains(&key) => "RGBA",
        _ => "RGB",
    };
    json!({
        "file": file,
        "format": variant.media_type.strip_prefix("image/").map(str::to_uppercase),
        "size": [variant.width, variant.height],
        "mode": mode,
        // Gray has no red bar, and the pictures with alpha are other ones.
        "landscape": mode == "RGB" && key != TINY,
    })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other people's tools: cargo interop"]
async fn pillow_finds_every_variant_as_the_log_says() {
    let tools = Tools::get();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut bench = Bench::start().await;
    let uploads = uploads();
    for (key, bytes) in &uploads {
        bench.put(key, bytes).await;
    }
    let mut manifest = Vec::new();
    for upload in bench.lines(uploads.len()).await {
        assert_eq!(upload.outcome, "stored", "{}", upload.key);
        for variant in &upload.variants {
            let file = folder.path().join(manifest.len().to_string());
            let stored = bench.get(&variant.bucket, &variant.key).await;
            std::fs::write(&file, stored.bytes).expect("a file");
            manifest.push(expected(&upload, variant, &file));
        }
    }
    assert_eq!(manifest.len(), (15 + 24) * 5, "15 of the demo's uploads, 24 orientations");
    let path = folder.path().join("manifest.json");
    std::fs::write(&path, Value::from(manifest.clone()).to_string()).expect("a file");
    let printed = stdout_of(tools.script("variants.py").arg(&path)).await;
    let found: Value = serde_json::from_str(&printed).expect("the script prints JSON");
    assert_eq!(found["problems"], json!([]));
    assert_eq!(found["opened"], manifest.len());
    // All but the gray one, the tiny one, the three with alpha, and two low ones of the panorama.
    assert_eq!(found["upright"], (15 - 5 + 24) * 5 - 2);
}
