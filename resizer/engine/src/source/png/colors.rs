//! What the chunks of a PNG say of its colors.
//! Source: W3C PNG (third edition), 4.3, 11.3.2; what lies too late is passed over as by libpng.

use fdeflate::Decompressor;

use super::Png;
use super::chunks::Chunk;
use crate::color::ColorDescription;
use crate::source::Cicp;

/// A chunk that is longer is no profile.
const MAX_CHUNK_BYTES: usize = 4 << 20;

/// A profile that unpacks to more is a bomb, and is passed over.
pub(super) const MAX_PROFILE_BYTES: usize = 1 << 20;

/// The chunks before palette and pixels that speak of colors; of twins the first that is intact.
#[derive(Debug, Default)]
pub(super) struct ColorChunks<'a> {
    cicp: Option<&'a [u8]>,
    iccp: Option<&'a [u8]>,
    srgb: Option<&'a [u8]>,
    gama: Option<&'a [u8]>,
    chrm: Option<&'a [u8]>,
}

impl<'a> ColorChunks<'a> {
    pub(super) fn note(&mut self, chunk: Chunk<'a>) {
        let place = match &chunk.name {
            b"cICP" => &mut self.cicp,
            b"iCCP" => &mut self.iccp,
            b"sRGB" => &mut self.srgb,
            b"gAMA" => &mut self.gama,
            b"cHRM" => &mut self.chrm,
            _ => return,
        };
        if place.is_none() && chunk.body.len() <= MAX_CHUNK_BYTES && chunk.is_intact() {
            *place = Some(chunk.body);
        }
    }
}

impl Png<'_> {
    /// The profile, inflated.
    pub(in crate::source) fn icc_profile(&self) -> Option<Vec<u8>> {
        self.colors.iccp.and_then(inflated)
    }

    /// Others than these are for YCbCr, which no PNG holds, and for video's narrow range.
    fn cicp(&self) -> Option<Cicp> {
        match *self.colors.cicp? {
            [primaries, transfer, 0, 1] => Some(Cicp { primaries, transfer }),
            _ => None,
        }
    }

    /// In the order in which they count: cICP, iCCP, sRGB, gAMA with cHRM.
    pub(in crate::source) fn color_descriptions(&self) -> Vec<ColorDescription> {
        let code_points = self.cicp().map(|cicp| match cicp {
            Cicp { primaries: 1, transfer: 13 } => ColorDescription::Srgb,
            Cicp { primaries, transfer } => ColorDescription::CodePoints { primaries, transfer },
        });
        let profile = self.icc_profile().map(ColorDescription::Icc);
        let srgb = self.colors.srgb.map(|_| ColorDescription::Srgb);
        [code_points, profile, srgb, self.power()].into_iter().flatten().collect()
    }

    fn power(&self) -> Option<ColorDescription> {
        // Exactly as many numbers as there must be.
        let &[exponent] = &numbers(self.colors.gama?)[..] else { return None };
        let chromaticities = self.colors.chrm.map(numbers).and_then(|numbers| {
            let (pairs, _) = numbers.as_chunks::<2>();
            pairs.try_into().ok().filter(|_| numbers.len() == 8)
        });
        (exponent > 0.0).then_some(ColorDescription::Power { exponent, chromaticities })
    }
}

/// In 100,000ths.
fn numbers(body: &[u8]) -> Vec<f64> {
    let (numbers, _) = body.as_chunks::<4>();
    numbers.iter().map(|&number| f64::from(u32::from_be_bytes(number)) / 100_000.0).collect()
}

/// Unpacks a profile. The checksum behind its data may be missing or wrong, as libpng has it; one
/// that unpacks to too much is dropped.
fn inflated(body: &[u8]) -> Option<Vec<u8>> {
    let name_bytes =
        body.iter().take(80).position(|&byte| byte == 0).filter(|&length| length > 0)?;
    let mut packed = body[name_bytes + 1..].strip_prefix(&[0])?;
    let mut profile = vec![0; MAX_PROFILE_BYTES + 1];
    let (mut length, mut inflater) = (0, Decompressor::new());
    inflater.ignore_adler32();
    while !inflater.is_done() && length < profile.len() {
        let (read, written) = inflater.read(packed, &mut profile, length, false).ok()?;
        packed = &packed[read..];
        length += written;
        if read == 0 && written == 0 {
            break;
        }
    }
    profile.truncate(length);
    profile.shrink_to_fit();
    (1..=MAX_PROFILE_BYTES).contains(&length).then_some(profile)
}
