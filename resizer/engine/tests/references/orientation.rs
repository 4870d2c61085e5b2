//! Photographs turned in all ways, in EXIF and in the boxes of AVIF, beside their upright twins.

use image::RgbaImage;
use resizer_engine::spec::Request;

use crate::files::{Set, as_it_is, difference};

fn upright(source: &[u8], name: &str) -> RgbaImage {
    let ours = as_it_is(source, Request::default());
    ours.unwrap_or_else(|reject| panic!("{name} is good, not {reject}"))
}

/// All files of these names beside the first one; compared small, for each was compressed anew.
fn check(set: &str, start: &str, numbers: &[u32], allowed: f64) {
    let set = Set::find(set);
    let small = |number: u32| {
        let name = format!("{start}_{number}.jpg");
        let picture = upright(&set.read(&name), &name);
        let side = |side: u32| side / 8;
        let (width, height) = (side(picture.width()), side(picture.height()));
        image::imageops::thumbnail(&picture, width, height)
    };
    let first = small(numbers[0]);
    for &number in &numbers[1..] {
        let found = difference(&small(number), &first);
        assert!(found.mean < allowed, "{start}_{number}: {found:?}");
    }
}

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn photographs_turned_in_all_ways_are_one_upright_picture() {
    let all: Vec<u32> = (1..=8).collect();
    check("exif-orientation", "Landscape", &all, 2.0);
    check("exif-orientation", "Portrait", &[0, 5, 6], 2.0);
    check("sharp", "Landscape", &all, 2.0);
    check("sharp", "Portrait", &all, 2.0);
}
