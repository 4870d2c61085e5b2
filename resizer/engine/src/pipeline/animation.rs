//! The files that hold an animation: each frame becomes all pictures, each picture one more frame
//! of its files, so that no more than one frame is there at a time.

use super::finish::Finish;
use super::{Control, Stage, threads};
use crate::decode::{Decoder, Frames};
use crate::encode::{AnimationEncoder, File, Loops, Timed};
use crate::error::{Reject, RenderError};
use crate::metadata::FileMetadata;
use crate::plan::{FilePlan, Plan};
use crate::raster::Layout;
use crate::resize::{Picture, Resampler};
use crate::source::Source;
use crate::stop::Stop;

/// Frames are composed with alpha, so that what is below shows through them.
const FRAME_LAYOUT: Layout = Layout::Rgba;

/// Their bytes, in the plan's order.
///
/// # Errors
/// The decoder's, of any frame; the encoders'; `Stopped`.
pub(super) fn encode_all(
    source: &Source<'_>,
    plan: &Plan,
    finish: Finish<'_>,
    control: &mut Control<'_>,
) -> Result<Vec<Vec<u8>>, RenderError> {
    if plan.files.animated().is_empty() {
        return Ok(Vec::new());
    }
    let stop = control.stop.clone();
    let files = plan.files.animated().iter().map(|file| {
        let metadata = finish.metadata(&plan.variants[file.variant]);
        AnimationFile { file, metadata, encoder: None }
    });
    let mut files: Vec<AnimationFile<'_>> = files.collect();
    let finish = finish.of_layout(FRAME_LAYOUT);
    let output = Output { source, plan, finish: &finish, stop: &stop };
    let mut frames = Frames::new(source, plan.truncated, &stop)?;
    let mut count = 0;
    // So many were announced, and admitted by the limits.
    while count < source.frame_count()
        && let Some(frame) = frames.next_frame()?
    {
        count += 1;
        let decoder = Decoder::of_frame(source.format(), frame.raster, &stop);
        let resampler = Resampler::new(plan, FRAME_LAYOUT);
        let pictures = threads::resample(decoder, resampler, 1, control)?;
        control.end(Stage::Resize);
        files.iter_mut().try_for_each(|file| file.push(&output, &pictures, frame.duration_ms))?;
        control.end(Stage::Encode);
    }
    if count < source.frame_count() {
        let detail = format!("{count} of {} frames", source.frame_count());
        return Err(Reject::malformed(source.format(), detail).into());
    }
    files.into_iter().map(|file| file.finish(&output)).collect()
}

/// What the files of an animation have in common.
struct Output<'a> {
    source: &'a Source<'a>,
    plan: &'a Plan,
    finish: &'a Finish<'a>,
    stop: &'a Stop,
}

/// One file in the making.
struct AnimationFile<'a> {
    file: &'a FilePlan,
    metadata: FileMetadata,
    /// Made with the first frame.
    encoder: Option<AnimationEncoder>,
}

impl AnimationFile<'_> {
    /// Adds what a frame became.
    fn push(
        &mut self,
        output: &Output<'_>,
        pictures: &[Picture],
        duration_ms: u32,
    ) -> Result<(), RenderError> {
        let variant = &output.plan.variants[self.file.variant];
        let Picture::Pixels(pixels) = &pictures[variant.picture] else { return Ok(()) };
        let raster = output.finish.raster(pixels, variant, self.file);
        output.stop.check()?;
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            none => {
                let (frame_count, loop_count) =
                    (output.source.frame_count(), output.source.loop_count());
                let file = described(self.file, &self.metadata, output);
                none.insert(AnimationEncoder::new(
                    &raster,
                    Loops { frame_count, loop_count },
                    &file,
                )?)
            }
        };
        let file = described(self.file, &self.metadata, output);
        encoder.push(&Timed { raster: &raster, duration_ms }, &file)
    }

    /// The bytes; nothing where there was no frame.
    fn finish(self, output: &Output<'_>) -> Result<Vec<u8>, RenderError> {
        let file = described(self.file, &self.metadata, output);
        self.encoder.map_or(Ok(Vec::new()), |encoder| encoder.finish(&file))
    }
}

fn described<'a>(file: &FilePlan, metadata: &'a FileMetadata, output: &Output<'a>) -> File<'a> {
    File {
        source: output.source.format(),
        format: file.format,
        is_lossless: false,
        variant: &output.plan.variants[file.variant],
        extras: output.finish.extras(file, metadata),
        stop: output.stop,
    }
}
