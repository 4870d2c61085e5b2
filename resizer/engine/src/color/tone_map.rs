//! Tone mapping of HDR in PQ or HLG to sRGB: diffuse white and below nearly keep their brightness,
//! and highlights are compressed into the range between.
//! Source: ITU-R BT.2100, tables 4 and 5; BT.2408, 2.1 (white at 203 cd/m²).

use super::srgb;
use crate::raster::{Layout, Raster};

/// Diffuse white, in cd/m².
const WHITE: f32 = 203.0;

/// What is mapped to the brightest value, in diffuse whites: 1,000 cd/m². What is brighter is
/// clamped.
const PEAK: f32 = 1000.0 / WHITE;

/// Below this part of diffuse white nothing changes.
const KNEE: f32 = 0.6;

/// The transfer function of the encoded values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transfer {
    /// SMPTE ST 2084: absolute light.
    Pq,
    /// Hybrid log-gamma: light of the scene, shown on a screen of 1,000 cd/m².
    Hlg,
}

/// The mapping of one pair of primaries and transfer function.
#[derive(Debug, Clone)]
pub(super) struct ToneMap {
    transfer: Transfer,
    /// The light of each byte, in diffuse whites; for HLG before its gamma.
    lights: Vec<f32>,
    to_srgb: [[f32; 3]; 3],
}

impl ToneMap {
    /// `primaries` are code points of ITU-T H.273; those that are not known here are sRGB's.
    pub(super) fn new(primaries: u8, transfer: Transfer) -> Self {
        let light = |byte: u8| match transfer {
            Transfer::Pq => pq(f32::from(byte) / 255.0),
            Transfer::Hlg => hlg(f32::from(byte) / 255.0),
        };
        let to_srgb = match primaries {
            9 => {
                [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]]
            }
            11 | 12 => [[1.2249, -0.2247, 0.0], [-0.0420, 1.0419, 0.0], [-0.0197, -0.0786, 1.0979]],
            _ => [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        };
        Self { transfer, lights: (0..=255).map(light).collect(), to_srgb }
    }

    /// The raster in sRGB, in its own layout.
    pub(super) fn apply(&self, raster: &Raster) -> Raster {
        let layout = raster.layout();
        let channels = layout.channels();
        let is_gray = matches!(layout, Layout::Gray | Layout::GrayAlpha);
        let mut pixels = raster.pixels().to_vec();
        for pixel in pixels.chunks_exact_mut(channels) {
            if is_gray {
                pixel[0] = self.color([pixel[0]; 3])[1];
            } else {
                let color = self.color([pixel[0], pixel[1], pixel[2]]);
                pixel[..3].copy_from_slice(&color);
            }
        }
        Raster::new(raster.size(), layout, pixels)
    }

    fn color(&self, encoded: [u8; 3]) -> [u8; 3] {
        let mut lights = encoded.map(|byte| self.lights[usize::from(byte)]);
        if self.transfer == Transfer::Hlg {
            let [red, green, blue] = lights;
            let luminance = 0.2627 * red + 0.678 * green + 0.0593 * blue;
            let gain = PEAK * luminance.powf(0.2);
            lights = lights.map(|light| light * gain);
        }
        let own = self.to_srgb.map(|row| {
            std::iter::zip(row, lights).map(|(weight, light)| weight * light).sum::<f32>().max(0.0)
        });
        let most = own.into_iter().fold(0.0, f32::max);
        let scale = if most > 0.0 { shoulder(most) / most } else { 0.0 };
        own.map(|light| (srgb::from_linear_f32((light * scale).min(1.0)) * 255.0).round() as u8)
    }
}

/// Light in diffuse whites for an encoded value of 0 to 1.
fn pq(encoded: f32) -> f32 {
    let power = encoded.powf(1.0 / 78.84375);
    let light =
        ((power - 0.835_937_5).max(0.0) / (18.851_563 - 18.6875 * power)).powf(1.0 / 0.159_301_76);
    light * 10_000.0 / WHITE
}

/// Light of the scene, 0 to 1, for an encoded value of 0 to 1.
fn hlg(encoded: f32) -> f32 {
    if encoded <= 0.5 {
        encoded * encoded / 3.0
    } else {
        (((encoded - 0.559_910_7) / 0.178_832_77).exp() + 0.284_668_92) / 12.0
    }
}

/// Light after compression: unchanged up to the knee, then ever flatter, and 1 for the peak.
fn shoulder(light: f32) -> f32 {
    if light <= KNEE {
        return light;
    }
    let above = (light - KNEE) / (1.0 - KNEE);
    let peak = (PEAK - KNEE) / (1.0 - KNEE);
    KNEE + (1.0 - KNEE) * above * (1.0 + above / (peak * peak)) / (1.0 + above)
}

#[cfg(test)]
mod tests {
    use super::{PEAK, ToneMap, Transfer, hlg, pq, shoulder};

    #[test]
    fn white_and_peak_are_where_the_standards_have_them() {
        // BT.2408, table 1: white of a page at 58 % of PQ and 75 % of HLG.
        assert!((pq(0.5806) - 1.0).abs() < 0.01, "{}", pq(0.5806));
        let hlg_white = PEAK * hlg(0.75).powf(1.2);
        assert!((hlg_white - 1.0).abs() < 0.01, "{hlg_white}");
        assert!((shoulder(PEAK) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn brightness_keeps_its_order_and_gray_stays_gray() {
        for transfer in [Transfer::Pq, Transfer::Hlg] {
            let map = ToneMap::new(9, transfer);
            let grays: Vec<[u8; 3]> = (0..=255).map(|byte| map.color([byte; 3])).collect();
            assert!(grays.is_sorted_by_key(|gray| gray[1]));
            let is_gray = |&[red, green, blue]: &[u8; 3]| {
                green.abs_diff(red) <= 2 && green.abs_diff(blue) <= 2
            };
            assert!(grays.iter().all(is_gray));
            assert_eq!(map.color([0; 3]), [0; 3]);
            assert_eq!(map.color([255; 3])[1], 255);
        }
    }
}
