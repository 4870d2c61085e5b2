//! Files larger than the window of the decoder, and sources that fail.

use std::io::{BufReader, Error as IoError, Read};

use resizer_jpeg::planes::PlaneDecoder;
use resizer_jpeg::{DecodeError, DecodeOptions, Effort, EncodeOptions, Sampling, Scale, encode};

use crate::pictures::Random;
use crate::support::{assert_same, decode, decode_with};

/// Noise on a ramp: codes of all kinds in some hundred kilobytes.
fn noise(options: &EncodeOptions<'_>) -> Vec<u8> {
    let (width, height) = (700, 500);
    let mut random = Random::new(7);
    let mut pixels = Vec::with_capacity(width * height * 3);
    for y in 0..height {
        // From quiet above to loud below.
        let most = 1 + y / 3;
        pixels.extend((0..width * 3).map(|x| (x / 12 + random.below(most)) as u8));
    }
    let (width, height) = (width as u32, height as u32);
    encode(&pixels, width, height, options).expect("all rows")
}

/// At 1/4 and 1/8 the sequential file is read through the block index, its progressive twin is not.
#[test]
fn large_files_are_as_their_progressive_twins() {
    for sampling in [Sampling::S444, Sampling::S422, Sampling::S420] {
        for (optimized, restart_interval) in [(false, 0), (true, 0), (true, 50), (false, 3000)] {
            let options = EncodeOptions::default()
                .with_quality(92)
                .with_sampling(sampling)
                .with_effort(Effort::Fast)
                .with_optimized_tables(optimized)
                .with_restart_interval(restart_interval);
            let file = noise(&options);
            assert!(file.len() > 200_000, "{} bytes", file.len());
            let twin = noise(&options.with_progressive(true));
            assert_same(&file, &twin, &format!("{sampling:?} {optimized} {restart_interval}"));
        }
    }
}

/// A truncated file is an error at every scale.
#[test]
fn large_truncated_files_are_errors_at_every_scale() {
    let file = noise(&EncodeOptions::default().with_effort(Effort::Fast));
    for twentieth in 3..20 {
        let cut = &file[..file.len() * twentieth / 20];
        for scale in Scale::ALL {
            let found = decode(cut, scale);
            assert!(
                matches!(found, Err(DecodeError::Truncated { offset }) if offset == cut.len() as u64),
                "{twentieth} {scale:?}: {:?}",
                found.err()
            );
        }
    }
}

/// Returns some bytes of a file, and then fails.
struct Failing<'a> {
    before: &'a [u8],
}

impl Read for Failing<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match self.before.read(room)? {
            0 => Err(IoError::other("the line is dead")),
            count => Ok(count),
        }
    }
}

#[test]
fn a_source_that_fails_is_not_the_files_fault() {
    let file = noise(&EncodeOptions::default().with_effort(Effort::Fast));
    for length in [0, 1, 2, 3, 100, 400, file.len() / 2] {
        for scale in Scale::ALL {
            let source = BufReader::new(Failing { before: &file[..length] });
            let found = decode_with(source, &DecodeOptions::default().with_scale(scale));
            assert!(matches!(found, Err(DecodeError::Io(_))), "{length}: {:?}", found.err());
        }
    }
}

#[test]
fn decoders_may_move_to_other_threads() {
    fn assert_send<T: Send>(_: &T) {}
    let file = noise(&EncodeOptions::default().with_effort(Effort::Fast));
    assert_send(&PlaneDecoder::new(&file[..], &DecodeOptions::default()).expect("a good file"));
}
