//! ThumbHash: luma, two chroma channels and alpha as a few cosine waves in half bytes.
//! Source: its reference implementation, `thumbhash.js` of evanw/thumbhash.

use super::composed;
use super::waves::amounts;
use crate::raster::Size;

/// Of the longer side: waves of luma, fewer beside those of alpha.
const LUMA_WAVES: usize = 7;
const LUMA_WAVES_BESIDE_ALPHA: usize = 5;

const CHROMA_WAVES: [usize; 2] = [3, 3];
const ALPHA_WAVES: [usize; 2] = [5, 5];

/// What is less than this part of white is the rounding of sums, which may differ by machine.
const NOISE: f64 = 1e-9;

/// One channel's waves.
struct Channel {
    /// Its mean.
    mean: f64,
    /// The largest amount of all others.
    scale: f64,
    /// These, -scale to scale as 0 to 1.
    others: Vec<f64>,
}

/// The hash; `average` is what stands below transparent pixels, 0 to 255 a channel.
pub(super) fn encode(size: Size, pixels: &[[u8; 4]], average: [f64; 3]) -> Vec<u8> {
    let has_alpha = pixels.iter().any(|pixel| pixel[3] < 255);
    let colors = pixels.iter().map(|&pixel| composed(pixel, average).map(|value| value / 255.0));
    let colors: Vec<[f64; 3]> = colors.collect();
    let (width, height) = (size.width() as usize, size.height() as usize);
    let of = |value: fn(&[f64; 3]) -> f64, waves: [usize; 2]| {
        Channel::new(&colors.iter().map(value).collect::<Vec<f64>>(), width, waves)
    };
    let longer = width.max(height);
    let most = if has_alpha { LUMA_WAVES_BESIDE_ALPHA } else { LUMA_WAVES };
    let waves = [width, height].map(|side| {
        let share = (most * side) as f64 / longer as f64;
        (share.round() as usize).max(1)
    });
    let luma = of(|[r, g, b]| (r + g + b) / 3.0, waves.map(|waves| waves.max(3)));
    let yellow_to_blue = of(|[r, g, b]| (r + g) / 2.0 - b, CHROMA_WAVES);
    let red_to_green = of(|[r, g, _]| r - g, CHROMA_WAVES);
    let alpha = has_alpha.then(|| {
        let alphas = pixels.iter().map(|pixel| f64::from(pixel[3]) / 255.0);
        Channel::new(&alphas.collect::<Vec<f64>>(), width, ALPHA_WAVES)
    });

    let is_landscape = width > height;
    let shorter_waves = if is_landscape { waves[1] } else { waves[0] } as u32;
    let head = rounded(63.0 * luma.mean)
        | rounded(31.5 + 31.5 * yellow_to_blue.mean) << 6
        | rounded(31.5 + 31.5 * red_to_green.mean) << 12
        | rounded(31.0 * luma.scale) << 18
        | u32::from(has_alpha) << 23;
    let tail = shorter_waves
        | rounded(63.0 * yellow_to_blue.scale) << 3
        | rounded(63.0 * red_to_green.scale) << 9
        | u32::from(is_landscape) << 15;
    let mut hash = head.to_le_bytes()[..3].to_vec();
    hash.extend(&tail.to_le_bytes()[..2]);
    let alpha_byte = |one: &Channel| rounded(15.0 * one.mean) | rounded(15.0 * one.scale) << 4;
    hash.extend(alpha.as_ref().map(|alpha| alpha_byte(alpha) as u8));
    let channels = [Some(luma), Some(yellow_to_blue), Some(red_to_green), alpha];
    let others: Vec<f64> = channels.into_iter().flatten().flat_map(|one| one.others).collect();
    hash.extend(others.chunks(2).map(|pair| {
        let half = |at: usize| pair.get(at).map_or(0, |value| rounded(15.0 * value));
        (half(0) | half(1) << 4) as u8
    }));
    hash
}

impl Channel {
    fn new(channel: &[f64], width: usize, [across, down]: [usize; 2]) -> Self {
        let amounts = amounts(channel, width, [across, down], 0.5);
        let mean = amounts[0][0];
        // A triangle: the finer a wave is in one direction, the coarser in the other.
        let kept = amounts.iter().enumerate().flat_map(|(y, row)| {
            let waves = row.iter().enumerate();
            waves.filter(move |(x, _)| x * down < across * (down - y)).map(|(_, amount)| *amount)
        });
        let mut others: Vec<f64> = kept.skip(1).collect();
        let largest = others.iter().fold(0.0, |most: f64, amount| most.max(amount.abs()));
        let scale = if largest < NOISE { 0.0 } else { largest };
        for amount in &mut others {
            *amount = match amount.abs() {
                _ if scale == 0.0 => 0.0,
                ..NOISE => 0.5,
                _ => 0.5 + 0.5 / scale * *amount,
            };
        }
        Self { mean, scale, others }
    }
}

fn rounded(value: f64) -> u32 {
    value.round() as u32
}
