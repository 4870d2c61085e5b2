//! Gain maps of HEIC and AVIF, and Apple's maps. Variants are compared with the picture and the map
//! of the file, each of which is decoded as if it were the only picture.

use fixtures::gain_map::{heic_of_apple_with, heic_tone_mapped_with};
use fixtures::heic::plain;
use image::RgbImage;
use resizer_engine::spec::OutputColor;

use crate::files::{Parts, TOLERANCE, keeping, position, variant};
use crate::real::{Whole, read, whole};

/// The file with another item as its primary one.
fn with_primary(file: &[u8], id: u16) -> Vec<u8> {
    let start = position(file, b"pitm").expect("a primary item") + 8;
    [&file[..start], &id.to_be_bytes(), &file[start + 2..]].concat()
}

/// Apple's samples converted to stops, as fractions of the headroom.
fn in_stops(map: &RgbImage, headroom: f64) -> RgbImage {
    let mut map = map.clone();
    for sample in map.iter_mut() {
        let coded = f64::from(*sample) / 255.0;
        let light =
            if coded < 0.081 { coded / 4.5 } else { ((coded + 0.099) / 1.099).powf(1.0 / 0.45) };
        let stops = (1.0 + (headroom - 1.0) * light).log2();
        *sample = (stops / headroom.log2() * 255.0).round() as u8;
    }
    map
}

/// The variants that differ from the file by more than the tolerance. `map` is the ID of its item.
fn far_variants(name: &str, file: &[u8], map: u16, is_apple: bool) -> Vec<String> {
    let own = Parts::of(&variant(file, vec![keeping()]));
    let mut map = whole(&with_primary(file, map), OutputColor::Keep);
    if is_apple {
        map = in_stops(&map, own.gains.headrooms[1].exp2());
    }
    let is_colored = map.pixels().any(|pixel| pixel.0[0] != pixel.0[2]);
    let color = if is_colored { OutputColor::Keep } else { OutputColor::Srgb };
    let whole = Whole { picture: whole(file, color), map, gains: own.gains };
    // Apple's maps have many edges, of up to 3 stops.
    let more = if is_apple { 0.005 } else { 0.0 };
    whole.far_variants(name, file, TOLERANCE + more)
}

#[test]
#[cfg(feature = "heic")]
fn the_transforms_of_a_heic_change_its_map_as_well() {
    let turn = |quarters: u8| plain(b"irot", &[quarters]);
    let mirror = |axis: u8| plain(b"imir", &[axis]);
    // 80 by 48 pixels in the middle, moved by 4 and -6.
    let numbers = [80, 1, 48, 1, 4, 1, -6, 1_i32].map(i32::to_be_bytes).concat();
    let crop = || plain(b"clap", &numbers);
    let transforms = [
        vec![],
        vec![turn(1)],
        vec![turn(2)],
        vec![turn(3)],
        vec![mirror(0)],
        vec![mirror(1)],
        vec![turn(1), mirror(1)],
        vec![crop()],
        vec![crop(), turn(3)],
    ];
    let mut far = Vec::new();
    for (at, transforms) in transforms.iter().enumerate() {
        let tone_mapped = heic_tone_mapped_with(transforms);
        far.extend(far_variants(&format!("tone map {at}"), &tone_mapped, 2, false));
        let of_apple = heic_of_apple_with(Some(4.0), transforms);
        far.extend(far_variants(&format!("Apple's {at}"), &of_apple, 2, true));
    }
    assert!(far.is_empty(), "{}", far.join("\n"));
}

#[test]
#[cfg(feature = "heic")]
#[ignore = "needs RESIZER_CORPUS"]
fn real_heif_files_keep_their_light() {
    let files = [
        ("gainmap/webmproject__yuv420_image_with_yuv400_gainmap.heic", 63, false),
        ("heic/AcademySoftwareFoundation__greyhounds-looking-for-a-table.heic", 51, true),
        ("libavif/seine_sdr_gainmap_srgb.avif", 3, false),
        ("libavif/seine_sdr_gainmap_srgb_icc.avif", 3, false),
    ];
    let corpus = fixtures::outside::corpus();
    let mut far = Vec::new();
    for (name, map, is_apple) in files {
        far.extend(far_variants(name, &read(&corpus.join(name)), map, is_apple));
    }
    assert!(far.is_empty(), "{}", far.join("\n"));
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn apples_jpegs_keep_their_light() {
    let corpus = fixtures::outside::corpus();
    let mut far = Vec::new();
    for name in ["libavif/apple_gainmap_new.jpg", "libavif/apple_gainmap_old.jpg"] {
        let file = read(&corpus.join(name));
        let own = Parts::of(&variant(&file, vec![keeping()]));
        let start = file.windows(3).rposition(|bytes| bytes == [0xff, 0xd8, 0xff]);
        let map = whole(&file[start.expect("a second picture")..], OutputColor::Keep);
        let map = in_stops(&map, own.gains.headrooms[1].exp2());
        let whole = Whole { picture: whole(&file, OutputColor::Srgb), map, gains: own.gains };
        // The older map has many edges, of up to 2.9 stops.
        far.extend(whole.far_variants(name, &file, TOLERANCE + 0.005));
    }
    assert!(far.is_empty(), "{}", far.join("\n"));
}
