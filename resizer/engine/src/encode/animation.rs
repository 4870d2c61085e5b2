//! The file of an animation in the making: one frame after the other in, the bytes out.

use super::{Failure, File};
use crate::error::RenderError;
use crate::raster::Raster;

/// One frame of an animation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timed<'a> {
    /// All of the picture.
    pub raster: &'a Raster,
    /// How long it is seen, in milliseconds.
    pub duration_ms: u32,
}

/// How often how many frames play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Loops {
    /// Frames of the file.
    pub frame_count: u32,
    /// 0 for endless.
    pub loop_count: u32,
}

/// The encoder of one format.
pub(super) trait EncodeFrames {
    fn push(&mut self, frame: &Timed<'_>) -> Result<(), Failure>;

    fn finish(self: Box<Self>, file: &File<'_>) -> Result<Vec<u8>, Failure>;
}

/// One file in the making.
pub(crate) struct AnimationEncoder(Box<dyn EncodeFrames>);

impl AnimationEncoder {
    /// Starts a file whose first frame is `first`, and the size of all.
    ///
    /// # Errors
    /// As [`encode`](super::encode()) has them; `Encoder` for formats that hold one picture.
    pub(crate) fn new(first: &Raster, loops: Loops, file: &File<'_>) -> Result<Self, RenderError> {
        let animate = file.format.encoder().animate;
        let animate = file.done(animate.ok_or_else(|| Failure::of("it holds one picture")))?;
        file.guarded(|| animate(first, loops, file)).map(Self)
    }

    /// Adds a frame of the first one's size.
    ///
    /// # Errors
    /// As [`encode`](super::encode()) has them; nothing can be added after one.
    pub(crate) fn push(&mut self, frame: &Timed<'_>, file: &File<'_>) -> Result<(), RenderError> {
        file.guarded(|| self.0.push(frame))
    }

    /// The whole file.
    ///
    /// # Errors
    /// As [`encode`](super::encode()) has them.
    pub(crate) fn finish(self, file: &File<'_>) -> Result<Vec<u8>, RenderError> {
        file.guarded(|| self.0.finish(file))
    }
}

impl std::fmt::Debug for AnimationEncoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AnimationEncoder").finish_non_exhaustive()
    }
}
