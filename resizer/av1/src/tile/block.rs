//! A block: the choice of its modes, its samples as the decoder has them, and its symbols.

use crate::predict::Prediction;
use crate::transform::TransformType;

use super::chroma_palette::ChromaPalette;
use super::palette::Palette;
use super::scratch::Scratch;
use super::{Tile, UNITS};

/// A square block of luma, and the chroma with it. Rows and columns are in units of 4 luma samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) row: usize,
    pub(super) column: usize,
    /// The side in luma samples: 8, 16, 32, or 64.
    pub(super) size: usize,
}

impl Block {
    /// The side in units.
    pub(super) const fn units(self) -> usize {
        self.size / 4
    }

    /// The four blocks of half the side, in the order in which they are coded.
    pub(super) fn quarters(self) -> [Self; 4] {
        let half = self.units() / 2;
        [(0, 0), (0, 1), (1, 0), (1, 1)].map(|(row, column)| Self {
            row: self.row + row * half,
            column: self.column + column * half,
            size: self.size / 2,
        })
    }

    /// The index of its size: 0 for 4, 1 for 8, and so on.
    pub(super) const fn size_index(self) -> usize {
        self.size.ilog2() as usize - 2
    }
}

/// How luma is coded.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Luma {
    pub(super) prediction: Prediction,
    pub(super) transform: TransformType,
    /// The colors that replace the prediction, if there are any.
    pub(super) palette: Palette,
}

/// How chroma is coded.
#[derive(Debug, Clone, Copy)]
pub(super) enum ChromaMode {
    Plain(Prediction),
    /// With the strengths for Cb and Cr in 1/8, -16 to 16, not both 0.
    FromLuma([i32; 2]),
    Palette(ChromaPalette),
}

impl Tile<'_> {
    /// Chooses how to code a block, decodes it, and writes it.
    pub(super) fn encode_block(&mut self, block: Block, scratch: &mut Scratch) {
        let luma = self.choose_luma(block, scratch);
        self.decode_plane(0, block, luma.transform, scratch);
        let chroma = (self.flags.len() > 1).then(|| {
            let chroma = self.choose_chroma(block, luma, scratch);
            let transform = chroma.transform(block.size >> self.source.chroma.shift(1));
            for plane in 1..3 {
                self.decode_plane(plane, block, transform, scratch);
            }
            chroma
        });
        self.write_block(block, luma, chroma, scratch);
    }

    /// Adds the residual to the prediction, which is in the decoded picture.
    fn decode_plane(
        &mut self,
        plane: usize,
        block: Block,
        transform: TransformType,
        scratch: &mut Scratch,
    ) {
        let shift = self.source.chroma.shift(plane);
        let size = block.size >> shift;
        let levels = &scratch.levels[plane];
        if levels.end > 0 {
            let cpu = self.shared.cpu;
            let steps = self.quantizer.steps(plane, (size, transform));
            let values = &mut scratch.dequantized[..];
            crate::kernels::dequantize(cpu, size, levels, steps, values);
            let out = &mut self.decoded.planes[plane];
            let stride = out.stride;
            let out = out.at_mut((block.column * 4) >> shift, (block.row * 4) >> shift);
            let kind = (size, transform);
            crate::kernels::add_residual(cpu, kind, (values, levels.rows), (out, stride));
        }
        let (column, row) = ((block.column % UNITS) >> shift, (block.row % UNITS) >> shift);
        self.flags[plane].mark(column, row, size / 4);
    }

    /// Copies a prediction into the decoded picture.
    pub(super) fn store_prediction(&mut self, plane: usize, block: Block, samples: &[u8]) {
        let shift = self.source.chroma.shift(plane);
        let size = block.size >> shift;
        let out = &mut self.decoded.planes[plane];
        let stride = out.stride;
        let out = out.at_mut((block.column * 4) >> shift, (block.row * 4) >> shift);
        match size {
            4 => store_rows::<4>(samples, (out, stride)),
            8 => store_rows::<8>(samples, (out, stride)),
            16 => store_rows::<16>(samples, (out, stride)),
            32 => store_rows::<32>(samples, (out, stride)),
            _ => store_rows::<64>(samples, (out, stride)),
        }
    }

    /// Copies the samples of the source into rows without gaps.
    pub(super) fn read_source(&self, plane: usize, block: Block, out: &mut [u8]) {
        let shift = self.source.chroma.shift(plane);
        let source = &self.source.planes[plane];
        let (stride, size) = (source.stride, block.size >> shift);
        let source = source.at((block.column * 4) >> shift, (block.row * 4) >> shift);
        match size {
            4 => copy_rows::<4>((source, stride), out),
            8 => copy_rows::<8>((source, stride), out),
            16 => copy_rows::<16>((source, stride), out),
            32 => copy_rows::<32>((source, stride), out),
            _ => copy_rows::<64>((source, stride), out),
        }
    }
}

fn copy_rows<const N: usize>((samples, stride): (&[u8], usize), out: &mut [u8]) {
    let (out, _) = out.as_chunks_mut::<N>();
    for (out, row) in out.iter_mut().zip(samples.chunks(stride)).take(N) {
        out.copy_from_slice(&row[..N]);
    }
}

fn store_rows<const N: usize>(samples: &[u8], (out, stride): (&mut [u8], usize)) {
    let (samples, _) = samples.as_chunks::<N>();
    for (row, samples) in out.chunks_mut(stride).zip(samples).take(N) {
        row[..N].copy_from_slice(samples);
    }
}

impl ChromaMode {
    /// The transform of chroma, which follows from its mode.
    pub(super) fn transform(self, size: usize) -> TransformType {
        match self {
            Self::Plain(prediction) if size <= 16 => prediction.mode.transform(),
            _ => TransformType::DctDct,
        }
    }
}
