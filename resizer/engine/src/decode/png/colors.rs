//! What the chunks of a PNG say of its colors.
//! Source: W3C PNG (third edition), 4.3, 11.3.2; what lies too late is passed over as by libpng.

use fdeflate::Decompressor;

use crate::color::ColorDescription;
use crate::header::{MAX_PROFILE_BYTES, PngChunk, png_chunks};

/// A chunk that is longer is no profile.
const MAX_CHUNK_BYTES: usize = 4 << 20;

/// In the order in which they count: cICP, iCCP, sRGB, gAMA with cHRM. Each must lie before the
/// palette and the pixels; of twins the first counts.
pub(super) fn colors(source: &[u8]) -> Vec<ColorDescription> {
    let mut found: [Option<PngChunk<'_>>; 5] = [None; 5];
    let early = png_chunks(source).take_while(|chunk| !matches!(&chunk.name, b"PLTE" | b"IDAT"));
    for chunk in early {
        let index = match &chunk.name {
            b"cICP" => 0,
            b"iCCP" => 1,
            b"sRGB" => 2,
            b"gAMA" => 3,
            b"cHRM" => 4,
            _ => continue,
        };
        if found[index].is_none() && chunk.body.len() <= MAX_CHUNK_BYTES && chunk.is_intact() {
            found[index] = Some(chunk);
        }
    }
    let [points, profile, srgb, gamma, chromaticities] = found.map(|one| one.map(|one| one.body));
    let srgb = srgb.map(|_| ColorDescription::Srgb);
    let profile = profile.and_then(profile_of).map(ColorDescription::Icc);
    let power = gamma.and_then(|body| {
        // Exactly as many numbers as there must be.
        let &[exponent] = &numbers(body)[..] else { return None };
        let chromaticities = chromaticities.map(numbers).and_then(|numbers| {
            let (pairs, _) = numbers.as_chunks::<2>();
            pairs.try_into().ok().filter(|_| numbers.len() == 8)
        });
        (exponent > 0.0).then_some(ColorDescription::Power { exponent, chromaticities })
    });
    let points = points.and_then(code_points);
    [points, profile, srgb, power].into_iter().flatten().collect()
}

/// Others than these are for YCbCr, which no PNG holds, and for video's narrow range.
fn code_points(body: &[u8]) -> Option<ColorDescription> {
    match *body {
        [1, 13, 0, 1] => Some(ColorDescription::Srgb),
        [primaries, transfer, 0, 1] => Some(ColorDescription::CodePoints { primaries, transfer }),
        _ => None,
    }
}

/// In 100,000ths.
fn numbers(body: &[u8]) -> Vec<f64> {
    let (numbers, _) = body.as_chunks::<4>();
    numbers.iter().map(|&number| f64::from(u32::from_be_bytes(number)) / 100_000.0).collect()
}

/// Unpacks a profile. The checksum behind its data may be missing or wrong, as libpng has it; one
/// that unpacks to too much is dropped.
fn profile_of(body: &[u8]) -> Option<Vec<u8>> {
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
