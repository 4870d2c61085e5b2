//! Any bytes: all rows in their own size, and all frames of an animation. Half of the inputs come
//! out of the same mutations that know chunks, boxes and segments.

#![no_main]

use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use resizer_engine::{Job, Limits, RenderError, Source, Stop};
use resizer_engine::internals::{Band, Decoder, Frames, Stream};
use resizer_engine::spec::{
    Animation, FormatSpec, Light, OutputFormat, Request, Truncated, VariantSpec,
};

use crate::mutation::mutate;
use crate::random::Random;

mod fuzzing;
#[path = "../../tests/damage/mutation.rs"]
mod mutation;
#[path = "../../tests/damage/parts.rs"]
mod parts;
#[path = "../../../jpeg/tests/damage/random.rs"]
mod random;
#[path = "../../../jpeg/tests/damage/mutation.rs"]
mod segments;

/// Production has more; this keeps a run of the fuzzer short.
const LIMITS: Limits = Limits {
    max_pixels: 1 << 22,
    max_side: 65_500,
    max_animation_pixels: 1 << 23,
    max_frames: 4000,
    max_scans: 100,
    max_memory_bytes: 512 << 20,
};

fuzz_target!(init: fuzzing::forgive_the_decoders(), |file: &[u8]| {
    for truncated in [Truncated::Refuse, Truncated::Accept] {
        let _ = decode(file, truncated);
    }
});

fn decode(file: &[u8], truncated: Truncated) -> Result<(), RenderError> {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Png)];
    let spec = VariantSpec { formats, light: Light::Gamma, ..VariantSpec::default() };
    let animation = Animation::Animate;
    let request = Request { truncated, animation, ..vec![spec].into() };
    let job = Job::prepare(Source::parse(file)?, &request, &LIMITS)?;
    let source = job.source();
    let mut decoder = Decoder::new(source, job.plan(), &Stop::default())?;
    let (mut band, mut rows) = (Band::default(), 0);
    while decoder.next_band(&mut band)? {
        rows += band.rows(Stream::Pixels).count();
    }
    assert_eq!(rows, job.plan().rows.size.height() as usize, "all rows of a good file");
    if source.is_animated() {
        let mut frames = Frames::new(source, truncated, &Stop::default())?;
        while let Some(frame) = frames.next_frame()? {
            assert_eq!(frame.raster.size(), job.plan().rows.size);
        }
    }
    Ok(())
}

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    fuzzing::mutated(data, [size, max_size], seed, |file| {
        mutate(file, file, &mut Random::stream(seed.into(), size as u64))
    })
});
