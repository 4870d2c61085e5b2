//! Variants whose format the picture decides.

use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use image::{Rgb, RgbImage};
use resizer::manifest::Manifest;

use crate::support::{Bench, VARIANTS};

const CONFIG: &str = r#"
[[rule]]
widths = [40, 120]
formats = ["auto", "jpeg"]
[rule.output]
manifest = "manifests/{key}.json"
"#;

fn bars() -> RgbImage {
    RgbImage::from_fn(120, 80, |x, _| if x / 15 % 2 == 0 { Rgb([9, 9, 90]) } else { Rgb([255; 3]) })
}

async fn put(bench: &Bench, picture: &RgbImage) {
    bench.put("picture.png", &png(&Samples::rgb(picture), &PngOptions::default())).await;
}

/// What the manifest says of each variant: key and media type.
async fn listed(bench: &Bench) -> Vec<[String; 2]> {
    let manifest = bench.get(VARIANTS, "manifests/picture.png.json").await.bytes;
    let manifest: Manifest = serde_json::from_slice(&manifest).expect("a manifest");
    let listed = manifest.variants.into_iter();
    listed.map(|variant| [variant.key, variant.media_type]).collect()
}

fn expected(extension: &str) -> Vec<[String; 2]> {
    let file = |width: u32, extension: &str, media_type: &str| {
        [format!("variants/picture.png/w{width}.{extension}"), format!("image/{media_type}")]
    };
    let of = |width: u32| [file(width, extension, extension), file(width, "jpg", "jpeg")];
    [of(40), of(120)].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_format_follows_the_picture_and_the_other_one_is_deleted() {
    let bench = Bench::quiet(CONFIG, |_| {}).await;
    for (picture, extension) in [(bars(), "webp"), (photograph(120, 80, 1), "avif")] {
        put(&bench, &picture).await;
        let (first, _) = bench.deliver("picture.png", 1).await;
        assert_eq!(first.outcome, "stored", "{extension}");
        assert_eq!(listed(&bench).await, expected(extension));
        let mut keys: Vec<String> = expected(extension).into_iter().map(|[key, _]| key).collect();
        keys.push("manifests/picture.png.json".to_owned());
        keys.sort();
        assert_eq!(bench.keys(VARIANTS).await, keys);
        let (second, _) = bench.deliver("picture.png", 2).await;
        assert_eq!(second.outcome, "already_done", "{extension}");
    }
}
