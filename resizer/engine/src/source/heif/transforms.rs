//! Clean aperture, rotation and mirroring in, the part of the coded picture that is to be seen and
//! its orientation out. Source: ISO/IEC 14496-12, 12.1.4; ISO/IEC 23008-12, 6.5.10 and 6.5.12;
//! rounding as in libheif.

use super::boxes::{BmffBox, Numbers};
use crate::orientation::Orientation;
use crate::raster::{Rect, Size};

/// The transformations of a picture so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transforms {
    /// Of the coded picture.
    pub(super) aperture: Rect,
    /// Of the aperture.
    pub(super) orientation: Orientation,
    /// Whether a box rotates or mirrors, even if by nothing.
    pub(super) is_oriented: bool,
    /// Quarter turns against the clock, after `is_mirrored`.
    quarters: u8,
    /// Left and right are exchanged.
    is_mirrored: bool,
}

impl Transforms {
    pub(super) fn none(size: Size) -> Self {
        Self {
            aperture: Rect::whole(size),
            orientation: Orientation::UPRIGHT,
            is_oriented: false,
            quarters: 0,
            is_mirrored: false,
        }
    }

    /// Those of an item's properties, in their order.
    pub(super) fn then<'a>(mut self, properties: impl Iterator<Item = BmffBox<'a>>) -> Self {
        for one in properties {
            match (&one.name, one.body) {
                (b"clap", body) => self.crop(body),
                // Against the clock.
                (b"irot", &[angle, ..]) => self.turn(angle & 3, false),
                // 0 exchanges top and bottom, 1 left and right.
                (b"imir", &[axis, ..]) => self.turn(if axis & 1 == 0 { 2 } else { 0 }, true),
                _ => {}
            }
        }
        self
    }

    /// Mirrors left and right, then turns.
    fn turn(&mut self, quarters: u8, mirrors: bool) {
        if mirrors {
            self.quarters = 4 - self.quarters;
            self.is_mirrored = !self.is_mirrored;
        }
        self.quarters = (self.quarters + quarters) & 3;
        self.is_oriented = true;
        self.orientation = Orientation::from_exif_value(match (self.quarters, self.is_mirrored) {
            (0, false) => 1,
            (0, true) => 2,
            (2, false) => 3,
            (2, true) => 4,
            (1, true) => 5,
            (3, false) => 6,
            (_, true) => 7,
            _ => 8,
        });
    }

    /// Passes over an aperture without pixels.
    fn crop(&mut self, body: &[u8]) {
        let stored = self.aperture.size;
        let Some(region) = region(body, self.orientation.upright_size(stored)) else { return };
        let upright =
            [region.x, region.y, region.size.width(), region.size.height()].map(f64::from);
        let [x, y, width, height] =
            self.orientation.stored_rect(upright, stored).map(|number| number as u32);
        let Some(size) = Size::new(width, height) else { return };
        self.aperture = Rect { x: self.aperture.x + x, y: self.aperture.y + y, size };
    }
}

/// The region that a clean aperture leaves of a picture.
fn region(body: &[u8], size: Size) -> Option<Rect> {
    let mut numbers = Numbers(body);
    let mut fraction = || {
        let (over, under) = (numbers.next(4)? as i32, numbers.next(4)? as u32);
        (under > 0).then(|| f64::from(over) / f64::from(under))
    };
    let sides = [fraction()?, fraction()?];
    let offsets = [fraction()?, fraction()?];
    let [across, down] = [(0, size.width()), (1, size.height())].map(|(at, whole)| {
        // From the center of the picture to that of the region.
        let start = offsets[at] + (f64::from(whole) - sides[at]) / 2.0;
        let start = (start + 1e-6).floor();
        let end = (start + sides[at].round()).min(f64::from(whole));
        let start = start.max(0.0);
        (end - start >= 1.0).then_some((start as u32, (end - start) as u32))
    });
    let ((x, width), (y, height)) = (across?, down?);
    Some(Rect { x, y, size: Size::new(width, height)? })
}

#[cfg(test)]
mod tests {
    use super::Transforms;
    use crate::orientation::Orientation;
    use crate::raster::{Rect, Size};
    use crate::source::heif::boxes::BmffBox;

    fn clap(numbers: [i32; 8]) -> Vec<u8> {
        numbers.iter().flat_map(|number| number.to_be_bytes()).collect()
    }

    fn after(boxes: &[(&[u8; 4], &[u8])]) -> ([u32; 4], Orientation) {
        let size = Size::new(100, 60).expect("not zero");
        let boxes = boxes.iter().map(|&(&name, body)| BmffBox { name, body });
        let Transforms { aperture: Rect { x, y, size }, orientation, .. } =
            Transforms::none(size).then(boxes);
        ([x, y, size.width(), size.height()], orientation)
    }

    fn of(numbers: [i32; 8]) -> [u32; 4] {
        after(&[(b"clap", &clap(numbers))]).0
    }

    #[test]
    fn parts_lie_around_the_center_and_within_the_picture() {
        assert_eq!(of([50, 1, 20, 1, 0, 1, 0, 1]), [25, 20, 50, 20]);
        assert_eq!(of([51, 1, 21, 1, 0, 1, 0, 1]), [24, 19, 51, 21]);
        assert_eq!(of([51, 1, 21, 1, 1, 2, -1, 2]), [25, 19, 51, 21]);
        assert_eq!(of([100, 2, 40, 2, -25, 1, 20, 1]), [0, 40, 50, 20]);
        // Partly outside: what is inside.
        assert_eq!(of([50, 1, 20, 1, 40, 1, 0, 1]), [65, 20, 35, 20]);
    }

    #[test]
    fn what_makes_no_sense_is_passed_over() {
        for numbers in [
            [0, 1, 20, 1, 0, 1, 0, 1],
            [50, 0, 20, 1, 0, 1, 0, 1],
            [50, 1, -20, 1, 0, 1, 0, 1],
            [50, 1, 20, 1, 1000, 1, 0, 1],
        ] {
            assert_eq!(of(numbers), [0, 0, 100, 60], "{numbers:?}");
        }
    }

    #[test]
    fn a_crop_behind_a_turn_counts_in_the_turned_picture() {
        // A quarter against the clock makes 60x100 of it, whose upper left corner was the upper
        // right one.
        let corner = clap([20, 1, 30, 1, -20, 1, -35, 1]);
        let (aperture, orientation) = after(&[(b"irot", &[1]), (b"clap", &corner)]);
        assert_eq!(aperture, [70, 0, 30, 20]);
        assert_eq!(orientation, Orientation::from_exif_value(8));
    }

    #[test]
    fn turns_and_mirrors_count_in_their_order() {
        let value = |boxes: &[(&[u8; 4], &[u8])]| after(boxes).1;
        let is = Orientation::from_exif_value;
        assert_eq!(value(&[(b"irot", &[1]), (b"imir", &[0])]), is(5));
        assert_eq!(value(&[(b"irot", &[1]), (b"imir", &[1])]), is(7));
        assert_eq!(value(&[(b"imir", &[1]), (b"irot", &[1])]), is(5));
        assert_eq!(value(&[(b"irot", &[3]), (b"imir", &[1])]), is(5));
        assert_eq!(value(&[(b"imir", &[0])]), is(4));
        assert_eq!(value(&[(b"imir", &[1]), (b"imir", &[1])]), is(1));
        assert_eq!(value(&[(b"irot", &[2]), (b"irot", &[1])]), is(6));
    }
}
