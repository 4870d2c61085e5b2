//! GIF: its frames out, each composed on the canvas. Our own reading of blocks, because libraries
//! crop a first frame that is larger than the canvas and refuse frames without a color table.
//! Source: GIF89a; where files break it, what browsers do.

use weezl::LzwStatus;
use weezl::decode::Decoder;

use super::canvas::{Canvas, Frame, Place};
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::raster::{Raster, Size};
use crate::source::{Gif, GifBlocks, GifFrame, Source};
use crate::spec::Truncated;
use crate::stop::Stop;

/// The longest index; eight bits are usual.
const MAX_CODE_BITS: u8 = 11;

/// A GIF being decoded.
pub(super) struct GifFrames<'a> {
    blocks: GifBlocks<'a>,
    canvas: Canvas,
    is_first: bool,
    /// Whether frames follow the first, so that it may have to be undone.
    is_animated: bool,
    disposal: u8,
    truncated: Truncated,
    stop: Stop,
}

/// The first frame on its canvas, as RGBA.
pub(super) fn decode(
    source: &Source<'_>,
    gif: &Gif<'_>,
    truncated: Truncated,
    stop: &Stop,
) -> Result<Raster, Reject> {
    let frames = GifFrames::new(source, gif, truncated, stop);
    let mut frames = GifFrames { is_animated: false, ..frames };
    if frames.draw_next()?.is_none() {
        return Err(malformed("no frame"));
    }
    Ok(frames.canvas.into_raster())
}

impl<'a> GifFrames<'a> {
    pub(super) fn new(
        source: &Source<'a>,
        gif: &Gif<'a>,
        truncated: Truncated,
        stop: &Stop,
    ) -> Self {
        Self {
            blocks: gif.blocks.clone(),
            canvas: Canvas::new(source.picture().size),
            is_first: true,
            is_animated: true,
            disposal: 0,
            truncated,
            stop: stop.clone(),
        }
    }

    /// # Errors
    /// `Malformed` where a frame's data are cut short or broken.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>, Reject> {
        let drawn = self.draw_next()?;
        Ok(drawn.map(|delay_cs| self.canvas.frame(u32::from(delay_cs) * 10)))
    }

    /// Draws the next frame and gives its time; `None` behind the last one.
    fn draw_next(&mut self) -> Result<Option<u16>, Reject> {
        let Some(mut frame) = self.blocks.next_frame() else { return Ok(None) };
        let is_first = std::mem::take(&mut self.is_first);
        if is_first && self.blocks.is_canvas(&frame) {
            (frame.left, frame.top) = (0, 0);
        }
        let (width, height) =
            self.blocks.size_of(&frame).ok_or_else(|| malformed("a frame without pixels"))?;
        // Of a truncated frame the rows that are there; behind the first one that may be none.
        let rows = match (self.truncated, is_first) {
            (Truncated::Refuse, _) => usize::from(height),
            (Truncated::Accept, is_first) => usize::from(is_first),
        };
        let indices = indices(&frame, [width.into(), height.into()], rows, &self.stop)?;
        match self.disposal {
            2 => self.canvas.clear(),
            // Some programs write 4 for what is specified as 3.
            3 | 4 => self.canvas.restore(),
            _ => {}
        }
        self.disposal = frame.disposal;
        let size = Size::new(width.into(), height.into());
        let size = size.ok_or_else(|| malformed("a frame without pixels"))?;
        let place = Place { x: frame.left.into(), y: frame.top.into(), size };
        self.canvas.begin(place, self.is_animated && matches!(frame.disposal, 3 | 4));
        self.canvas.draw_indices(&indices, &self.colors(&frame));
        Ok(Some(frame.delay_cs))
    }

    /// The color of each index; of those that leave the canvas as it is, none. Without any table
    /// the first one is black and the second white, as the specification recommends it.
    fn colors(&self, frame: &GifFrame<'_>) -> [Option<[u8; 3]>; 256] {
        let table = frame.colors.or(self.blocks.colors);
        let mut colors = [None; 256];
        if let Some(table) = table {
            let (table, _) = table.as_chunks::<3>();
            for (color, given) in colors.iter_mut().zip(table) {
                *color = Some(*given);
            }
        } else {
            colors = [Some([0; 3]); 256];
            colors[1] = Some([255; 3]);
        }
        if let Some(index) = frame.transparent {
            colors[usize::from(index)] = None;
        }
        colors
    }
}

/// The indices of a frame, row by row from the top: all of them, or at least that many rows.
fn indices(
    frame: &GifFrame<'_>,
    [width, height]: [usize; 2],
    least_rows: usize,
    stop: &Stop,
) -> Result<Vec<u8>, Reject> {
    if !(1..=MAX_CODE_BITS).contains(&frame.code_bits) {
        return Err(malformed("codes of no size, or of too many bits"));
    }
    let mut decoder = Decoder::new(weezl::BitOrder::Lsb, frame.code_bits);
    let mut indices = vec![0; width * height];
    let (mut blocks, mut filled) = (frame.data, 0);
    'blocks: while let Some((&length, rest)) = blocks.split_first() {
        let (mut block, behind) = rest.split_at(usize::from(length).min(rest.len()));
        blocks = behind;
        if stop.is_set() {
            return Err(malformed("stopped"));
        }
        // A code may stand for more than there is room for, and the rest of it comes out first.
        loop {
            if length == 0 || filled == indices.len() {
                break 'blocks;
            }
            let done = decoder.decode_bytes(block, &mut indices[filled..]);
            block = &block[done.consumed_in..];
            filled += done.consumed_out;
            match done.status {
                Ok(LzwStatus::Done) => break 'blocks,
                // Codes may wait in the decoder though all bytes are taken.
                Ok(_) if done.consumed_in + done.consumed_out > 0 => {}
                Ok(LzwStatus::Ok | LzwStatus::NoProgress) => break,
                Err(error) => return Err(malformed(error)),
            }
        }
    }
    if filled / width < least_rows {
        let detail = format!("a frame of {filled} pixels where {} were announced", indices.len());
        return Err(malformed(detail));
    }
    indices.truncate(filled / width * width);
    Ok(if frame.interlaced { in_order(&indices, [width, height]) } else { indices })
}

/// The first row and the distance of rows in each pass of an interlaced frame.
const PASSES: [[usize; 2]; 4] = [[0, 8], [4, 8], [2, 4], [1, 2]];

/// Rows that are stored in four passes, from top to bottom. Where the later ones are missing, rows
/// repeat the one above, and the picture ends with the first pass.
fn in_order(stored: &[u8], [width, height]: [usize; 2]) -> Vec<u8> {
    let order = PASSES.into_iter().flat_map(|[first, step]| (first..height).step_by(step));
    let mut rows = vec![None; height];
    for (y, row) in order.zip(stored.chunks_exact(width)) {
        rows[y] = Some(row);
    }
    let [_, step] = PASSES[0];
    let first_pass = rows.iter().step_by(step).flatten().count();
    let mut indices = Vec::with_capacity(height * width);
    let mut above = &[][..];
    for row in rows.into_iter().take(first_pass * step) {
        above = row.unwrap_or(above);
        indices.extend_from_slice(above);
    }
    indices
}

fn malformed(detail: impl ToString) -> Reject {
    Reject::malformed(ImageFormat::Gif, detail)
}
