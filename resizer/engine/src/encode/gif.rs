//! GIF through `gif`: each frame with colours of its own, of moving pictures only what changed.

use gif::{DisposalMethod, Encoder, Frame, Repeat};

use super::Timed;
use crate::raster::{Layout, Raster, widen};
use crate::spec::Effort;

/// Below this alpha a pixel is transparent, for there is nothing in between.
const OPAQUE_FROM: u8 = 128;

const FITS: &str = "the plan keeps sides within the format's, a Vec takes every write";

/// A still picture.
pub(super) fn encode(raster: &Raster, effort: Effort) -> Vec<u8> {
    let mut animation = GifEncoder::new(raster, effort, None);
    animation.push(&Timed { raster, duration_ms: 0 });
    animation.finish()
}

/// Frames in the making. Each one waits for the next, which says whether it must be cleared.
pub(super) struct GifEncoder {
    /// Made with the first frame, whose colours are the file's.
    encoder: Option<Encoder<Vec<u8>>>,
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
    /// For frames of the same size as this one; `plays` is 0 for ever, `None` for a still picture.
    pub(super) fn new(raster: &Raster, effort: Effort, plays: Option<u32>) -> Self {
        let side = |side: u32| u16::try_from(side).expect(FITS);
        let size = [side(raster.size().width()), side(raster.size().height())];
        // Repeats are counted after the first time, and one time is what a file means that says
        // nothing.
        let repeat = match plays {
            None | Some(1) => None,
            Some(0) => Some(Repeat::Infinite),
            Some(plays) => Some(Repeat::Finite(u16::try_from(plays - 1).unwrap_or(u16::MAX))),
        };
        let pixels = usize::from(size[0]) * usize::from(size[1]);
        Self {
            encoder: None,
            repeat,
            speed: speed(effort),
            size,
            before: vec![[0; 4]; pixels],
            waiting: None,
            owed_ms: 0,
        }
    }

    pub(super) fn push(&mut self, frame: &Timed<'_>) {
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
            self.write(waiting, uncovers);
        }
        self.waiting = Some((pixels, frame.duration_ms));
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        if let Some(waiting) = self.waiting.take() {
            self.write(waiting, false);
        }
        self.encoder.expect("at least one frame").into_inner().expect(FITS)
    }

    /// The smallest part of the frame that shows all changes; all of it where it must be cleared,
    /// and of the first one, around which some programs fill the canvas.
    fn write(&mut self, (pixels, duration_ms): (Vec<[u8; 4]>, u32), clears: bool) {
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
            // Some programs look at nothing but the file's own colours.
            none => none.insert(new_encoder(self.size, self.repeat, frame.palette.take())),
        };
        encoder.write_frame(&frame).expect(FITS);
        self.before = if clears { vec![[0; 4]; pixels.len()] } else { pixels };
    }

    fn hundredths(&mut self, duration_ms: u32) -> u16 {
        let due_ms = i64::from(duration_ms) + self.owed_ms;
        let hundredths = ((due_ms + 5) / 10).clamp(0, u16::MAX.into());
        self.owed_ms = due_ms - hundredths * 10;
        hundredths as u16
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
    colours: Option<Vec<u8>>,
) -> Encoder<Vec<u8>> {
    let colours = colours.unwrap_or_default();
    let mut encoder = Encoder::new(Vec::new(), width, height, &colours).expect(FITS);
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat).expect(FITS);
    }
    encoder
}

/// How many samples the colours are chosen from: all, every tenth or every thirtieth.
fn speed(effort: Effort) -> i32 {
    match effort {
        Effort::Fast => 30,
        Effort::Balanced => 10,
        Effort::Small => 1,
    }
}
