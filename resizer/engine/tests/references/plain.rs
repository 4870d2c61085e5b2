//! BMP and TIFF: the references of image-rs and of Go's image library.

use image::RgbaImage;
use resizer_engine::spec::Request;

use crate::files::{Set, as_it_is, difference, in_bytes};

/// Files that we see in another way, and why.
const OTHERWISE: [&str; 4] = [
    // Alpha masks beside uncompressed pixels, which browsers and Pillow pass over.
    "V5_A8_R8_G8_B8_Rgb.bmp",
    // All alphas are 0, so that for browsers and Pillow none counts.
    "V3_A1_R5_G5_B5.bmp",
    // Pixels that runs skip are black there, and of the first color for Pillow and ImageMagick.
    "pal4rlecut.bmp",
    "pal4rletrns.bmp",
];

/// Files whose colors are multiplied with alpha, and whose references leave them so.
const PREMULTIPLIED: [&str; 2] = ["__hpredict.tiff", "__hpredict_packbits.tiff"];

/// What colors are without their alpha. TIFF 6.0, section 18.
fn divided(mut picture: RgbaImage) -> RgbaImage {
    for pixel in picture.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0.map(u32::from);
        let part = |color: u32| (color * 255 + alpha / 2).checked_div(alpha).unwrap_or(0) as u8;
        pixel.0 = [part(red), part(green), part(blue), alpha as u8];
    }
    picture
}

/// Compares files with PNGs of the same picture; how many were supported, how many not.
fn check(set: &Set, pairs: &[(String, String)]) -> [usize; 2] {
    let (mut counts, mut far) = ([0, 0], Vec::new());
    for (name, reference) in pairs {
        if OTHERWISE.iter().any(|known| name.ends_with(known)) {
            continue;
        }
        match as_it_is(&set.read(name), Request::default()) {
            Ok(ours) => {
                counts[0] += 1;
                let mut expected = in_bytes(&set.picture(reference));
                if PREMULTIPLIED.iter().any(|known| name.ends_with(known)) {
                    expected = divided(expected);
                }
                let found = difference(&ours, &expected);
                if found.largest > 0 {
                    far.push(format!("{name}: {found:?}"));
                }
            }
            Err(reject) if reject.code() == "unsupported" => counts[1] += 1,
            Err(reject) => far.push(format!("{name}: {reject}")),
        }
    }
    assert!(far.is_empty(), "{far:#?}");
    counts
}

fn pairs_of_image_rs(set: &Set, end: &str) -> Vec<(String, String)> {
    let references = set.names(&format!("{end}.png"));
    let pair = |reference: String| {
        let name = reference.replace("tests__reference__", "tests__images__");
        (name.strip_suffix(".png").expect("it ends so").to_owned(), reference)
    };
    references.into_iter().map(pair).filter(|(name, _)| set.has(name)).collect()
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn bmp_references_of_image_rs_are_met_exactly() {
    let set = Set::find("image-rs-image");
    assert_eq!(check(&set, &pairs_of_image_rs(&set, ".bmp")), [25, 0]);
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn tiff_references_of_image_rs_are_met_exactly() {
    let set = Set::find("image-rs-image");
    // Two are of floating-point samples.
    assert_eq!(check(&set, &pairs_of_image_rs(&set, ".tiff")), [4, 2]);
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn bmp_and_tiff_of_go_show_what_their_twins_show() {
    let set = Set::find("golang-image");
    let pairs = [
        ("bmp_1bpp.bmp", "bmp_1bpp.png"),
        ("bmp_4bpp.bmp", "bmp_4bpp.png"),
        ("colormap-0.bmp", "colormap-0.png"),
        ("colormap-251.bmp", "colormap-251.png"),
        ("colormap.bmp", "colormap.png"),
        ("yellow_rose-small-v5.bmp", "yellow_rose-small-v5.png"),
        ("bw-gopher_ccittGroup3.tiff", "bw-gopher.png"),
        ("bw-gopher_ccittGroup4.tiff", "bw-gopher.png"),
    ];
    let pairs = pairs.map(|(name, reference)| (name.to_owned(), reference.to_owned()));
    assert_eq!(check(&set, &pairs), [8, 0]);
}
