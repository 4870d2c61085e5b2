//! GIF through `gif`: each frame with colors of its own, of animations only what changed.

use gif::{DisposalMethod, Encoder as GifWriter, Frame, Repeat};

use super::{EncodeFrames, Encoder, Failure, File, Timed};
use crate::raster::{Layout, Raster, widen};
use crate::spec::Effort;

pub(super) const ENCODER: Encoder = Encoder {
    extension: "gif",
    media_type: "image/gif",
    max_side: 65_535,
    holds_profile: false,
    working_bytes: |set| set.pixels * 24,
    encode: |picture, file| file.guarded(|| encode(picture.pixels()?, file)),
    animate: Some(|first, loops, file| {
        let effort = file.variant.effort;
        Ok(Box::new(GifEncoder::new(first, effort, Some(loops.loop_count))?))
    }),
};

/// Below this alpha a pixel is transparent, for there is nothing in between.
const OPAQUE_FROM: u8 = 128;

/// A still picture.
fn encode(raster: &Raster, file: &File<'_>) -> Result<Vec<u8>, Failure> {
    let mut animation = Box::new(GifEncoder::new(raster, file.variant.effort, None)?);
    animation.push(&Timed { raster, duration_ms: 0 })?;
    animation.finish(file)
}

/// Frames in the making. Each one waits for the next, which says whether it must be cleared.
struct GifEncoder {
    /// Made with the first frame, whose colors are the file's.
    encoder: Option<GifWriter<Vec<u8>>>,
    repeat: Option<Repeat>,
    speed: i32,
    size: [u16; 2],
    /// What is seen before the waiting frame: RGBA, nothing before the first one.
    before: Vec<[u8; 4]>,
    waiting: Option<(Vec<[u8; 4]>, u32)>,
    /// What rounding to hundredths of a second left over, in milliseconds.
    owed_ms: i64,
}

impl GifEncoder {
    /// For frames of the same size as this one; `loop_count` is 0 for endless, `None` for a still
    /// picture.
    fn new(raster: &Raster, effort: Effort, loop_count: Option<u32>) -> Result<Self, Failure> {
        let size = [raster.size().width().try_into()?, raster.size().height().try_into()?];
        // Repeats are counted after the first time, and one time is what a file means that says
        // nothing.
        let repeat = match loop_count {
            None | Some(1) => None,
            Some(0) => Some(Repeat::Infinite),
            Some(loops) => Some(Repeat::Finite(u16::try_from(loops - 1).unwrap_or(u16::MAX))),
        };
        let size: [u16; 2] = size;
        let pixels = usize::from(size[0]) * usize::from(size[1]);
        Ok(Self {
            encoder: None,
            repeat,
            speed: speed(effort),
            size,
            before: vec![[0; 4]; pixels],
            waiting: None,
            owed_ms: 0,
        })
    }

    /// The smallest part of the frame that shows all changes; all of it where it must be cleared,
    /// and of the first one, around which some programs fill the canvas.
    fn write(
        &mut self,
        (pixels, duration_ms): (Vec<[u8; 4]>, u32),
        clears: bool,
    ) -> Result<(), Failure> {
        let width = usize::from(self.size[0]);
        let is_whole = clears || self.encoder.is_none();
        let changed = |at: usize| pixels[at] != self.before[at];
        let mut left_right = [width, 0];
        let mut top_bottom = [pixels.len() / width, 0];
        for at in (0..pixels.len()).filter(|&at| is_whole || changed(at)) {
            let (x, y) = (at % width, at / width);
            left_right = [left_right[0].min(x), left_right[1].max(x + 1)];
            top_bottom = [top_bottom[0].min(y), top_bottom[1].max(y + 1)];
        }
        if left_right[1] == 0 {
            // Nothing changed; the time passes all the same.
            (left_right, top_bottom) = ([0, 1], [0, 1]);
        }
        let mut part = Vec::new();
        for y in top_bottom[0]..top_bottom[1] {
            for at in (left_right[0]..left_right[1]).map(|x| y * width + x) {
                let shown = if changed(at) { pixels[at] } else { [0; 4] };
                part.extend(shown);
            }
        }
        let [part_width, part_height] =
            [left_right, top_bottom].map(|[start, end]| (end - start) as u16);
        let mut frame = Frame::from_rgba_speed(part_width, part_height, &mut part, self.speed);
        if clears {
            with_transparent_index(&mut frame);
        }
        frame.left = left_right[0] as u16;
        frame.top = top_bottom[0] as u16;
        frame.dispose = if clears { DisposalMethod::Background } else { DisposalMethod::Keep };
        frame.delay = self.hundredths(duration_ms);
        let encoder = match &mut self.encoder {
            Some(encoder) => encoder,
            // Some programs look at nothing but the file's own colors.
            none => none.insert(new_encoder(self.size, self.repeat, frame.palette.take())?),
        };
        encoder.write_frame(&frame)?;
        self.before = if clears { vec![[0; 4]; pixels.len()] } else { pixels };
        Ok(())
    }

