//! The gates before pixels: each measure has its own limit, and its refusal tells both.

use fixtures::hostile::all;
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::scene::photograph;
use resizer_engine::spec::{Animation, OutputFormat, Request, VariantSpec};
use resizer_engine::{Limits, Quantity, Reject, RenderError, render};

use crate::support::as_format;

#[test]
fn each_limit_refuses_with_what_was_measured() {
    let source = jpeg(&photograph(64, 48, 1), &JpegOptions::default());
    let generous = Limits::default();
    for (limits, quantity, value, limit) in [
        (Limits { max_pixels: 3071, ..generous }, Quantity::Pixels, 3072, 3071),
        (Limits { max_side: 63, ..generous }, Quantity::SidePixels, 64, 63),
        (Limits { max_scans: 0, ..generous }, Quantity::Scans, 1, 0),
    ] {
        let refusal = render(&source, &vec![VariantSpec::default()].into(), &limits);
        assert_eq!(
            refusal.expect_err("over the limit"),
            RenderError::Rejected(Reject::TooLarge { quantity, value, limit })
        );
    }
    let limits = Limits { max_memory_bytes: 10_000, ..generous };
    let refusal = render(&source, &vec![VariantSpec::default()].into(), &limits);
    let Err(RenderError::Rejected(Reject::TooLarge { quantity, value, limit })) = refusal else {
        panic!("3,072 pixels do not fit into 10,000 bytes: {refusal:?}");
    };
    assert_eq!((quantity, limit), (Quantity::MemoryBytes, 10_000));
    assert!(value > 3 * 3072, "at least the raster: {value}");
}

/// Which measure of a file that is made to hurt is over its limit; none where it has variants.
fn refused(name: &str, request: &Request) -> Option<Quantity> {
    let file = all().into_iter().find(|file| file.name == name).expect("it is one of them");
    match render(&file.bytes, request, &Limits::default()) {
        Ok(_) => None,
        Err(RenderError::Rejected(Reject::TooLarge { quantity, .. })) => Some(quantity),
        Err(reject) => panic!("{name}: {reject}"),
    }
}

#[test]
fn headers_that_say_too_much_are_refused_by_what_they_have_too_much_of() {
    let still: Request = vec![as_format(OutputFormat::Jpeg)].into();
    let moving = Request {
        animation: Animation::Animate,
        ..vec![VariantSpec { width: Some(40), ..as_format(OutputFormat::Webp) }].into()
    };
    for (name, request, quantity) in [
        ("AVIF of 65,280 tiles that are one item", &still, Quantity::Tiles),
        ("AVIF of 65,280 tiles and 40 lists of their alphas", &still, Quantity::Entries),
        ("AVIF of 4,096 small tiles", &still, Quantity::Tiles),
        ("AVIF of 20,000 frames", &still, Quantity::Frames),
        ("AVIF of 200,000 properties", &still, Quantity::Entries),
        ("JPEG of 200 scans", &still, Quantity::Scans),
        ("JPEG of 100 scans over 64 megapixels", &still, Quantity::ScanBlocks),
        ("AVIF sequence of 60,000 frames at one place", &still, Quantity::TileBytes),
        ("AVIF sequence of 10,000 frames", &moving, Quantity::Frames),
        ("GIF of 70,000 frames", &moving, Quantity::Frames),
        ("WebP of 20,000 frames", &moving, Quantity::Frames),
        ("JPEG XL of 20,000 frames", &moving, Quantity::Frames),
        ("JPEG XL with a profile of 16 EiB", &still, Quantity::ProfileBytes),
        ("JPEG XL with a coded profile of 1 TB", &still, Quantity::ProfileBytes),
    ] {
        assert_eq!(refused(name, request), Some(quantity), "{name}");
    }
    for name in [
        "AVIF of small tiles with alpha",
        "AVIF sequence of 10,000 frames",
        "AVIF sequence of four billion frames, of which three are there",
        "WebP of 200,000 chunks",
        "GIF of 70,000 frames",
        "JPEG XL of 20,000 frames",
    ] {
        assert_eq!(refused(name, &still), None, "{name}");
    }
}
