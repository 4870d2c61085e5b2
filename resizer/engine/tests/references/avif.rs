//! AVIF: turned by its boxes and by nothing else, once; the sets of libavif and of Microsoft.

use std::collections::BTreeMap;

use image::RgbaImage;
use image::imageops::{flip_horizontal, flip_vertical, rotate90, rotate180, rotate270};
use resizer_engine::spec::Request;

use crate::files::{Set, as_it_is, difference};

fn picture(source: &[u8], name: &str) -> RgbaImage {
    let ours = as_it_is(source, Request::default());
    ours.unwrap_or_else(|reject| panic!("{name} is good, not {reject}"))
}

/// The same file with another name for a property, which is then of no meaning.
fn renamed(source: &[u8], from: &[u8; 4], to: &[u8; 4]) -> Vec<u8> {
    let mut twin = source.to_vec();
    let at = source.windows(4).position(|name| name == from).expect("a box of this name");
    twin[at..at + 4].copy_from_slice(to);
    twin
}

/// The same file with another value of a property of one byte.
fn set(source: &[u8], property: &[u8; 4], value: u8) -> Vec<u8> {
    let mut twin = source.to_vec();
    let at = source.windows(4).position(|name| name == property).expect("a box of this name");
    twin[at + 4] = value;
    twin
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn boxes_turn_an_avif_once_and_exif_does_not() {
    let of_microsoft = Set::find("avif-microsoft");
    let name = "Ronda_rotate90.avif";
    let file = of_microsoft.read(name);
    let twin = picture(&renamed(&file, b"irot", b"free"), name);
    for (quarters, turned) in
        [(0, twin.clone()), (1, rotate270(&twin)), (2, rotate180(&twin)), (3, rotate90(&twin))]
    {
        let ours = picture(&set(&file, b"irot", quarters), name);
        assert!(ours == turned, "{quarters} quarters against the clock");
    }
    // The box is as long as the one that mirrors.
    let mirrored = renamed(&file, b"irot", b"imir");
    assert!(picture(&set(&mirrored, b"imir", 0), name) == flip_vertical(&twin), "top and bottom");
    assert!(picture(&set(&mirrored, b"imir", 1), name) == flip_horizontal(&twin), "left and right");
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn a_turn_and_a_mirroring_are_done_in_their_order() {
    let of_libavif = Set::find("libavif");
    let name = "clap_irot_imir_non_essential.avif";
    let file = of_libavif.read(name);
    let free = |source: &[u8], property| renamed(source, property, b"free");
    let twin = picture(&free(&free(&file, b"irot"), b"imir"), name);
    let value = |property: &[u8; 4]| {
        let at = file.windows(4).position(|name| name == property).expect("a box of this name");
        file[at + 4]
    };
    let turned = match value(b"irot") & 3 {
        0 => twin.clone(),
        1 => rotate270(&twin),
        2 => rotate180(&twin),
        _ => rotate90(&twin),
    };
    let expected =
        if value(b"imir") & 1 == 0 { flip_vertical(&turned) } else { flip_horizontal(&turned) };
    assert!(picture(&file, name) == expected, "both");
    assert!(picture(&free(&file, b"imir"), name) == turned, "the turn alone");
}

/// Which outcomes a set has, and each file of some of them.
fn outcomes(set: &str) -> BTreeMap<&'static str, usize> {
    let set = Set::find(set);
    let mut outcomes = BTreeMap::new();
    for name in set.names(".avif") {
        let outcome = match as_it_is(&set.read(&name), Request::default()) {
            Ok(_) => "variants",
            Err(reject) => {
                println!("{name}: {reject}");
                reject.code()
            }
        };
        *outcomes.entry(outcome).or_insert(0) += 1;
    }
    outcomes
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn files_of_other_encoders_become_variants() {
    // One is of constant luminance.
    let of_microsoft = BTreeMap::from([("unsupported", 1), ("variants", 12)]);
    assert_eq!(outcomes("avif-microsoft"), of_microsoft);
    // Of one the alpha has no size.
    let of_libavif = BTreeMap::from([("malformed", 1), ("variants", 55)]);
    assert_eq!(outcomes("libavif"), of_libavif);
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn sketches_show_what_their_png_shows() {
    let of_libavif = Set::find("libavif");
    let reference = of_libavif.picture("draw_points.png").to_rgba8();
    for name in ["draw_points_idat.avif", "draw_points_idat_metasize0.avif"] {
        let found = difference(&picture(&of_libavif.read(name), name), &reference);
        assert!(found.largest <= 8 && found.mean < 0.5, "{name}: {found:?}");
    }
}
