//! The choice of the prediction of chroma.

use crate::cdf::cost;
use crate::kernels;
use crate::predict::{Mode, Prediction, cfl};

use super::Tile;
use super::block::{Block, ChromaMode, Luma};
use super::palette_search::paint;
use super::scratch::Scratch;

/// The largest strength of chroma from luma, in 1/8.
const MAX_ALPHA: i32 = 16;

impl Tile<'_> {
    /// Chooses how to code chroma. Stores the predictions in the decoded picture, and the levels in
    /// the buffers.
    pub(super) fn choose_chroma(
        &mut self,
        block: Block,
        luma: Luma,
        scratch: &mut Scratch,
    ) -> ChromaMode {
        for plane in 1..3 {
            let place = self.place(plane, block);
            scratch.neighbors[plane].read(&self.decoded.planes[plane], place);
            self.read_source(plane, block, &mut scratch.chroma_source[plane - 1]);
        }
        let mut best = (f32::INFINITY, ChromaMode::Plain(Prediction::default()));
        let same = Prediction { filter: None, ..luma.prediction };
        let others = [Mode::Dc, Mode::Vertical, Mode::Horizontal, Mode::Smooth, Mode::Paeth];
        for prediction in others.map(Prediction::new) {
            self.try_chroma(block, (luma, ChromaMode::Plain(prediction)), &mut best, scratch);
            if prediction.mode == Mode::Dc {
                let samples = (block.size >> self.source.chroma.shift(1)).pow(2);
                for (dc, chroma) in scratch.chroma_dc.iter_mut().zip(&*scratch.chroma) {
                    dc[..samples].copy_from_slice(&chroma[..samples]);
                }
            }
        }
        if self.shared.search.only.is_some() {
            best.0 = f32::INFINITY;
            self.try_chroma(block, (luma, ChromaMode::Plain(same)), &mut best, scratch);
        } else if !others.map(Prediction::new).contains(&same) {
            self.try_chroma(block, (luma, ChromaMode::Plain(same)), &mut best, scratch);
        }
        let tries_luma = luma.prediction.filter.is_some() || self.shared.search.only.is_none();
        if tries_luma && self.allows_from_luma(block) {
            let alphas = self.alphas(block, scratch);
            if alphas != [0; 2] {
                let mode = ChromaMode::FromLuma(alphas);
                self.try_chroma(block, (luma, mode), &mut best, scratch);
            }
        }
        if self.shared.frame.is_screen_content {
            best.1 = self.try_chroma_palettes(block, (luma, best.1), scratch);
        }
        let size = block.size >> self.source.chroma.shift(1);
        self.predict_chroma(best.1, size, scratch);
        self.quantize_chroma(block, best.1, scratch);
        best.1
    }

    /// Whether chroma from luma is allowed.
    pub(super) fn allows_from_luma(&self, block: Block) -> bool {
        block.size <= cfl::MAX_SIZE
    }

    fn try_chroma(
        &self,
        block: Block,
        (luma, mode): (Luma, ChromaMode),
        best: &mut (f32, ChromaMode),
        scratch: &mut Scratch,
    ) {
        let size = block.size >> self.source.chroma.shift(1);
        self.predict_chroma(mode, size, scratch);
        let error: u32 = [1, 2]
            .map(|plane| {
                let prediction = &scratch.chroma[plane - 1][..size * size];
                let source = &scratch.chroma_source[plane - 1];
                kernels::hadamard_cost(self.shared.cpu, source, prediction, size)
            })
            .iter()
            .sum();
        let bits = self.chroma_cost(block, luma, mode) as f32 / 256.0;
        let cost = error as f32 + bits * self.quantizer.bit_weight;
        if cost < best.0 {
            *best = (cost, mode);
        }
    }

    pub(super) fn predict_chroma(&self, mode: ChromaMode, size: usize, scratch: &mut Scratch) {
        let cpu = self.shared.cpu;
        let samples = size * size;
        for index in 0..2 {
            let out = &mut scratch.chroma[index][..samples];
            match mode {
                ChromaMode::Plain(prediction) => {
                    kernels::predict(cpu, &scratch.neighbors[index + 1], prediction, (size, out));
                }
                ChromaMode::FromLuma(alphas) => {
                    let dc = &scratch.chroma_dc[index][..samples];
                    let variation = &scratch.variation[..samples];
                    kernels::predict_from_luma(cpu, dc, variation, alphas[index], out);
                }
                ChromaMode::Palette(palette) => {
                    paint(palette.colors(index + 1), &scratch.color_maps[1][..], out);
                }
            }
        }
    }

    /// The strengths of chroma from luma with the least squared error.
    fn alphas(&self, block: Block, scratch: &mut Scratch) -> [i32; 2] {
        let shift = self.source.chroma.shift(1);
        let size = block.size >> shift;
        let decoded = &self.decoded.planes[0];
        let luma = (decoded.at(block.column * 4, block.row * 4), decoded.stride);
        let variation = &mut scratch.variation[..size * size];
        kernels::luma_variation(self.shared.cpu, luma, shift, size, variation);
        let squares = kernels::energy(self.shared.cpu, variation);
        if squares == 0 {
            return [0; 2];
        }
        [1, 2].map(|plane| {
            let (source, dc) = (&scratch.chroma_source[plane - 1], &scratch.chroma_dc[plane - 1]);
            let product = kernels::correlation(self.shared.cpu, variation, source, dc);
            // The prediction is alpha / 8 times the variation, which is in 1/8.
            let rounding = squares / 2 * product.signum();
            let alpha = (64 * product + rounding) / squares;
            alpha.clamp(-i64::from(MAX_ALPHA), i64::from(MAX_ALPHA)) as i32
        })
    }

    fn quantize_chroma(&mut self, block: Block, mode: ChromaMode, scratch: &mut Scratch) {
        let cpu = self.shared.cpu;
        let size = block.size >> self.source.chroma.shift(1);
        let kind = (size, mode.transform(size));
        for plane in 1..3 {
            let prediction = &scratch.chroma[plane - 1][..size * size];
            let residual = &mut scratch.residual[..size * size];
            let source = &scratch.chroma_source[plane - 1][..size * size];
            kernels::subtract(cpu, source, prediction, residual);
            kernels::transform(cpu, kind, residual, &mut scratch.coefficients[..]);
            self.quantize(plane, kind, scratch);
            self.store_prediction(plane, block, &scratch.chroma[plane - 1][..size * size]);
        }
    }

    /// The cost of the symbols of a mode, in 1/256 bit.
    pub(super) fn chroma_cost(&self, block: Block, luma: Luma, mode: ChromaMode) -> u32 {
        match mode {
            ChromaMode::Plain(prediction) => {
                let mut bits = self.chroma_mode_cost(block, luma, prediction.mode);
                if self.shared.frame.is_screen_content && prediction.mode == Mode::Dc {
                    let context = usize::from(!luma.palette.is_empty());
                    bits += cost(&self.cdfs.screen.has_chroma_palette[context], 0);
                }
                let angle = prediction.mode.directional_index().map_or(0, |index| {
                    cost(&self.cdfs.angle[index], (prediction.delta + 3) as usize)
                });
                bits + angle
            }
            ChromaMode::FromLuma(alphas) => {
                let symbols = AlphaSymbols::new(alphas);
                let luma = luma.prediction.mode.index();
                let bits = cost(&self.cdfs.uv_mode_cfl[luma], FROM_LUMA)
                    + cost(&self.cdfs.cfl_sign, symbols.signs);
                let alphas = symbols.alphas.into_iter().flatten();
                bits + alphas
                    .map(|(context, symbol)| cost(&self.cdfs.cfl_alpha[context], symbol))
                    .sum::<u32>()
            }
            // `try_chroma_palettes` knows the cost of palettes.
            ChromaMode::Palette(_) => 0,
        }
    }

    /// The cost of the symbol of a mode other than chroma from luma, in 1/256 bit.
    pub(super) fn chroma_mode_cost(&self, block: Block, luma: Luma, mode: Mode) -> u32 {
        let luma = luma.prediction.mode.index();
        if self.allows_from_luma(block) {
            cost(&self.cdfs.uv_mode_cfl[luma], mode.index())
        } else {
            cost(&self.cdfs.uv_mode[luma], mode.index())
        }
    }
}

/// The symbol of chroma from luma among the modes of chroma.
pub(super) const FROM_LUMA: usize = 13;

/// The symbols of the strengths of chroma from luma.
pub(super) struct AlphaSymbols {
    pub(super) signs: usize,
    /// The context and the symbol of each strength that is not 0.
    pub(super) alphas: [Option<(usize, usize)>; 2],
}

impl AlphaSymbols {
    pub(super) fn new(alphas: [i32; 2]) -> Self {
        let [u, v] = alphas.map(|alpha| match alpha.signum() {
            0 => 0,
            -1 => 1,
            _ => 2,
        });
        let symbol = |alpha: i32, sign: usize, other: usize| {
            (sign > 0).then(|| ((sign - 1) * 3 + other, alpha.unsigned_abs() as usize - 1))
        };
        Self { signs: 3 * u + v - 1, alphas: [symbol(alphas[0], u, v), symbol(alphas[1], v, u)] }
    }
}
