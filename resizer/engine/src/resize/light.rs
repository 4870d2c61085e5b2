//! Bytes as coded in files to 16-bit samples and back: as they are, or as amounts of light; and
//! colours times their alpha and back. Of 8 bits each value comes back as it was.
//! Source: IEC 61966-2-1 (sRGB).

use resizer_cpu::Cpu;

use super::kernels::{from_gamma, from_linear, to_gamma, to_linear};
use crate::spec::Light;

/// The sample of white and of full alpha, 64 for each step of a byte: room for what the filter
/// adds beyond white, and in linear light 5 for the first step above black.
pub(crate) const WHITE: i16 = 255 << STEP_BITS;

/// Bits of a sample below a byte's.
pub(crate) const STEP_BITS: u32 = 6;

/// One sample for each byte.
pub(crate) fn to_samples(cpu: Cpu, light: Light, bytes: &[u8], samples: &mut [i16]) {
    match light {
        Light::Gamma => to_gamma(cpu, bytes, samples),
        Light::Linear => to_linear(cpu, bytes, samples),
    }
}

/// One byte for each sample; what the filter made darker than black or lighter than white is cut.
pub(crate) fn to_bytes(cpu: Cpu, light: Light, samples: &[i16], bytes: &mut [u8]) {
    match light {
        Light::Gamma => from_gamma(cpu, samples, bytes),
        Light::Linear => from_linear(cpu, samples, bytes),
    }
}

/// Each colour times its alpha, so that what is transparent has no weight.
pub(crate) fn premultiply(colours: &mut [i16], alphas: &[i16]) {
    for (colour, &alpha) in colours.iter_mut().zip(alphas) {
        let product = i32::from(*colour) * i32::from(alpha);
        *colour = ((product + i32::from(WHITE) / 2) / i32::from(WHITE)) as i16;
    }
}

/// Each colour by its alpha; black where there is none.
pub(crate) fn unpremultiply(colours: &mut [i16], alphas: &[i16]) {
    for (colour, &alpha) in colours.iter_mut().zip(alphas) {
        let (premultiplied, alpha) = (i32::from((*colour).max(0)), i32::from(alpha));
        *colour = if alpha <= 0 {
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
    fn what_is_beyond_is_cut() {
        for light in [Light::Gamma, Light::Linear] {
            let mut bytes = [7; 2];
            to_bytes(Cpu::detect(), light, &[-3000, WHITE + 3000], &mut bytes);
            assert_eq!(bytes, [0, 255]);
        }
    }

    #[test]
    fn colours_come_back_from_any_alpha_that_shows_them() {
        for alpha in [64, 640, 8160, WHITE] {
            let alphas = vec![alpha; 256];
            let colours: Vec<i16> = (0..256).map(|byte| byte << 6).collect();
            let mut back = colours.clone();
            premultiply(&mut back, &alphas);
            unpremultiply(&mut back, &alphas);
            // Half of a sample, as large as the alpha leaves it.
            let allowed = WHITE / alpha / 2 + 1;
            let far = back
                .iter()
                .zip(&colours)
                .find(|(back, colour)| back.abs_diff(**colour) > allowed as u16);
            assert_eq!(far, None, "alpha {alpha}");
        }
    }
}
