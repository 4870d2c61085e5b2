//! The transfer function of sRGB and its inverse; encoded values and linear light from 0 to 1.
//! Source: IEC 61966-2-1.

/// Linear light of an encoded value.
pub(crate) fn to_linear(encoded: f64) -> f64 {
    if encoded <= 0.04045 { encoded / 12.92 } else { ((encoded + 0.055) / 1.055).powf(2.4) }
}

/// The encoded value of linear light.
pub(crate) fn from_linear(light: f64) -> f64 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

/// [`from_linear`] in single precision, which suffices for bytes, for use on every pixel.
pub(crate) fn from_linear_f32(light: f32) -> f32 {
    if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 }
}

#[cfg(test)]
mod tests {
    use super::{from_linear, from_linear_f32, to_linear};

    #[test]
    fn the_curve_and_its_inverse_agree() {
        for step in 0..=10_000 {
            let encoded = f64::from(step) / 10_000.0;
            let light = to_linear(encoded);
            assert!((from_linear(light) - encoded).abs() < 1e-6, "{encoded}");
            let single = f64::from(from_linear_f32(light as f32));
            assert!((single - encoded).abs() < 1e-6, "{encoded}");
        }
        assert!((to_linear(1.0) - 1.0).abs() < 1e-12);
        assert!((to_linear(0.5) - 0.214_041).abs() < 1e-6);
    }
}
