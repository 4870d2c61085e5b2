//! What must hold for any bytes: no panic, the same result however the bytes arrive, no more memory
//! than the limits allow.

use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use resizer_jpeg::frame::{Frame, Process};
use resizer_jpeg::options::{Damage, Limits};
use resizer_jpeg::planes::PlaneDecoder;
use resizer_jpeg::{DecodeError, DecodeOptions, Decoder, Header, Scale};

/// The limits of the checks.
pub(crate) const LIMITS: Limits = Limits::unlimited()
    .with_max_pixels(1 << 24)
    .with_max_scans(100)
    .with_max_memory_bytes(64 << 20);

/// The result of a decoding, small enough to keep and compare.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Outcome {
    frame: Option<Frame>,
    /// A hash of each band.
    bands: Vec<u64>,
    error: Option<String>,
}

/// How the checks of a file went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether it decodes at full scale.
    pub(crate) is_decoded: bool,
    /// The longest time of one decoding to planes.
    pub(crate) longest: Duration,
}

/// Decodes `file` at every scale, as a whole and in pieces of `piece` bytes.
///
/// # Panics
/// If a check fails.
pub(crate) fn check(file: &[u8], piece: usize) -> Verdict {
    let header = Header::read(file);
    let dnl_height = header.as_ref().ok().map(|header| header.frame.height);
    if let Ok(header) = &header {
        assert!(header.icc_profile().is_none_or(|profile| profile.len() < file.len()));
    }
    let mut verdict = Verdict { is_decoded: false, longest: Duration::ZERO };
    let mut outcomes = Vec::new();
    for scale in Scale::ALL {
        let mut options = DecodeOptions::default().with_scale(scale).with_limits(LIMITS);
        options.dnl_height = dnl_height;
        let start = Instant::now();
        let whole = decode(file, &options);
        verdict.longest = verdict.longest.max(start.elapsed());
        verdict.is_decoded |= scale == Scale::Full && whole.error.is_none();
        if let (Some(frame), Ok(header)) = (whole.frame, &header) {
            assert_eq!(frame, header.frame, "the header and the decoder");
        }
        let pieces = decode(BufReader::with_capacity(piece, file), &options);
        assert_eq!(pieces, whole, "pieces of {piece} bytes at {scale:?}");
        let pixels = rgb(file, &options);
        assert_eq!(pixels.is_ok(), whole.error.is_none(), "{scale:?} as pixels");
        if whole.error.is_some() {
            conceal(file, piece, options, &whole);
        }
        outcomes.push(whole);
    }
    // Of a progressive file smaller scales look at less, and need less memory.
    let is_sequential = |header: &Header<'_>| header.frame.process != Process::Progressive;
    let is_small =
        |header: &Header<'_>| header.decoding_bytes(Scale::Full) < LIMITS.max_memory_bytes;
    if header.is_ok_and(|header| is_sequential(&header) && is_small(&header)) {
        for pair in outcomes.windows(2) {
            let [a, b] = [&pair[0], &pair[1]].map(|one| (one.bands.len(), one.error.is_some()));
            assert_eq!(a, b, "all scales see the same damage: {:?}", pair[0].error);
        }
    }
    verdict
}

/// The same with concealed damage: the bands above the damage do not change.
fn conceal(file: &[u8], piece: usize, options: DecodeOptions, refused: &Outcome) {
    let options = options.with_damage(Damage::Conceal);
    let whole = decode(file, &options);
    assert!(whole.bands.starts_with(&refused.bands), "the bands before the damage");
    let pieces = decode(BufReader::with_capacity(piece, file), &options);
    assert_eq!(pieces, whole, "concealed, in pieces of {piece} bytes at {:?}", options.scale);
}

fn decode(source: impl BufRead, options: &DecodeOptions) -> Outcome {
    let mut outcome = Outcome::default();
    match decode_bands(source, options, &mut outcome) {
        Ok(()) => outcome,
        Err(error) => Outcome { error: Some(error.to_string()), ..outcome },
    }
}

fn decode_bands(
    source: impl BufRead,
    options: &DecodeOptions,
    outcome: &mut Outcome,
) -> Result<(), DecodeError> {
    let mut decoder = PlaneDecoder::new(source, options)?;
    let frame = *decoder.frame();
    outcome.frame = Some(frame);
    let mut heights = [0; 4];
    loop {
        match decoder.next_band() {
            Ok(Some(band)) => {
                let mut hash = 0;
                for (plane, height) in band.planes().iter().zip(&mut heights) {
                    *height += plane.height;
                    for y in 0..plane.height {
                        hash = hashed(hash, plane.row(y));
                    }
                }
                outcome.bands.push(hash);
            }
            Ok(None) => break,
            Err(error) => {
                assert!(decoder.next_band().is_err(), "an error stays one");
                return Err(error);
            }
        }
    }
    for (height, component) in heights.iter().zip(frame.components()) {
        assert_eq!(*height, frame.plane_size(component, options.scale).1);
    }
    assert!(matches!(decoder.next_band(), Ok(None)), "the end stays the end");
    Ok(())
}

fn rgb(file: &[u8], options: &DecodeOptions) -> Result<u64, DecodeError> {
    let mut decoder = Decoder::new(file, options)?;
    let (mut bytes, mut hash) = (0, 0);
    let expected = decoder.row_bytes() * decoder.height() as usize;
    while let Some(rows) = decoder.next_rows()? {
        bytes += rows.len();
        hash = hashed(hash, rows);
    }
    assert_eq!(bytes, expected);
    Ok(hash)
}

fn hashed(hash: u64, bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks();
    let step =
        |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    let hash = words.iter().fold(hash, |hash, word| step(hash, u64::from_le_bytes(*word)));
    rest.iter().fold(hash, |hash, &byte| step(hash, byte.into()))
}
