//! The gates before pixels: each measure has its own limit, and its refusal tells both.

use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::scene::photograph;
use resizer_engine::error::{Quantity, Reject};
use resizer_engine::limits::Limits;
use resizer_engine::pipeline::render;
use resizer_engine::spec::VariantSpec;

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
            Reject::TooLarge { quantity, value, limit }
        );
    }
    let limits = Limits { max_memory_bytes: 10_000, ..generous };
    let refusal = render(&source, &vec![VariantSpec::default()].into(), &limits);
    let Err(Reject::TooLarge { quantity, value, limit }) = refusal else {
        panic!("3,072 pixels do not fit into 10,000 bytes: {refusal:?}");
    };
    assert_eq!((quantity, limit), (Quantity::MemoryBytes, 10_000));
    assert!(value > 3 * 3072, "at least the raster: {value}");
}
