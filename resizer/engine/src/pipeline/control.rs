//! What a caller keeps hold of while a job is rendered.

use crate::stop::Stop;

/// The stages that take time, in the order of their first end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// What was left to plan: with trimming, the search for the border.
    Plan,
    /// Some rows of the source; with threads, the waiting for them.
    Decode,
    /// What became of those rows.
    Resize,
    /// Orienting, cropping, color, padding and encoding of one file; with threads, of several at
    /// once.
    Encode,
}

/// How a job is rendered: nothing here changes a byte of it.
pub struct Control<'a> {
    /// Ends the rendering when it is set.
    pub stop: Stop,
    /// Threads at work, the caller's among them; with 1 none is started.
    pub threads: usize,
    /// Called at the end of each stage, so that a caller with a clock can time them: `Decode` and
    /// `Resize` in turns, `Encode` once for each file; with animations all of them in turns.
    pub stage_ended: &'a mut dyn FnMut(Stage),
}

impl Control<'_> {
    pub(super) fn end(&mut self, stage: Stage) {
        (self.stage_ended)(stage);
    }
}

impl std::fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { stop, threads, .. } = self;
        f.debug_struct("Control")
            .field("stop", stop)
            .field("threads", threads)
            .finish_non_exhaustive()
    }
}
