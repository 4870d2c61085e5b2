//! What a source will cost, from its header alone: memory at its peak, and the least time that the
//! engine could do it in.

use std::time::Duration;

use resizer_engine::format::ImageFormat;
use resizer_engine::header::Header;
use resizer_engine::limits::{Limits, peak_memory_bytes};
use resizer_engine::plan::Plan;
use resizer_engine::spec::Request;

/// Of one source and the variants asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    /// The source itself included.
    pub memory_bytes: u64,
    /// On one whole processor: less than half of what pictures of a single colour take, which are
    /// the fastest of their format.
    pub least_time: Duration,
}

impl Forecast {
    /// Reads the header. `None` where there is none, or one that is over a limit: the engine will
    /// say what is wrong with it.
    pub fn of(source: &[u8], request: &Request, limits: &Limits) -> Option<Self> {
        let format = ImageFormat::sniff(source).ok()?;
        let header = Header::read(format, source).ok()?;
        limits.admit(&header, request).ok()?;
        let plan = Plan::new(&header, request);
        let made: u64 = plan.variants.iter().map(|variant| variant.geometry.output.pixels()).sum();
        let nanoseconds =
            header.size.pixels() * nanoseconds_per_pixel(format) / 10 + made * NANOSECONDS_PER_MADE;
        Some(Self {
            memory_bytes: peak_memory_bytes(source.len(), &header, &plan),
            least_time: Duration::from_nanos(nanoseconds),
        })
    }

    /// The least time on so many threads that have so much of a processor each.
    pub fn least_time_on(&self, threads: usize, processor_share: f64) -> Duration {
        let workers = threads.max(1) as f64 * processor_share.clamp(0.01, 1.0);
        self.least_time.div_f64(workers)
    }
}

/// Scaling and encoding, per pixel of a variant.
const NANOSECONDS_PER_MADE: u64 = 2;

/// Tenths of a nanosecond of decoding, per pixel of the source. A progressive JPEG that is read for
/// a thumbnail takes 0.36 ns.
fn nanoseconds_per_pixel(format: ImageFormat) -> u64 {
    match format {
        ImageFormat::Jpeg => 2,
        ImageFormat::Png => 10,
        ImageFormat::Webp => 20,
        ImageFormat::Gif => 10,
        // The others are not known well enough to refuse any.
        _ => 0,
    }
}
