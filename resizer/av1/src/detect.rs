//! Whether a picture is screen content, such as text, a drawing, or a screenshot.

use crate::picture::Picture;

/// The side of the blocks that are examined.
const SIDE: usize = 8;
/// A block has sharp edges if it has at most this many different values of luma, with at least this
/// range.
const FEW: (u32, u8) = (6, 32);
/// The same for blocks with more contrast, such as those of smoothed edges.
const SOME: (u32, u8) = (12, 64);
/// The inverse of the share of blocks with sharp edges that screen content has at least. It is 3 %
/// to 50 % in most graphics, and below 2 % in most photographs.
const INVERSE_SHARE: usize = 40;
/// The same for flat blocks. Small pictures of leaves have sharp edges, too, but no flat areas.
const INVERSE_FLAT_SHARE: usize = 25;

/// Whether enough blocks of a picture are flat or have sharp edges.
pub(crate) fn is_screen_content(picture: &Picture) -> bool {
    let plane = &picture.planes[0];
    let (columns, rows) = (picture.width.div_ceil(SIDE), picture.height.div_ceil(SIDE));
    let (mut flat, mut sharp) = (0, 0);
    for row in 0..rows {
        for column in 0..columns {
            match kind(plane.at(column * SIDE, row * SIDE), plane.stride) {
                Kind::Flat => flat += 1,
                Kind::Sharp => sharp += 1,
                Kind::Other => {}
            }
        }
    }
    let blocks = columns * rows;
    sharp * INVERSE_SHARE >= blocks && flat * INVERSE_FLAT_SHARE >= blocks
}

enum Kind {
    Flat,
    Sharp,
    Other,
}

fn kind(samples: &[u8], stride: usize) -> Kind {
    let (mut low, mut high) = ([u8::MAX; SIDE], [u8::MIN; SIDE]);
    for row in samples.chunks(stride).take(SIDE) {
        for ((low, high), sample) in low.iter_mut().zip(&mut high).zip(row) {
            *low = (*low).min(*sample);
            *high = (*high).max(*sample);
        }
    }
    let extremes = low.iter().zip(&high);
    let (low, high) = extremes.fold((u8::MAX, u8::MIN), |(lowest, highest), (low, high)| {
        (lowest.min(*low), highest.max(*high))
    });
    let limit = match high - low {
        0 | 1 => return Kind::Flat,
        range if range >= SOME.1 => SOME.0,
        range if range >= FEW.1 => FEW.0,
        _ => return Kind::Other,
    };
    let mut values = [0u64; 4];
    for row in samples.chunks(stride).take(SIDE) {
        for sample in &row[..SIDE] {
            values[usize::from(sample >> 6)] |= 1 << (sample & 63);
        }
        if values.iter().map(|values| values.count_ones()).sum::<u32>() > limit {
            return Kind::Other;
        }
    }
    Kind::Sharp
}

#[cfg(test)]
mod tests {
    use super::is_screen_content;
    use crate::picture::{Chroma, Picture};

    fn picture(value: impl Fn(usize, usize) -> u8) -> Picture {
        let mut picture = Picture::new(100, 70, Chroma::None);
        for y in 0..70 {
            for x in 0..100 {
                picture.planes[0].at_mut(x, y)[0] = value(x, y);
            }
        }
        picture.pad();
        picture
    }

    #[test]
    fn edges_between_flat_areas_are_screen_content() {
        assert!(is_screen_content(&picture(|x, y| if (x + y) % 50 < 25 { 250 } else { 20 })));
        // Smoothed edges.
        let edge = |x: usize, y: usize| ((x + y) % 50 * 20).clamp(100, 200) as u8;
        assert!(is_screen_content(&picture(edge)));
    }

    #[test]
    fn gradients_noise_and_flat_areas_are_not() {
        assert!(!is_screen_content(&picture(|x, y| (x + y) as u8)));
        assert!(!is_screen_content(&picture(|x, y| (x * 37 + y * 91 + x * y * 13) as u8)));
        assert!(!is_screen_content(&picture(|_, _| 255)));
    }
}
