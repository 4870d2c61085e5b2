//! The dominant color: not the mean, which a picture of red and green has in brown, but the color
//! that most of it has. The method is libvips' and sharp's, a histogram of colors in boxes of 16
//! levels a channel; here pixels count as far as they are opaque, and the answer is the mean of the
//! fullest box, not its middle.

/// Boxes along each channel, and the bits that do not tell them apart.
const BOXES: usize = 16;
const BITS_WITHIN: u32 = 4;

/// What lies in one box.
#[derive(Clone, Copy, Default)]
struct Colors {
    /// Sum of all alphas.
    weight: u64,
    /// Sum of each channel times alpha.
    sums: [u64; 3],
}

/// Red, green and blue; `None` where no pixel is visible. Of boxes equally full the darkest counts.
pub(super) fn color(pixels: &[[u8; 4]]) -> Option<[u8; 3]> {
    let mut boxes = vec![Colors::default(); BOXES.pow(3)];
    for &[red, green, blue, alpha] in pixels {
        let channels = [red, green, blue];
        let index = channels
            .iter()
            .fold(0, |index, channel| index * BOXES + usize::from(channel >> BITS_WITHIN));
        let weight = u64::from(alpha);
        boxes[index].weight += weight;
        for (sum, channel) in boxes[index].sums.iter_mut().zip(channels) {
            *sum += u64::from(channel) * weight;
        }
    }
    let fullest = boxes
        .into_iter()
        .reduce(|fullest, other| if other.weight > fullest.weight { other } else { fullest })?;
    let Colors { weight, sums } = fullest;
    (weight > 0).then(|| sums.map(|sum| ((sum + weight / 2) / weight) as u8))
}
