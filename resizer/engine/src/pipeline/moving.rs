//! The files of an animation: each frame becomes all pictures, each picture one more frame of its
//! files, so that no more than one frame is there at a time.

use super::Stage;
use super::finish::Finish;
use super::threads;
use crate::decode::{Decoder, Frames};
use crate::encode::{Animation, Extras, Timed};
use crate::error::Reject;
use crate::header::Header;
use crate::plan::{FilePlan, Plan};
use crate::raster::Layout;
use crate::resize::{Picture, Resampler};

/// The bytes of these files, in their order.
///
/// # Errors
/// The decoder's, of any frame.
pub(super) fn render(
    source: &[u8],
    header: &Header,
    plan: &Plan,
    finish: Finish<'_>,
    jobs: &[FilePlan],
    ended: &mut dyn FnMut(Stage),
) -> Result<Vec<Vec<u8>>, Reject> {
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
    let mut frames = Frames::new(source, header)?;
    let mut files: Vec<Option<Animation>> = jobs.iter().map(|_| None).collect();
    let mut count = 0;
    while let Some(frame) = frames.next_frame()? {
        // A header that announced fewer frames was what the limits admitted.
        if count == header.frames {
            break;
        }
        count += 1;
        let mut resampler = Resampler::new(&canvas, plan);
        threads::resample(Decoder::of_frame(frame.raster), &mut resampler, 1, ended)?;
        let pictures = resampler.finish();
        ended(Stage::Resize);
        for (job, (file, animation)) in jobs.iter().zip(&mut files).enumerate() {
            let variant = &plan.variants[file.variant];
            let Picture::Pixels(pixels) = &pictures[variant.picture] else { continue };
            let raster = finish.raster(pixels, variant, file.format);
            if animation.is_none() {
                let times = [header.frames, header.plays];
                *animation = Animation::new(&raster, file.format, variant, times, extras(job));
            }
            if let Some(animation) = animation {
                animation.push(&Timed { raster: &raster, duration_ms: frame.duration_ms });
            }
        }
        ended(Stage::Encode);
    }
    if count < header.frames {
        let detail = format!("{count} of {} frames", header.frames);
        return Err(Reject::malformed(header.format, detail));
    }
    let done = files
        .into_iter()
        .enumerate()
        .map(|(job, file)| file.map(|file| file.finish(extras(job))).unwrap_or_default());
    Ok(done.collect())
}
