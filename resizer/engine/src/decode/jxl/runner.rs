//! Does the parts of the library's work, on several threads, and ends between two of them once the
//! job is stopped.

use jxl::api::{JxlParallelRunner, JxlParallelRunnerFun};
use jxl::error::{Error, Result};

use crate::format::ImageFormat;
use crate::guard::guarded;
use crate::parallel;
use crate::source::JXL_THREADS;
use crate::stop::Stop;

/// The longer side of what is usually one part.
pub(super) const GROUP_SIDE: u32 = 256;

/// Threads that the library may use, and the flag that stops it.
#[derive(Debug)]
pub(super) struct Runner {
    threads: usize,
    stop: Stop,
}

impl Runner {
    pub(super) fn new(stop: &Stop) -> Self {
        Self { threads: 1, stop: stop.clone() }
    }

    pub(super) fn set_threads(&mut self, threads: usize) {
        self.threads = threads.clamp(1, JXL_THREADS);
    }

    fn part(&self, number: usize, part: &JxlParallelRunnerFun<'_>) -> Result<()> {
        if self.stop.is_set() {
            return Err(Error::ApiUsageError("stopped between two parts"));
        }
        part(number)
    }
}

impl JxlParallelRunner for Runner {
    fn run(&mut self, count: usize, part: &JxlParallelRunnerFun<'_>) -> Result<()> {
        self.run_ordered(count, None, part)
    }

    fn num_threads(&self) -> usize {
        self.threads
    }

    fn run_ordered(
        &mut self,
        count: usize,
        most_threads: Option<usize>,
        part: &JxlParallelRunnerFun<'_>,
    ) -> Result<()> {
        let threads = most_threads.unwrap_or(usize::MAX).min(self.threads);
        if threads <= 1 {
            return (0..count).try_for_each(|number| self.part(number, part));
        }
        let numbers: Vec<usize> = (0..count).collect();
        let this = &*self;
        let done = parallel::map(&numbers, threads, |&number| {
            // A panic must be caught on the thread on which it happens.
            let done = guarded(ImageFormat::Jxl, || Ok(this.part(number, part)));
            done.unwrap_or(Err(Error::ApiUsageError("a part panicked")))
        });
        done.into_iter().collect()
    }
}
