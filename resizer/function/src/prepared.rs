//! An upload's bytes together with the engine's job that borrows from them, so that what was parsed
//! for admission is what is rendered.

use std::time::Duration;

use resizer_engine::spec::Request;
use resizer_engine::{Control, Job, Limits, Reject, RenderError, Rendered, Source};

self_cell::self_cell!(
    struct BytesWithJob {
        owner: Vec<u8>,

        #[covariant]
        dependent: Job,
    }
);

/// An upload that the engine's limits have admitted.
pub struct Prepared(BytesWithJob);

impl Prepared {
    /// Parses the upload and plans all that is asked of it.
    ///
    /// # Errors
    /// Why the engine refuses it, before any pixel.
    pub fn new(bytes: Vec<u8>, request: &Request, limits: &Limits) -> Result<Self, Reject> {
        BytesWithJob::try_new(bytes, |bytes| Job::prepare(Source::parse(bytes)?, request, limits))
            .map(Self)
    }

    /// The upload.
    pub fn bytes(&self) -> &[u8] {
        self.0.borrow_owner()
    }

    /// Predicted memory at its peak, in bytes, the upload itself included.
    pub fn peak_bytes(&self) -> u64 {
        self.0.borrow_dependent().peak_bytes()
    }

    /// The least time on so many threads that have so much of a processor each.
    pub fn least_time_on(&self, threads: usize, processor_share: f64) -> Duration {
        let workers = threads.max(1) as f64 * processor_share.clamp(0.01, 1.0);
        self.0.borrow_dependent().least_time().div_f64(workers)
    }

    /// Makes all that was asked of the upload.
    ///
    /// # Errors
    /// The engine's.
    pub fn render(&self, control: Control<'_>) -> Result<Rendered, RenderError> {
        self.0.borrow_dependent().render(control)
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("peak_bytes", &self.peak_bytes()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use resizer_engine::Limits;
    use resizer_engine::spec::VariantSpec;

    use super::Prepared;

    /// A black BMP of 24 bits a pixel.
    fn bmp(side: u8) -> Vec<u8> {
        let mut file = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
        file.extend([side, 0, 0, 0, side, 0, 0, 0, 1, 0, 24, 0]);
        file.resize(54 + usize::from(side) * usize::from(side) * 3, 0);
        file
    }

    #[test]
    fn a_job_moves_with_its_bytes_and_threads_share_its_least_time() {
        let request = vec![VariantSpec::default()].into();
        let prepared = Prepared::new(bmp(64), &request, &Limits::default());
        let moved = Box::new(prepared.expect("a good file"));
        assert_eq!(moved.bytes(), bmp(64));
        assert!(moved.peak_bytes() > bmp(64).len() as u64);
        let alone = moved.least_time_on(1, 1.0);
        assert!(alone > Duration::ZERO);
        assert_eq!(moved.least_time_on(2, 0.5), alone);
        assert_eq!(moved.least_time_on(4, 1.0), alone / 4);
    }
}
