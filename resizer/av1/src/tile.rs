//! The encoder of a tile: superblocks in rows, each divided into square blocks. A tile is coded as
//! if it were a picture of its own.

mod activity;
mod block;
mod chroma;
mod chroma_palette;
mod coefficients;
mod color_index;
mod context;
mod luma;
pub(crate) mod magnitudes;
mod palette;
mod palette_search;
mod partition;
mod scratch;
mod screen_syntax;
mod syntax;

use std::rc::Rc;

use resizer_cpu::Cpu;

use crate::cdf::Cdfs;
use crate::error::EncodeError;
use crate::frame::Frame;
use crate::picture::{Picture, SUPERBLOCK};
use crate::predict::neighbors::Place;
use crate::quantizer::Quantizer;
use crate::range_coder::RangeCoder;
use crate::scan::Scans;
use crate::search::Search;
use activity::Activity;
use block::Block;
use context::{Decoded, Line};
use partition::Splits;
use scratch::Scratch;

/// The number of units of 4 x 4 luma samples along the side of a superblock.
const UNITS: usize = SUPERBLOCK / 4;

/// What all tiles of a picture share.
pub(crate) struct Shared<'a> {
    pub(crate) cpu: Cpu,
    pub(crate) frame: &'a Frame,
    pub(crate) search: Search,
    pub(crate) scans: Scans,
    /// Asks whether the encoder must end.
    pub(crate) is_stopped: &'a dyn Fn() -> bool,
}

/// The state of the encoder between two blocks.
struct Tile<'a> {
    shared: &'a Shared<'a>,
    source: &'a Picture,
    decoded: Picture,
    /// The width and height in units of 4 luma samples, both even.
    units: (usize, usize),
    coder: RangeCoder,
    cdfs: Box<Cdfs>,
    above: Line,
    left: Line,
    /// For each plane, which units around and in the superblock are decoded.
    flags: Vec<Decoded>,
    quantizers: Vec<Option<Rc<Quantizer>>>,
    quantizer: Rc<Quantizer>,
    /// The quantizer index of the superblock, and the last one that was written.
    q_index: u8,
    written_q_index: u8,
    /// Whether the quantizer index of the superblock is not yet written.
    owes_q_index: bool,
}

/// Encodes a tile. Returns its bytes and its samples as the decoder has them before its filters.
///
/// # Errors
/// `Stopped` if the caller asked to end.
pub(crate) fn encode(
    shared: &Shared<'_>,
    source: &Picture,
) -> Result<(Vec<u8>, Picture), EncodeError> {
    let activity = Activity::new(source);
    let mut tile = Tile::new(shared, source);
    let mut scratch = Scratch::new();
    for row in (0..tile.units.1).step_by(UNITS) {
        if (shared.is_stopped)() {
            return Err(EncodeError::Stopped);
        }
        tile.left.clear();
        for column in (0..tile.units.0).step_by(UNITS) {
            tile.superblock(Block { row, column, size: SUPERBLOCK }, &activity, &mut scratch);
        }
    }
    Ok((tile.coder.finish(), tile.decoded))
}

impl<'a> Tile<'a> {
    fn new(shared: &'a Shared<'a>, source: &'a Picture) -> Self {
        let units = (2 * source.width.div_ceil(8), 2 * source.height.div_ceil(8));
        let q_index = shared.frame.q_index;
        let quantizer = Rc::new(Quantizer::new(
            q_index,
            shared.frame.has_matrix,
            shared.frame.is_screen_content,
        ));
        let planes = source.chroma.planes();
        let mut quantizers = vec![None; 256];
        quantizers[usize::from(q_index)] = Some(Rc::clone(&quantizer));
        Self {
            shared,
            source,
            decoded: Picture::new(source.width, source.height, source.chroma),
            units,
            coder: RangeCoder::new(),
            cdfs: Cdfs::new(q_index),
            above: Line::new(units.0.next_multiple_of(UNITS)),
            left: Line::new(UNITS),
            flags: vec![Decoded::default(); planes],
            quantizers,
            quantizer,
            q_index,
            written_q_index: q_index,
            owes_q_index: false,
        }
    }

    fn superblock(&mut self, block: Block, activity: &Activity, scratch: &mut Scratch) {
        for (plane, flags) in self.flags.iter_mut().enumerate() {
            let shift = self.source.chroma.shift(plane);
            let rest = |end: usize, start: usize| (end - start) >> shift;
            let (columns, rows) = self.units;
            flags.start(UNITS >> shift, rest(columns, block.column), rest(rows, block.row));
        }
        if self.shared.frame.has_delta_q {
            let change = activity.q_index_change(block.column / UNITS, block.row / UNITS);
            self.select_quantizer(change);
        }
        let place = (block.column / UNITS, block.row / UNITS);
        let is_busy = activity.is_busy(place, self.quantizer.lambda);
        let splits = self.choose_splits(block, is_busy, scratch);
        self.write_partition(block, &splits, scratch);
    }

    /// Sets the quantizer index of the superblock, as near to the base index plus the change as
    /// the syntax allows.
    fn select_quantizer(&mut self, change: i32) {
        let wanted = (i32::from(self.shared.frame.q_index) + change).clamp(1, 255);
        let steps = (wanted - i32::from(self.written_q_index)) / Self::Q_INDEX_STEP;
        let q_index = i32::from(self.written_q_index) + steps * Self::Q_INDEX_STEP;
        self.q_index = q_index.clamp(1, 255) as u8;
        self.owes_q_index = true;
        let frame = self.shared.frame;
        let cached = &mut self.quantizers[usize::from(self.q_index)];
        let new =
            || Rc::new(Quantizer::new(self.q_index, frame.has_matrix, frame.is_screen_content));
        self.quantizer = Rc::clone(cached.get_or_insert_with(new));
    }

    /// The unit in which quantizer indexes change.
    const Q_INDEX_STEP: i32 = 4;

    fn write_partition(&mut self, block: Block, splits: &Splits, scratch: &mut Scratch) {
        let (columns, rows) = self.units;
        if block.column >= columns || block.row >= rows {
            return;
        }
        let is_split = splits.is_split(block);
        self.write_partition_symbol(block, is_split);
        if !is_split {
            return self.encode_block(block, scratch);
        }
        for quarter in block.quarters() {
            self.write_partition(quarter, splits, scratch);
        }
    }

    /// A block of a plane, for the prediction from decoded samples.
    fn place(&self, plane: usize, block: Block) -> Place {
        let shift = self.source.chroma.shift(plane);
        let size = block.size >> shift;
        let (columns, rows) = self.units;
        let flags = &self.flags[plane];
        let (column, row) = ((block.column % UNITS) >> shift, (block.row % UNITS) >> shift);
        let units = size / 4;
        Place {
            x: (block.column * 4) >> shift,
            y: (block.row * 4) >> shift,
            size,
            plane_size: ((columns * 4) >> shift, (rows * 4) >> shift),
            has_above: block.row > 0,
            has_left: block.column > 0,
            has_above_right: block.row > 0 && flags.is_decoded(column + units, row.wrapping_sub(1)),
            has_below_left: block.column > 0
                && flags.is_decoded(column.wrapping_sub(1), row + units),
            is_smooth: self.has_smooth_neighbor(plane, block),
        }
    }

    fn has_smooth_neighbor(&self, plane: usize, block: Block) -> bool {
        let (above, left) = (block.column, block.row % UNITS);
        if plane == 0 {
            self.above.modes[above].is_smooth() || self.left.modes[left].is_smooth()
        } else {
            self.above.has_smooth_chroma[above] || self.left.has_smooth_chroma[left]
        }
    }
}
