//! A pixel in, its place among all colors out: four numbers whose Euclidean distance is how
//! different two pixels look, on black and on white.
//!
//! The arithmetic is that of IEEE 754 without fused operations, so every CPU has the same result.

/// How long the way from black to white is.
pub(super) const WHITE: f32 = 4096.0;

/// Lightness on black, lightness on white, green to red, and blue to yellow, by Oklab. Each
/// lightness counts half, so opaque pixels are as far from each other as in Oklab.
pub(super) type Place = [i32; 4];

/// The place of a pixel of sRGB whose alpha is not premultiplied.
///
/// Source: Björn Ottosson, "A perceptual color space for image processing", 2020.
pub(super) fn place([red, green, blue, alpha]: [u8; 4]) -> Place {
    let [red, green, blue] = [red, green, blue].map(|byte| LIGHT[usize::from(byte)]);
    let long = cube_root(0.412_221_46 * red + 0.536_332_55 * green + 0.051_445_995 * blue);
    let medium = cube_root(0.211_903_5 * red + 0.680_699_5 * green + 0.107_396_96 * blue);
    let short = cube_root(0.088_302_46 * red + 0.281_718_85 * green + 0.629_978_7 * blue);
    let lightness = 0.210_454_26 * long + 0.793_617_8 * medium - 0.004_072_047 * short;
    let green_red = 1.977_998_5 * long - 2.428_592_2 * medium + 0.450_593_7 * short;
    let blue_yellow = 0.025_904_037 * long + 0.782_771_77 * medium - 0.808_675_77 * short;
    let alpha = f32::from(alpha) / 255.0;
    let on_black = lightness * alpha;
    let on_white = on_black + (1.0 - alpha);
    let half = WHITE * std::f32::consts::FRAC_1_SQRT_2;
    let [chroma_a, chroma_b] = [green_red, blue_yellow].map(|chroma| chroma * alpha * WHITE);
    [on_black * half, on_white * half, chroma_a, chroma_b].map(nearest)
}

/// The square of the distance.
pub(super) fn distance(one: Place, other: Place) -> i32 {
    let [a, b, c, d] = std::array::from_fn(|axis| one[axis] - other[axis]);
    a * a + b * b + c * c + d * d
}

/// Rounded; the usual function is slow where a CPU has no instruction for it.
fn nearest(value: f32) -> i32 {
    (value + if value < 0.0 { -0.5 } else { 0.5 }) as i32
}

/// Of a number from 0 to 1, to five digits: a guess by the exponent, and one step of Halley's.
fn cube_root(value: f32) -> f32 {
    let guess = f32::from_bits(value.to_bits() / 3 + 0x2a51_7d3c);
    let cube = guess * guess * guess;
    guess * (cube + 2.0 * value) / (2.0 * cube + value)
}

/// Linear light of each byte of sRGB.
static LIGHT: [f32; 256] = {
    let mut table = [0.0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = light(byte as f64 / 255.0) as f32;
        byte += 1;
    }
    table
};

const fn light(encoded: f64) -> f64 {
    if encoded <= 0.04045 {
        return encoded / 12.92;
    }
    // The power 2.4 is the square times the fifth root of the square, found by Newton's steps.
    let square = {
        let base = (encoded + 0.055) / 1.055;
        base * base
    };
    let mut root = 1.0;
    let mut step = 0;
    while step < 40 {
        let fourth = root * root * root * root;
        root -= (root * fourth - square) / (5.0 * fourth);
        step += 1;
    }
    square * root
}

#[cfg(test)]
mod tests {
    use super::{WHITE, distance, place};

    fn apart(one: [u8; 4], other: [u8; 4]) -> f64 {
        f64::from(distance(place(one), place(other))).sqrt()
    }

    #[test]
    fn white_is_as_far_from_black_as_nothing_is_on_either_ground() {
        let [black, white, nothing] = [[0, 0, 0, 255], [255; 4], [0; 4]];
        assert!((apart(black, white) - f64::from(WHITE)).abs() < 4.0);
        let half = f64::from(WHITE) / 2.0_f64.sqrt();
        assert!((apart(black, nothing) - half).abs() < 4.0);
        assert!((apart(white, nothing) - half).abs() < 4.0);
        // Colors that nobody sees are none.
        assert_eq!(place([200, 10, 90, 0]), place([0; 4]));
    }

    #[test]
    fn colors_are_where_oklab_has_them() {
        // Red, green and blue of sRGB, as its author publishes them.
        for (color, [lightness, a, b]) in [
            ([255, 0, 0, 255], [0.62796, 0.22486, 0.12585]),
            ([0, 255, 0, 255], [0.86644, -0.23389, 0.1795]),
            ([0, 0, 255, 255], [0.45201, -0.03246, -0.31153]),
        ] {
            let half = lightness * std::f64::consts::FRAC_1_SQRT_2;
            let found = place(color).map(|axis| f64::from(axis) / f64::from(WHITE));
            for (found, expected) in std::iter::zip(found, [half, half, a, b]) {
                assert!((found - expected).abs() < 0.0005, "{color:?}: {found} for {expected}");
            }
        }
    }
}
