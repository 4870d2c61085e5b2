//! BlurHash: linear light as 4 by 3 cosine waves in characters of base 83.
//! Source: woltapp/blurhash, Algorithm.md and C/encode.c.

use super::composed;
use super::waves::amounts;
use crate::color::srgb;
use crate::raster::Size;

/// Along the longer side and the other.
const WAVES: [usize; 2] = [4, 3];

const DIGITS: &[u8; 83] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~";

/// The hash; `average` is what stands below transparent pixels, 0 to 255 a channel.
pub(super) fn encode(size: Size, pixels: &[[u8; 4]], average: [f64; 3]) -> String {
    let [longer, shorter] = WAVES;
    let waves = if size.width() >= size.height() { [longer, shorter] } else { [shorter, longer] };
    // Of what is opaque, which most pixels are, the curve has no more than 256 points.
    let lights: Vec<f64> = (0..=255).map(|byte| srgb::to_linear(f64::from(byte) / 255.0)).collect();
    let channels = [0, 1, 2].map(|channel| {
        let light = |&pixel: &[u8; 4]| match pixel[3] {
            255 => lights[usize::from(pixel[channel])],
            _ => srgb::to_linear(composed(pixel, average)[channel] / 255.0),
        };
        let light: Vec<f64> = pixels.iter().map(light).collect();
        let amounts = amounts(&light, size.width() as usize, waves, 0.0);
        amounts.into_iter().flatten().collect::<Vec<f64>>()
    });
    let of = |wave: usize, factor: f64| channels.each_ref().map(|channel| channel[wave] * factor);
    let mean = of(0, 1.0);
    let others: Vec<[f64; 3]> = (1..channels[0].len()).map(|wave| of(wave, 2.0)).collect();

    let largest = others.iter().flatten().fold(0.0, |most: f64, amount| most.max(amount.abs()));
    let scale = (largest * 166.0 - 0.5).floor().clamp(0.0, 82.0);
    let mut hash = String::with_capacity(4 + 2 * waves[0] * waves[1]);
    push(&mut hash, (waves[0] - 1) + (waves[1] - 1) * 9, 1);
    push(&mut hash, scale as usize, 1);
    push(&mut hash, number(mean.map(byte), 256), 4);
    let most = (scale + 1.0) / 166.0;
    for amount in others {
        // The root of each, so that small amounts keep their differences.
        let step = |amount: f64| {
            let root = (amount / most).abs().sqrt().copysign(amount);
            (root * 9.0 + 9.5).floor().clamp(0.0, 18.0) as usize
        };
        push(&mut hash, number(amount.map(step), 19), 2);
    }
    hash
}

fn number(digits: [usize; 3], base: usize) -> usize {
    digits.into_iter().fold(0, |number, digit| number * base + digit)
}

/// The lowest `length` digits in base 83, the highest of them first.
fn push(hash: &mut String, value: usize, length: u32) {
    let digit = |place: u32| char::from(DIGITS[value / 83_usize.pow(place) % 83]);
    hash.extend((0..length).rev().map(digit));
}

/// The byte of linear light.
fn byte(light: f64) -> usize {
    (srgb::from_linear(light.clamp(0.0, 1.0)) * 255.0 + 0.5) as usize
}
