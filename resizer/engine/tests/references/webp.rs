//! WebP: the references of image-webp and image-rs, which libwebp made.

use resizer_engine::spec::Request;

use crate::files::{Set, as_it_is, difference, in_bytes};

/// Each reference and its file: name of the set, what references and files begin with.
fn check(set: &str, reference_start: &str, file_start: &str, end: &str) -> usize {
    let set = Set::find(set);
    let mut compared = 0;
    let mut far = Vec::new();
    for reference in set.names(end) {
        let Some(rest) = reference.strip_prefix(reference_start) else { continue };
        let rest = rest.strip_suffix(end).expect("it ends so");
        let name = format!("{file_start}{}.webp", rest.strip_suffix(".webp").unwrap_or(rest));
        if !set.has(&name) {
            continue;
        }
        let ours = as_it_is(&set.read(&name), Request::default());
        let ours = ours.unwrap_or_else(|reject| panic!("{name} is good, not {reject}"));
        let found = difference(&ours, &in_bytes(&set.picture(&reference)));
        // Frames that are blended are rounded once more.
        if found.largest > u8::from(name.contains("__anim.webp")) {
            far.push(format!("{name}: {found:?}"));
        }
        compared += 1;
    }
    assert!(far.is_empty(), "{far:#?}");
    compared
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn references_of_image_webp_are_met_exactly() {
    let still = check("image-webp", "reference__regression__", "images__regression__", ".png");
    let first = check("image-webp", "reference__animated__", "images__animated__", "-1.png");
    assert_eq!((still, first), (6, 2), "pictures beside their reference");
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn references_of_image_rs_are_met_exactly() {
    let start = "tests__reference__webp__";
    let compared = check("image-rs-image", start, "tests__images__webp__", ".webp.png");
    assert_eq!(compared, 7, "pictures beside their reference");
}
