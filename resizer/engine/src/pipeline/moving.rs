//! The files of an animation: each frame becomes all pictures, each picture one more frame of its
//! files, so that no more than one frame is there at a time.

use super::finish::Finish;
use super::{Control, Stage, threads};
use crate::decode::{Decoder, Frames};
use crate::encode::{AnimationEncoder, Extras, Job, Timed};
use crate::error::{Reject, RenderError};
use crate::header::Header;
use crate::plan::{FilePlan, Plan};
use crate::raster::Layout;
use crate::resize::{Picture, Resampler};

/// The bytes of these files, in their order.
///
/// # Errors
/// The decoder's, of any frame; `Stopped`.
pub(super) fn render(
    source: &[u8],
    header: &Header,
    plan: &Plan,
    finish: Finish<'_>,
    jobs: &[FilePlan],
    control: &mut Control<'_>,
) -> Result<Vec<Vec<u8>>, RenderError> {
    // Frames are composed with what is seen through them.
    let canvas = Header { layout: Layout::Rgba, ..header.clone() };
    let finish = finish.of_layout(canvas.layout);
    let retold: Vec<_> =
        jobs.iter().map(|file| finish.retold(&plan.variants[file.variant])).collect();
    let extras = |job: usize| Extras {
        icc: finish.icc_of(&plan.variants[jobs[job].variant], jobs[job].format),
        exif: retold[job].exif.as_deref(),
        xmp: retold[job].xmp.as_deref(),
    };
    let stop = control.stop;
    let job_of = Job { source: header.format, stop };
    let mut frames = Frames::new(source, header, control.stop)?;
    let mut files: Vec<Option<AnimationEncoder>> = jobs.iter().map(|_| None).collect();
    let mut count = 0;
    while let Some(frame) = frames.next_frame()? {
        // A header that announced fewer frames was what the limits admitted.
        if count == header.frames {
            break;
        }
        count += 1;
        let mut resampler = Resampler::new(&canvas, plan);
        let decoder = Decoder::of_frame(header.format, frame.raster, control.stop);
        threads::resample(decoder, &mut resampler, 1, control)?;
        let pictures = resampler.finish();
        (control.ended)(Stage::Resize);
        for (job, (file, animation)) in jobs.iter().zip(&mut files).enumerate() {
            let variant = &plan.variants[file.variant];
            let Picture::Pixels(pixels) = &pictures[variant.picture] else { continue };
            let raster = finish.raster(pixels, variant, file.format);
            if animation.is_none() {
                let times = [header.frames, header.plays];
                stop.check()?;
                *animation = AnimationEncoder::new(
                    &raster,
                    file.format,
                    variant,
                    times,
                    extras(job),
                    &job_of,
                )?;
            }
            if let Some(animation) = animation {
                stop.check()?;
                animation.push(&Timed { raster: &raster, duration_ms: frame.duration_ms })?;
            }
        }
        (control.ended)(Stage::Encode);
    }
    if count < header.frames {
        let detail = format!("{count} of {} frames", header.frames);
        return Err(Reject::malformed(header.format, detail).into());
    }
    let done = files.into_iter().enumerate().map(|(job, file)| match file {
        Some(file) => file.finish(extras(job)),
        None => Ok(Vec::new()),
    });
    done.collect()
}
