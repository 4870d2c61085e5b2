//! The clean aperture: the part of a coded picture that is to be seen, before it is turned.
//! Source: ISO/IEC 14496-12, 12.1.4; rounding as in libheif.

use super::boxes::{Box, Numbers};
use crate::raster::{Rect, Size};

/// The whole picture where there is no such part, or none with pixels of it.
pub(super) fn aperture<'a>(mut properties: impl Iterator<Item = Box<'a>>, size: Size) -> Rect {
    let clap = properties.find(|one| one.name == *b"clap");
    clap.and_then(|one| part(one.body, size)).unwrap_or(Rect::whole(size))
}

fn part(body: &[u8], size: Size) -> Option<Rect> {
    let mut numbers = Numbers(body);
    let mut fraction = || {
        let (over, under) = (numbers.next(4)? as i32, numbers.next(4)? as u32);
        (under > 0).then(|| f64::from(over) / f64::from(under))
    };
    let sides = [fraction()?, fraction()?];
    let offsets = [fraction()?, fraction()?];
    let [across, down] = [(0, size.width()), (1, size.height())].map(|(at, whole)| {
        // From the center of the picture to that of the part.
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
    use super::aperture;
    use crate::raster::{Rect, Size};
    use crate::source::avif::boxes::Box;

    fn of(numbers: [i32; 8]) -> [u32; 4] {
        let body: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        let clap = Box { name: *b"clap", body: &body };
        let size = Size::new(100, 60).expect("not zero");
        let Rect { x, y, size } = aperture([clap].into_iter(), size);
        [x, y, size.width(), size.height()]
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
}
