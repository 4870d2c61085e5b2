//! The point that an uploader names in the user metadata of an object.

use aws_sdk_s3::primitives::ByteStream;
use fixtures::jpeg::{JpegOptions, jpeg};
use image::{Rgb, RgbImage};

use crate::support::{Bench, UPLOADS, VARIANTS};

const CONFIG: &str = r#"
[[rule]]
[[rule.variant]]
name = "square"
width = 40
height = 40
fit = "cover"
formats = ["png"]
"#;
const VARIANT: &str = "variants/wide.jpg/square.png";

/// 160x40: red on the left, blue on the right.
fn halves() -> Vec<u8> {
    let color = |x, _| if x < 80 { Rgb([220, 0, 0]) } else { Rgb([0, 0, 220]) };
    jpeg(&RgbImage::from_fn(160, 40, color), &JpegOptions::default())
}

async fn put(bench: &Bench, focal_point: Option<&str>) {
    let put = bench.harness.client.put_object().bucket(UPLOADS).key("wide.jpg");
    let put = focal_point.iter().fold(put, |put, point| put.metadata("focal-point", *point));
    put.body(ByteStream::from(halves())).send().await.expect("an upload succeeds");
}

/// Whether the left and the right edge of the variant are red.
async fn red_edges(bench: &Bench) -> [bool; 2] {
    let picture = bench.get(VARIANTS, VARIANT).await.picture().to_rgb8();
    [2, 37].map(|x| picture.get_pixel(x, 20)[0] > 120)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_crop_keeps_the_point_that_the_upload_names() {
    let mut bench = Bench::with_config(CONFIG).await;
    // The same bytes each time, within one second: the point alone tells the uploads apart.
    let cases = [
        (None, [true, false]),
        (Some("1,0.5"), [false, false]),
        (Some("0.1, 0.5"), [true, true]),
        (Some("left"), [true, false]),
    ];
    for (point, expected) in cases {
        put(&bench, point).await;
        assert_eq!(bench.line().await.outcome, "stored", "{point:?}");
        assert_eq!(red_edges(&bench).await, expected, "{point:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_delivery_of_an_upload_with_a_point_finds_it_done() {
    let bench = Bench::quiet(CONFIG, |_| {}).await;
    put(&bench, Some("1,0.5")).await;
    let (first, _) = bench.deliver("wide.jpg", 1).await;
    let (second, _) = bench.deliver("wide.jpg", 2).await;
    assert_eq!((&*first.outcome, &*second.outcome), ("stored", "already_done"));
    assert_eq!(red_edges(&bench).await, [false, false]);
}
