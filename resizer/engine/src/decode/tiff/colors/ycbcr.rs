//! Luma and chroma as RGB, by the coefficients and the range that a file names.
//! Source: TIFF 6.0, sections 20 and 21.

use crate::source::TiffYCbCr;

const FRACTION_BITS: u32 = 16;

/// What each number of a sample adds to a color, with fractions.
#[derive(Debug)]
pub(super) struct YCbCrTables {
    luma: [i32; 256],
    blue_to_blue: [i32; 256],
    blue_to_green: [i32; 256],
    red_to_red: [i32; 256],
    red_to_green: [i32; 256],
}

impl YCbCrTables {
    pub(super) fn new(ycbcr: &TiffYCbCr) -> Self {
        let [red, green, blue] = ycbcr.coefficients;
        let [black, white, no_blue, all_blue, no_red, all_red] = ycbcr.reference;
        let [of_red, of_blue] = [2.0 - 2.0 * red, 2.0 - 2.0 * blue];
        let table = |zero: f64, most: f64, range: f64, factor: f64| {
            std::array::from_fn(|sample| {
                let part = (sample as f64 - zero) * range / (most - zero) * factor;
                // Within what three of them can be added up in.
                (part.clamp(-4096.0, 4096.0) * f64::from(1 << FRACTION_BITS)).round() as i32
            })
        };
        Self {
            luma: table(black, white, 255.0, 1.0),
            blue_to_blue: table(no_blue, all_blue, 127.0, of_blue),
            blue_to_green: table(no_blue, all_blue, 127.0, -of_blue * blue / green),
            red_to_red: table(no_red, all_red, 127.0, of_red),
            red_to_green: table(no_red, all_red, 127.0, -of_red * red / green),
        }
    }

    /// Writes the first three channels of a row.
    pub(super) fn write(&self, [luma, blue, red]: [&[u16]; 3], out: &mut [u8]) {
        let width = luma.len();
        let byte =
            |sum: i32| ((sum + (1 << (FRACTION_BITS - 1))) >> FRACTION_BITS).clamp(0, 255) as u8;
        for x in 0..width {
            let [luma, blue, red] = [luma[x], blue[x], red[x]].map(|at| usize::from(at) % 256);
            let light = self.luma[luma];
            out[x] = byte(light + self.red_to_red[red]);
            out[width + x] = byte(light + self.blue_to_green[blue] + self.red_to_green[red]);
            out[2 * width + x] = byte(light + self.blue_to_blue[blue]);
        }
    }
}
