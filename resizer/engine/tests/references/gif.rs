//! GIF: the references of image-rs, first frames on their canvas.

use resizer_engine::spec::Request;

use crate::files::{Set, as_it_is, difference, in_bytes};

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn references_of_image_rs_are_met_exactly() {
    let set = Set::find("image-rs-image");
    let mut compared = 0;
    for reference in set.names(".gif.png") {
        let name = reference.replace("tests__reference__", "tests__images__");
        let name = name.strip_suffix(".png").expect("it ends so");
        let ours = as_it_is(&set.read(name), Request::default());
        let ours = ours.unwrap_or_else(|reject| panic!("{name} is good, not {reject}"));
        let theirs = in_bytes(&set.picture(&reference));
        // It crops a first frame that is larger than the screen; browsers and Pillow do not.
        let (width, height) = theirs.dimensions();
        let is_larger = name.contains("oversized") && (width, height) < ours.dimensions();
        let ours = if is_larger {
            image::imageops::crop_imm(&ours, 0, 0, width, height).to_image()
        } else {
            ours
        };
        let found = difference(&ours, &theirs);
        assert_eq!(found.largest, 0, "{name}: {found:?}");
        compared += 1;
    }
    assert_eq!(compared, 8, "pictures beside their reference");
}
