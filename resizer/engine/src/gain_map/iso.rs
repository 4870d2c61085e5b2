//! The binary metadata of ISO 21496-1, in the APP2 segments of JPEGs and in the `tmap` items of
//! AVIF and HEIC. Source: ISO 21496-1, Annex C; ISO/IEC 23008-12, 6.6.2.4.

use super::parameters::{Channel, Parameters};

/// Names the segments, of the picture as of the map.
pub(super) const SEGMENT: &[u8] = b"urn:iso:std:iso:ts:21496:-1\0";

/// What a reader must know, and what the writer knew.
const VERSIONS: [u8; 4] = [0; 4];

const IS_MULTICHANNEL: u8 = 1 << 7;
const USES_BASE_COLORS: u8 = 1 << 6;
/// All fractions share one denominator, which comes first: an extension of libultrahdr.
const HAS_COMMON_DENOMINATOR: u8 = 1 << 3;

/// Millionths, as XMP is written here as well.
const DENOMINATOR: u32 = 1_000_000;

/// The body of a `tmap` item.
pub(super) fn read_item(body: &[u8]) -> Option<Parameters> {
    match body.split_first()? {
        (0, metadata) => read(metadata),
        _ => None,
    }
}

/// The body of a segment behind its name. `None` where it is truncated, of a later version, or of
/// numbers that make no sense.
pub(super) fn read(metadata: &[u8]) -> Option<Parameters> {
    let (&[minimum_high, minimum_low, _, _, flags], body) = metadata.split_first_chunk()?;
    if (minimum_high, minimum_low) != (0, 0) {
        return None;
    }
    let mut numbers = Fractions { rest: body, denominator: None };
    if flags & HAS_COMMON_DENOMINATOR != 0 {
        numbers.denominator = Some(numbers.long()?);
    }
    let (base_headroom, alternate_headroom) = (numbers.unsigned()?, numbers.unsigned()?);
    let mut channel = || {
        Some(Channel {
            min: numbers.signed()?,
            max: numbers.signed()?,
            gamma: numbers.unsigned()?,
            base_offset: numbers.signed()?,
            alternate_offset: numbers.signed()?,
        })
    };
    let red = channel()?;
    let channels = match flags & IS_MULTICHANNEL {
        0 => [red; 3],
        _ => [red, channel()?, channel()?],
    };
    let uses_base_colors = flags & USES_BASE_COLORS != 0;
    Parameters { channels, base_headroom, alternate_headroom, uses_base_colors }.checked()
}

/// Says that there is a map.
pub(super) fn segment_of_picture() -> Vec<u8> {
    [SEGMENT, &VERSIONS].concat()
}

/// Says what its samples mean: once for a map that is gray, for each of three channels otherwise.
pub(super) fn segment_of_map(parameters: &Parameters, is_gray: bool) -> Vec<u8> {
    let &Parameters { channels, base_headroom, alternate_headroom, .. } = parameters;
    let count = if is_gray { 1 } else { 3 };
    let flags = if count == 3 { IS_MULTICHANNEL } else { 0 } | USES_BASE_COLORS;
    let mut out = [SEGMENT, &VERSIONS, &[flags]].concat();
    let mut push = |number: f64| {
        let numerator = (number * f64::from(DENOMINATOR)).round();
        // The bits are the same for numbers of either sign.
        out.extend((numerator as i64 as u32).to_be_bytes());
        out.extend(DENOMINATOR.to_be_bytes());
    };
    [base_headroom, alternate_headroom].into_iter().for_each(&mut push);
    for channel in &channels[..count] {
        let &Channel { min, max, gamma, base_offset, alternate_offset } = channel;
        [min, max, gamma, base_offset, alternate_offset].into_iter().for_each(&mut push);
    }
    out
}

/// Numerators and denominators, one after the other.
struct Fractions<'a> {
    rest: &'a [u8],
    /// Of all, where they share one.
    denominator: Option<u32>,
}

impl Fractions<'_> {
    fn long(&mut self) -> Option<u32> {
        let (bytes, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u32::from_be_bytes(*bytes))
    }

    /// A denominator of zero makes a number that is refused later.
    fn over_denominator(&mut self, numerator: f64) -> Option<f64> {
        let denominator = match self.denominator {
            Some(denominator) => denominator,
            None => self.long()?,
        };
        Some(numerator / f64::from(denominator))
    }

    fn unsigned(&mut self) -> Option<f64> {
        let numerator = self.long()?;
        self.over_denominator(numerator.into())
    }

    fn signed(&mut self) -> Option<f64> {
        let numerator = self.long()? as i32;
        self.over_denominator(numerator.into())
    }
}

#[cfg(test)]
mod tests {
    use super::{SEGMENT, read, read_item, segment_of_map};
    use crate::gain_map::parameters::{Channel, Parameters};

    fn parameters() -> Parameters {
        let channel = |min: f64| Channel {
            min,
            max: 2.656715,
            gamma: 0.75,
            base_offset: 1.0 / 64.0,
            alternate_offset: -0.000001,
        };
        Parameters {
            channels: [-0.5, 0.0, 0.25].map(channel),
            base_headroom: 0.0,
            alternate_headroom: 2.5,
            uses_base_colors: true,
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let written = segment_of_map(&parameters(), false);
        let body = &written[SEGMENT.len()..];
        assert_eq!(body.len(), 5 + 16 + 3 * 40);
        assert_eq!(read(body), Some(parameters()));
        assert_eq!(read_item(&[&[0], body].concat()), Some(parameters()));
        for length in 0..body.len() {
            assert_eq!(read(&body[..length]), None, "{length}");
        }
        let one = Parameters { channels: [parameters().channels[0]; 3], ..parameters() };
        let written = segment_of_map(&one, true);
        assert_eq!(written.len() - SEGMENT.len(), 5 + 16 + 40);
        assert_eq!(read(&written[SEGMENT.len()..]), Some(one));
    }

    #[test]
    fn versions_to_come_and_zero_denominators_are_refused() {
        let written = segment_of_map(&parameters(), false);
        let body = &written[SEGMENT.len()..];
        let with = |at: usize, byte: u8| {
            let mut body = body.to_vec();
            body[at] = byte;
            body
        };
        assert_eq!(read(&with(1, 1)), None);
        assert_eq!(read(&with(3, 1)), Some(parameters()), "a later writer");
        let mut zero = body.to_vec();
        zero[25..29].fill(0);
        assert_eq!(read(&zero), None);
        assert_eq!(read_item(&[&[1], body].concat()), None);
    }

    #[test]
    fn a_common_denominator_comes_first() {
        let numbers: [i32; 8] = [64, 0, 128, -64, 192, 64, 1, 2];
        let numbers = numbers.iter().flat_map(|number| number.to_be_bytes());
        let body: Vec<u8> = [0, 0, 0, 0, 0x48].into_iter().chain(numbers).collect();
        let Parameters { channels: [channel, ..], alternate_headroom, .. } =
            read(&body).expect("it is complete");
        assert_eq!((channel.min, channel.max, channel.gamma), (-1.0, 3.0, 1.0));
        assert_eq!((channel.alternate_offset, alternate_headroom), (1.0 / 32.0, 2.0));
    }
}
