//! What must hold of any bytes whatsoever: variants or a typed refusal, and no more memory than was
//! predicted. What C libraries take by themselves is not seen.

use resizer_engine::spec::Request;
use resizer_engine::{Job, Limits, Reject, Source, Stop, render};

use crate::ALLOCATOR;

/// Tables, weights and codec state, whatever the picture's size.
const FIXED_BYTES: usize = 1 << 20;

/// What a file may take that is refused before its pixels.
const REFUSED_BYTES: usize = 16 << 20;

/// How a file was seen through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Verdict {
    /// `variants`, or the refusal's code.
    pub(crate) outcome: &'static str,
    /// At the most, beside the source.
    pub(crate) peak_bytes: usize,
    /// The peak and the source's length, as a part of what was predicted; 0 where nothing was.
    pub(crate) share: f64,
}

/// Renders one file with the limits of production.
///
/// # Panics
/// Where something does not hold that must.
pub(crate) fn check(file: &[u8], request: &Request) -> Verdict {
    let limits = Limits::default();
    let predicted_bytes = predicted_bytes(file, request, &limits);
    let before_bytes = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let rendered = render(file, request, &limits);
    let peak_bytes = ALLOCATOR.peak_usage().saturating_sub(before_bytes);
    let outcome = match &rendered {
        Ok(rendered) => {
            let formats = request.variants.iter().map(|variant| variant.formats.len());
            assert_eq!(rendered.variants.len(), formats.sum::<usize>(), "all that was asked");
            let is_file = |variant: &resizer_engine::Variant| !variant.bytes.is_empty();
            assert!(rendered.variants.iter().all(is_file), "a variant has bytes");
            "variants"
        }
        Err(reject) => {
            assert!(!reject.to_string().is_empty(), "a refusal says why");
            reject.code()
        }
    };
    let Ok(predicted_bytes) = predicted_bytes else {
        assert!(rendered.is_err(), "what the limits refuse is refused");
        assert!(peak_bytes <= REFUSED_BYTES, "{peak_bytes} bytes for what is refused");
        return Verdict { outcome, peak_bytes, share: 0.0 };
    };
    let allowed_bytes = predicted_bytes + predicted_bytes * 15 / 100 + FIXED_BYTES;
    let taken_bytes = peak_bytes + file.len();
    assert!(taken_bytes <= allowed_bytes, "{taken_bytes} bytes, {predicted_bytes} predicted");
    let above_fixed = taken_bytes.saturating_sub(FIXED_BYTES);
    Verdict { outcome, peak_bytes, share: above_fixed as f64 / predicted_bytes as f64 }
}

fn predicted_bytes(file: &[u8], request: &Request, limits: &Limits) -> Result<usize, Reject> {
    let job = Job::prepare(Source::parse(file)?, request, limits)?;
    let trimmed_bytes = job.trimmed_peak_bytes(&Stop::default()).unwrap_or(0);
    Ok(job.peak_bytes().max(trimmed_bytes) as usize)
}
