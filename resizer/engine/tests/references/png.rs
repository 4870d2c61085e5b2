//! PNG: all of PngSuite, and the pictures of image-rs.

use fixtures::png::chunks::checksum;
use resizer_engine::spec::Request;

use crate::files::{Set, as_it_is, difference, in_bytes};

/// What a file's gAMA chunk says, where that is not the curve of sRGB.
fn exponent(file: &[u8]) -> Option<f64> {
    let has = |name: &[u8]| file.windows(4).position(|part| part == name);
    if has(b"sRGB").is_some() || has(b"iCCP").is_some() {
        return None;
    }
    let at = has(b"gAMA")?;
    let bytes = *file.get(at + 4..)?.first_chunk()?;
    let exponent = f64::from(u32::from_be_bytes(bytes)) / 100_000.0;
    ((exponent * 2.2 - 1.0).abs() >= 0.05).then_some(exponent)
}

/// The same file without its gAMA chunk: with one of a name that says nothing.
fn without_exponent(file: &[u8]) -> Vec<u8> {
    let mut twin = file.to_vec();
    if let Some(at) = file.windows(4).position(|part| part == b"gAMA") {
        twin[at..at + 4].copy_from_slice(b"prVt");
        let sum = checksum(&twin[at..at + 8]);
        twin[at + 8..at + 12].copy_from_slice(&sum.to_be_bytes());
    }
    twin
}

/// A coded value under this exponent as one of sRGB.
fn in_srgb(value: u8, exponent: f64) -> u8 {
    let light = (f64::from(value) / 255.0).powf(1.0 / exponent);
    let coded =
        if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (coded * 255.0).round() as u8
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn pngsuite_is_decoded_exactly_and_its_broken_files_are_refused() {
    let set = Set::find("pngsuite");
    let (mut exact, mut converted, mut refused) = (0, 0, 0);
    for name in set.names(".png") {
        let file = set.read(&name);
        let ours = as_it_is(&file, Request::default());
        if name.starts_with('x') {
            let reject = ours.expect_err(&name);
            // Some have no signature any more.
            let code = reject.code();
            assert!(matches!(code, "malformed" | "not_an_image"), "{name}: {reject}");
            refused += 1;
            continue;
        }
        let ours = ours.unwrap_or_else(|reject| panic!("{name} is good, not {reject}"));
        let mut reference = in_bytes(&set.picture(&name));
        let stored = as_it_is(&without_exponent(&file), Request::default()).expect(&name);
        let found = difference(&stored, &reference);
        assert_eq!(found.largest, 0, "{name}: {found:?}");
        exact += 1;
        // Files that say how their numbers stand for light are shown by that.
        let Some(exponent) = exponent(&file) else { continue };
        for pixel in reference.pixels_mut() {
            pixel.0[..3].iter_mut().for_each(|value| *value = in_srgb(*value, exponent));
        }
        let found = difference(&ours, &reference);
        assert!(found.largest <= 2, "{name} in sRGB: {found:?}");
        converted += 1;
    }
    assert_eq!((exact, converted, refused), (155, 135, 14), "files");
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn references_of_image_rs_are_met_exactly() {
    let set = Set::find("image-rs-image");
    // Files that two sets have lie in one of them.
    let others = [("pngsuite", ""), ("image-png", "bugfixes__")];
    let others = others.map(|(name, start)| (Set::find(name), start));
    let mut compared = 0;
    for reference in set.names(".png.png") {
        let whole = reference.replace("tests__reference__", "tests__images__");
        let whole = whole.strip_suffix(".png").expect("it ends so");
        let last = whole.rsplit("__").next().expect("a name");
        let elsewhere = others.iter().filter_map(|(set, start)| {
            let name = format!("{start}{last}");
            set.has(&name).then(|| set.read(&name))
        });
        let own = set.has(whole).then(|| set.read(whole));
        let Some(file) = own.into_iter().chain(elsewhere).next() else { continue };
        let ours = as_it_is(&without_exponent(&file), Request::default());
        let ours = ours.unwrap_or_else(|reject| panic!("{whole} is good, not {reject}"));
        let found = difference(&ours, &in_bytes(&set.picture(&reference)));
        assert_eq!(found.largest, 0, "{whole}: {found:?}");
        compared += 1;
    }
    assert_eq!(compared, 13, "pictures beside their reference");
}
