//! JPEG: the references of jpeg-decoder, made by libjpeg, within 2 levels; those of image-rs.

use resizer_engine::spec::{Request, Truncated};

use crate::files::{Set, as_it_is, difference, in_bytes};

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn references_of_jpeg_decoder_are_met_within_two_levels() {
    let set = Set::find("jpeg-decoder");
    let (mut compared, mut unsupported) = (0, 0);
    let mut far = Vec::new();
    for name in set.names(".jpg") {
        let reference = name.replace(".jpg", ".png");
        if !name.contains("__reftest__") || !set.has(&reference) {
            continue;
        }
        // It ends too early, which is accepted only where that is asked for.
        let is_cut = name.ends_with("partial_progressive.jpg");
        let truncated = if is_cut { Truncated::Accept } else { Truncated::Refuse };
        let ours = match as_it_is(&set.read(&name), Request { truncated, ..Request::default() }) {
            Ok(ours) => ours,
            Err(reject) if reject.code() == "unsupported" => {
                unsupported += 1;
                continue;
            }
            Err(reject) => {
                far.push(format!("{name}: {reject}"));
                continue;
            }
        };
        let found = difference(&ours, &in_bytes(&set.picture(&reference)));
        // libjpeg smooths blocks whose frequencies are missing.
        if found.largest > if is_cut { 8 } else { 2 } {
            far.push(format!("{name}: {found:?}"));
        }
        compared += 1;
    }
    assert!(far.is_empty(), "{far:#?}");
    // Three are lossless.
    assert_eq!((compared, unsupported), (31, 3), "pictures beside their reference");
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn references_of_image_rs_are_met_nearly() {
    let set = Set::find("image-rs-image");
    let mut compared = 0;
    for reference in set.names(".jpg.png") {
        let name = reference.replace("tests__reference__", "tests__images__");
        let name = name.strip_suffix(".png").expect("it ends so");
        let ours = as_it_is(&set.read(name), Request::default());
        let ours = ours.unwrap_or_else(|reject| panic!("{name} is good, not {reject}"));
        let found = difference(&ours, &in_bytes(&set.picture(&reference)));
        // Another decoder made them, which widens color in another way.
        assert!(found.largest <= 4 && found.mean < 0.2, "{name}: {found:?}");
        compared += 1;
    }
    assert_eq!(compared, 2, "pictures beside their reference");
}
