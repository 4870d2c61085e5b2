//! Bytes to 16-bit samples and back, gamma-encoded or in linear light; and premultiplied alpha.
//! Every byte comes back as it was.
//! Source: IEC 61966-2-1 (sRGB).

use resizer_cpu::Cpu;

use super::kernels::{WHITE, from_gamma, from_linear, to_gamma, to_linear};
use crate::spec::Light;

/// One sample for each byte.
pub(super) fn to_samples(cpu: Cpu, light: Light, bytes: &[u8], samples: &mut [i16]) {
    match light {
        Light::Gamma => to_gamma(cpu, bytes, samples),
        Light::Linear => to_linear(cpu, bytes, samples),
    }
}

/// One byte for each sample; what the filter made darker than black or lighter than white is
/// clamped.
pub(super) fn to_bytes(cpu: Cpu, light: Light, samples: &[i16], bytes: &mut [u8]) {
    match light {
        Light::Gamma => from_gamma(cpu, samples, bytes),
        Light::Linear => from_linear(cpu, samples, bytes),
    }
}

/// Each color times its alpha, so that transparent pixels have no weight.
pub(super) fn premultiply(colors: &mut [i16], alphas: &[i16]) {
    for (color, &alpha) in colors.iter_mut().zip(alphas) {
        let product = i32::from(*color) * i32::from(alpha);
        *color = ((product + i32::from(WHITE) / 2) / i32::from(WHITE)) as i16;
    }
}

/// Each color divided by its alpha; black where that is 0.
pub(super) fn unpremultiply(colors: &mut [i16], alphas: &[i16]) {
    for (color, &alpha) in colors.iter_mut().zip(alphas) {
        let (premultiplied, alpha) = (i32::from((*color).max(0)), i32::from(alpha));
        *color = if alpha <= 0 {
            0
        } else {
            let straight = (premultiplied * i32::from(WHITE) + alpha / 2) / alpha;
            straight.min(i32::from(WHITE)) as i16
        };
    }
}

#[cfg(test)]
mod tests {
    use resizer_cpu::Cpu;

    use super::{WHITE, premultiply, to_bytes, to_samples, unpremultiply};
    use crate::spec::Light;

    #[test]
    fn every_byte_comes_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        for light in [Light::Gamma, Light::Linear] {
            let (mut samples, mut back) = (vec![0; 256], vec![0; 256]);
            to_samples(Cpu::detect(), light, &bytes, &mut samples);
            assert_eq!((samples[0], samples[255]), (0, WHITE));
            assert!(samples.is_sorted_by(|lower, upper| lower < upper));
            to_bytes(Cpu::detect(), light, &samples, &mut back);
            assert_eq!(back, bytes, "{light:?}");
        }
    }

    #[test]
    fn samples_beyond_black_and_white_are_clamped() {
        for light in [Light::Gamma, Light::Linear] {
            let mut bytes = [7; 2];
            to_bytes(Cpu::detect(), light, &[-3000, WHITE + 3000], &mut bytes);
            assert_eq!(bytes, [0, 255]);
        }
    }

    #[test]
    fn colors_come_back_from_any_visible_alpha() {
        for alpha in [64, 640, 8160, WHITE] {
            let alphas = vec![alpha; 256];
            let colors: Vec<i16> = (0..256).map(|byte| byte << 6).collect();
            let mut back = colors.clone();
            premultiply(&mut back, &alphas);
            unpremultiply(&mut back, &alphas);
            // Half of a sample, as large as the alpha leaves it.
            let allowed = WHITE / alpha / 2 + 1;
            let far = back
                .iter()
                .zip(&colors)
                .find(|(back, color)| back.abs_diff(**color) > allowed as u16);
            assert_eq!(far, None, "alpha {alpha}");
        }
    }
}
