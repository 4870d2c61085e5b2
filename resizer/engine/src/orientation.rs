//! The eight EXIF orientations: where an upright pixel lies in the stored raster, and the turn.

use crate::exif;
use crate::raster::{Raster, Size};

/// How the stored pixels must be turned to stand upright (EXIF tag 0x0112).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Orientation(u8);

impl Orientation {
    /// Stored upright; also the meaning of a missing or invalid tag.
    pub const UPRIGHT: Self = Self(1);

    /// Reads the tag from an EXIF block that starts at its TIFF header; invalid means upright.
    pub fn from_exif(exif: &[u8]) -> Self {
        let value = exif::orientation(exif).and_then(|value| u8::try_from(value).ok());
        Self::from_exif_value(value.unwrap_or(1))
    }

    /// EXIF's value; an invalid one means upright.
    pub(crate) fn from_exif_value(value: u8) -> Self {
        if (1..=8).contains(&value) { Self(value) } else { Self::UPRIGHT }
    }

    /// The size after turning.
    pub fn upright_size(self, stored: Size) -> Size {
        if self.axes().transpose { stored.transposed() } else { stored }
    }

    /// A rectangle given in upright coordinates, in stored ones.
    /// Both are `[x, y, width, height]`, `stored` is the raster's size.
    pub fn stored_rect(self, upright: [f64; 4], stored: Size) -> [f64; 4] {
        let axes = self.axes();
        let [mut x, mut y, mut width, mut height] = upright;
        if axes.transpose {
            (x, y, width, height) = (y, x, height, width);
        }
        if axes.mirror_x {
            x = f64::from(stored.width()) - x - width;
        }
        if axes.mirror_y {
            y = f64::from(stored.height()) - y - height;
        }
        [x, y, width, height]
    }

    /// A rectangle given in stored coordinates, in upright ones: the inverse of `stored_rect`.
    pub fn upright_rect(self, rect: [f64; 4], stored: Size) -> [f64; 4] {
        let axes = self.axes();
        let [mut x, mut y, width, height] = rect;
        if axes.mirror_x {
            x = f64::from(stored.width()) - x - width;
        }
        if axes.mirror_y {
            y = f64::from(stored.height()) - y - height;
        }
        if axes.transpose { [y, x, height, width] } else { [x, y, width, height] }
    }

    /// Whether columns and rows, as stored, run the other way in the upright picture.
    pub fn mirrors(self) -> [bool; 2] {
        [self.axes().mirror_x, self.axes().mirror_y]
    }

    /// Turns a stored raster upright.
    pub fn apply(self, raster: &Raster) -> Raster {
        match raster.layout().channels() {
            _ if self == Self::UPRIGHT => raster.clone(),
            1 => self.turn::<1>(raster),
            2 => self.turn::<2>(raster),
            3 => self.turn::<3>(raster),
            _ => self.turn::<4>(raster),
        }
    }

    fn turn<const CHANNELS: usize>(self, raster: &Raster) -> Raster {
        let axes = self.axes();
        let stored = raster.size();
        let upright = self.upright_size(stored);
        let (columns, rows) = (stored.width() as usize, stored.height() as usize);
        let (source, _) = raster.pixels().as_chunks::<CHANNELS>();
        let mut pixels = Vec::with_capacity(raster.pixels().len());
        for y in 0..upright.height() as usize {
            for x in 0..upright.width() as usize {
                let (column, row) = if axes.transpose { (y, x) } else { (x, y) };
                let column = if axes.mirror_x { columns - 1 - column } else { column };
                let row = if axes.mirror_y { rows - 1 - row } else { row };
                pixels.extend_from_slice(&source[row * columns + column]);
            }
        }
        Raster::new(upright, raster.layout(), pixels)
    }

    /// The stored position of an upright one: first transposed, then mirrored.
    fn axes(self) -> Axes {
        let (transpose, mirror_x, mirror_y) = match self.0 {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, false, true),
            7 => (true, true, true),
            8 => (true, true, false),
            _ => (false, false, false),
        };
        Axes { transpose, mirror_x, mirror_y }
    }
}

struct Axes {
    transpose: bool,
    mirror_x: bool,
    mirror_y: bool,
}

#[cfg(test)]
mod tests {
    use super::Orientation;
    use crate::raster::Size;

    #[test]
    fn a_rectangle_is_the_same_after_both_turns() {
        let stored = Size::new(40, 30).unwrap();
        for value in 1..=8 {
            let orientation = Orientation(value);
            let upright = [3.0, 5.0, 7.0, 11.0];
            let turned = orientation.stored_rect(upright, stored);
            assert_eq!(orientation.upright_rect(turned, stored), upright, "{value}");
        }
    }

    /// A directory of one field.
    fn exif(is_big_endian: bool, kind: u16, count: u32, value: [u8; 4]) -> Vec<u8> {
        let short = |value: u16| {
            if is_big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
        };
        let long = |value: u32| {
            if is_big_endian { value.to_be_bytes() } else { value.to_le_bytes() }
        };
        let start: &[u8] = if is_big_endian { b"MM\0*" } else { b"II*\0" };
        let mut out = [start, &long(8), &short(1), &short(0x0112), &short(kind)].concat();
        out.extend(long(count));
        out.extend(value);
        out.extend([0; 4]);
        out
    }

    #[test]
    fn a_value_of_every_integer_type_counts() {
        let kinds: [(u16, u32, [u8; 4], [u8; 4]); 5] = [
            (1, 1, [6, 0, 0, 0], [6, 0, 0, 0]),
            (3, 1, [6, 0, 0, 0], [0, 6, 0, 0]),
            (3, 2, [6, 0, 0, 0], [0, 6, 0, 0]),
            (4, 1, [6, 0, 0, 0], [0, 0, 0, 6]),
            (9, 1, [6, 0, 0, 0], [0, 0, 0, 6]),
        ];
        for (kind, count, little, big) in kinds {
            for (is_big_endian, value) in [(false, little), (true, big)] {
                let block = exif(is_big_endian, kind, count, value);
                let found = Orientation::from_exif(&block);
                assert_eq!(found, Orientation(6), "type {kind}, big endian: {is_big_endian}");
                for length in 0..block.len() - 8 {
                    assert_eq!(Orientation::from_exif(&block[..length]), Orientation::UPRIGHT);
                }
            }
        }
    }

    #[test]
    fn values_elsewhere_are_followed_and_what_is_undefined_is_upright() {
        let mut block = exif(false, 3, 3, [26, 0, 0, 0]);
        block.extend([8, 0, 1, 0, 1, 0]);
        assert_eq!(Orientation::from_exif(&block), Orientation(8));
        let undefined = [(3, [9, 0, 0, 0]), (4, [6, 1, 0, 0]), (4, [0; 4]), (2, [6, 0, 0, 0])];
        for (kind, value) in undefined {
            let block = exif(false, kind, 1, value);
            assert_eq!(Orientation::from_exif(&block), Orientation::UPRIGHT, "{kind} {value:?}");
        }
    }
}