    fn hundredths(&mut self, duration_ms: u32) -> u16 {
        let due_ms = i64::from(duration_ms) + self.owed_ms;
        let hundredths = ((due_ms + 5) / 10).clamp(0, u16::MAX.into());
        self.owed_ms = due_ms - hundredths * 10;
        hundredths as u16
    }
}

impl EncodeFrames for GifEncoder {
    fn push(&mut self, frame: &Timed<'_>) -> Result<(), Failure> {
        let raster = widen(frame.raster, Layout::Rgba);
        let (pixels, _) = raster.pixels().as_chunks::<4>();
        let pixels = pixels.iter().map(
            |&[r, g, b, a]| {
                if a < OPAQUE_FROM { [0; 4] } else { [r, g, b, 255] }
            },
        );
        let pixels: Vec<[u8; 4]> = pixels.collect();
        if let Some(waiting) = self.waiting.take() {
            let uncovers = std::iter::zip(&waiting.0, &pixels).any(|(old, new)| old[3] > new[3]);
            self.write(waiting, uncovers)?;
        }
        self.waiting = Some((pixels, frame.duration_ms));
        Ok(())
    }

    fn finish(mut self: Box<Self>, _: &File<'_>) -> Result<Vec<u8>, Failure> {
        if let Some(waiting) = self.waiting.take() {
            self.write(waiting, false)?;
        }
        let encoder = self.encoder.ok_or_else(|| Failure::of("no frame"))?;
        Ok(encoder.into_inner()?)
    }
}

/// Gives a frame a transparent index, if it has none: without one, some programs clear to a color.
/// Of a full palette the least used color makes room, and its pixels get the nearest one.
fn with_transparent_index(frame: &mut Frame<'_>) {
    let Some(palette) = &mut frame.palette else { return };
    if frame.transparent.is_some() {
        return;
    }
    let count = palette.len() / 3;
    if count < 256 {
        palette.extend([0; 3]);
        frame.transparent = Some(count as u8);
        return;
    }
    let mut uses = [0_u32; 256];
    frame.buffer.iter().for_each(|&index| uses[usize::from(index)] += 1);
    let least = (0..256).min_by_key(|&index| uses[index]).unwrap_or(0);
    let (colors, _) = palette.as_chunks::<3>();
    let distance = |index: usize| {
        let levels = std::iter::zip(colors[index], colors[least]);
        levels.map(|(one, other)| u32::from(one.abs_diff(other)).pow(2)).sum::<u32>()
    };
    let others = (0..256).filter(|&index| index != least);
    let nearest = others.min_by_key(|&index| distance(index)).unwrap_or(0) as u8;
    let same = frame.buffer.to_mut().iter_mut().filter(|index| usize::from(**index) == least);
    same.for_each(|index| *index = nearest);
    frame.transparent = Some(least as u8);
}

fn new_encoder(
    [width, height]: [u16; 2],
    repeat: Option<Repeat>,
    colors: Option<Vec<u8>>,
) -> Result<GifWriter<Vec<u8>>, Failure> {
    let colors = colors.unwrap_or_default();
    let mut encoder = GifWriter::new(Vec::new(), width, height, &colors)?;
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat)?;
    }
    Ok(encoder)
}

/// How many samples the colors are chosen from: all, every tenth or every thirtieth.
fn speed(effort: Effort) -> i32 {
    match effort {
        Effort::Fast => 30,
        Effort::Balanced => 10,
        Effort::Small => 1,
    }
}
