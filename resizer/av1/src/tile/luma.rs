//! The choice of the prediction and the transform of luma.

use crate::cdf::cost;
use crate::kernels;
use crate::predict::{FILTERS, Mode, Prediction};
use crate::transform::{TransformType, coded_side};

use super::block::{Block, Luma};
use super::palette_search::{IDENTITY_FACTOR, SCREEN_CONTENT, paint};
use super::scratch::Scratch;
use super::{Tile, UNITS};

/// A prediction with an estimate of its cost, in the unit of sums of absolute coefficients.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    prediction: Prediction,
    cost: f32,
}

/// The best predictions so far, the best first.
pub(super) struct Candidates {
    best: [Candidate; MAX_FINALISTS],
    count: usize,
    limit: usize,
}

/// The largest number of predictions whose residual is transformed.
const MAX_FINALISTS: usize = 4;

impl Candidates {
    fn new(limit: usize) -> Self {
        let none = Candidate { prediction: Prediction::default(), cost: f32::INFINITY };
        Self { best: [none; MAX_FINALISTS], count: 0, limit: limit.min(MAX_FINALISTS) }
    }

    fn all(&self) -> &[Candidate] {
        &self.best[..self.count]
    }

    fn insert(&mut self, mut candidate: Candidate) {
        for other in &mut self.best[..self.limit] {
            if candidate.cost < other.cost {
                std::mem::swap(other, &mut candidate);
            }
        }
        self.count = self.limit.min(self.count + 1);
    }
}

/// How many times the cost of the best prediction a directional one may have, so that other angles
/// are tried.
const REFINEMENT: f32 = 1.1;

/// The cost, in bits, below which no other predictions are tried: the residual has nothing to code.
const GOOD_ENOUGH: f32 = 3.0;

/// The predictions that are tried for every block.
const PLAIN: [Mode; 7] = [
    Mode::Dc,
    Mode::Vertical,
    Mode::Horizontal,
    Mode::Smooth,
    Mode::SmoothVertical,
    Mode::SmoothHorizontal,
    Mode::Paeth,
];
/// Directional predictions but the vertical and the horizontal one.
pub(super) const DIAGONAL: [Mode; 6] =
    [Mode::D45, Mode::D135, Mode::D113, Mode::D157, Mode::D203, Mode::D67];

impl Tile<'_> {
    /// Chooses how to code luma. Stores the prediction in the decoded picture, and the levels in
    /// the buffers.
    pub(super) fn choose_luma(&mut self, block: Block, scratch: &mut Scratch) -> Luma {
        let place = self.place(0, block);
        scratch.neighbors[0].read(&self.decoded.planes[0], place);
        self.read_source(0, block, &mut scratch.source[..]);
        let candidates = self.predictions(block, scratch);
        let luma = self.choose_transform(block, &candidates, scratch);
        let cpu = self.shared.cpu;
        let samples = &mut scratch.prediction[..block.size * block.size];
        if luma.palette.is_empty() {
            kernels::predict(cpu, &scratch.neighbors[0], luma.prediction, (block.size, samples));
        } else {
            paint(luma.palette.colors(), &scratch.color_maps[0][..], samples);
        }
        self.store_prediction(0, block, samples);
        self.quantize(0, (block.size, luma.transform), scratch);
        luma
    }

    /// The best predictions.
    fn predictions(&self, block: Block, scratch: &mut Scratch) -> Candidates {
        let search = &self.shared.search;
        let mut candidates = Candidates::new(search.finalists);
        let can_filter = block.size <= 32;
        if let Some(only) = search.only.filter(|only| can_filter || only.filter.is_none()) {
            self.try_prediction(block, only, &mut candidates, scratch);
            return candidates;
        }
        let mut costs = [f32::INFINITY; 13];
        for mode in PLAIN {
            let prediction = Prediction::new(mode);
            costs[mode.index()] = self.try_prediction(block, prediction, &mut candidates, scratch);
        }
        if candidates.best[0].cost < GOOD_ENOUGH * self.quantizer.bit_weight {
            candidates.count = 1;
            return candidates;
        }
        if search.has_directions {
            self.try_directions(block, &mut costs, &mut candidates, scratch);
            self.refine_angle(block, &mut candidates, scratch);
        }
        if search.has_filters && can_filter {
            for filter in 0..FILTERS {
                let prediction = Prediction::with_filter(filter);
                self.try_prediction(block, prediction, &mut candidates, scratch);
            }
        }
        candidates
    }

    /// Tries directional predictions. `costs` has those of the plain modes.
    fn try_directions(
        &self,
        block: Block,
        costs: &mut [f32; 13],
        candidates: &mut Candidates,
        scratch: &mut Scratch,
    ) {
        let mut attempt = |mode: Mode, candidates: &mut Candidates| {
            self.try_prediction(block, Prediction::new(mode), candidates, scratch)
        };
        if self.shared.search.tries_all_directions || block.size > 8 {
            for mode in DIAGONAL {
                attempt(mode, candidates);
            }
            return;
        }
        for mode in [Mode::D45, Mode::D135] {
            costs[mode.index()] = attempt(mode, candidates);
        }
        let mut best = Mode::Vertical;
        for mode in [Mode::Horizontal, Mode::D45, Mode::D135] {
            if costs[mode.index()] < costs[best.index()] {
                best = mode;
            }
        }
        let beside: &[Mode] = match best {
            Mode::D45 => &[Mode::D67],
            Mode::D135 => &[Mode::D113, Mode::D157],
            Mode::Vertical => &[Mode::D67, Mode::D113],
            _ => &[Mode::D157, Mode::D203],
        };
        for mode in beside {
            attempt(*mode, candidates);
        }
    }

    /// Predicts a block, and returns the cost.
    fn try_prediction(
        &self,
        block: Block,
        prediction: Prediction,
        candidates: &mut Candidates,
        scratch: &mut Scratch,
    ) -> f32 {
        let cpu = self.shared.cpu;
        let samples = &mut scratch.prediction[..block.size * block.size];
        kernels::predict(cpu, &scratch.neighbors[0], prediction, (block.size, samples));
        let error = kernels::hadamard_cost(cpu, &scratch.source[..], samples, block.size);
        let bits = self.luma_cost(block, prediction) as f32 / 256.0;
        let cost = error as f32 + bits * self.quantizer.bit_weight;
        candidates.insert(Candidate { prediction, cost });
        cost
    }

    /// Tries other angles near the best directional prediction.
    fn refine_angle(&self, block: Block, candidates: &mut Candidates, scratch: &mut Scratch) {
        let directional = candidates
            .all()
            .iter()
            .find(|found| found.prediction.mode.directional_index().is_some());
        let Some(&Candidate { prediction, cost }) = directional else { return };
        if cost > candidates.best[0].cost * REFINEMENT {
            return;
        }
        let mut costs = [cost; 2];
        for (cost, delta) in costs.iter_mut().zip([-1, 1]) {
            let prediction = Prediction::with_delta(prediction.mode, delta);
            *cost = self.try_prediction(block, prediction, candidates, scratch);
        }
        let direction = if costs[0] < costs[1] { -1 } else { 1 };
        let mut best = costs[0].min(costs[1]);
        if best >= cost {
            return;
        }
        for delta in [2, 3] {
            let prediction = Prediction::with_delta(prediction.mode, delta * direction);
            let cost = self.try_prediction(block, prediction, candidates, scratch);
            if cost >= best {
                break;
            }
            best = cost;
        }
    }

    /// Chooses the prediction and the transform with the lowest cost. Leaves its coefficients in
    /// the buffers.
    fn choose_transform(
        &self,
        block: Block,
        candidates: &Candidates,
        scratch: &mut Scratch,
    ) -> Luma {
        let cpu = self.shared.cpu;
        let samples = block.size * block.size;
        let mut best = Luma::default();
        let mut best_cost = f32::INFINITY;
        for candidate in candidates.all() {
            let prediction = candidate.prediction;
            let predicted = &mut scratch.prediction[..samples];
            kernels::predict(cpu, &scratch.neighbors[0], prediction, (block.size, predicted));
            let residual = &mut scratch.residual[..samples];
            kernels::subtract(cpu, &scratch.source[..samples], predicted, residual);
            let mode_cost = self.luma_cost(block, prediction);
            for &transform in self.transforms(block, prediction) {
                let kind = (block.size, transform);
                let bits = mode_cost + self.transform_cost(block, prediction, transform);
                let mut cost =
                    self.residual_cost(kind, scratch) + self.quantizer.lambda * bits as f32 / 256.0;
                if transform == TransformType::Identity {
                    cost *= IDENTITY_FACTOR;
                }
                if cost < best_cost {
                    best_cost = cost;
                    best = Luma { prediction, transform, ..Luma::default() };
                    std::mem::swap(&mut scratch.coefficients, &mut scratch.best_coefficients);
                }
            }
        }
        if self.shared.frame.is_screen_content {
            self.try_palettes(block, &mut (best_cost, &mut best), scratch);
        }
        std::mem::swap(&mut scratch.coefficients, &mut scratch.best_coefficients);
        best
    }

    /// Transforms the residual of luma in the buffers, and estimates its rate-distortion cost.
    pub(super) fn residual_cost(&self, kind: (usize, TransformType), scratch: &mut Scratch) -> f32 {
        self.residual_cost_of(0, kind, scratch)
    }

    /// The same cost for a plane.
    pub(super) fn residual_cost_of(
        &self,
        plane: usize,
        kind: (usize, TransformType),
        scratch: &mut Scratch,
    ) -> f32 {
        let cpu = self.shared.cpu;
        let (size, coded) = (kind.0, coded_side(kind.0));
        let residual = &scratch.residual[..size * size];
        let coefficients = &mut scratch.coefficients[..coded * coded];
        kernels::transform(cpu, kind, residual, coefficients);
        let steps = self.quantizer.steps(plane, kind);
        let cost = kernels::estimate(cpu, coefficients, steps, self.quantizer.lambda);
        if coded < size { cost + kernels::lost_energy(cpu, residual, coefficients) } else { cost }
    }

    /// The transforms to try after a prediction.
    fn transforms(&self, block: Block, prediction: Prediction) -> &'static [TransformType] {
        if self.shared.frame.is_screen_content && block.size <= 16 {
            let only = self.shared.search.only_transform.map(|only| only as usize);
            return only.map_or(&SCREEN_CONTENT, |only| &SCREEN_CONTENT[only..=only]);
        }
        const DCT: [TransformType; 1] = [TransformType::DctDct];
        const WITH_ADST: [[TransformType; 2]; 4] = [
            [TransformType::DctDct, TransformType::AdstAdst],
            [TransformType::DctDct, TransformType::AdstDct],
            [TransformType::DctDct, TransformType::DctAdst],
            [TransformType::DctDct, TransformType::AdstAdst],
        ];
        if block.size > 16 {
            &DCT
        } else if self.shared.search.tries_all_transforms {
            &TransformType::ALL
        } else {
            &WITH_ADST[prediction.direction().transform() as usize]
        }
    }

    /// Quantizes the coefficients in the buffers.
    pub(super) fn quantize(
        &self,
        plane: usize,
        kind: (usize, TransformType),
        scratch: &mut Scratch,
    ) {
        let side = coded_side(kind.0);
        let positions = self.shared.scans.positions(side);
        let steps = self.quantizer.steps(plane, kind);
        let levels = &mut scratch.levels[plane];
        kernels::quantize(self.shared.cpu, &scratch.coefficients[..], steps, positions, levels);
    }

    /// The cost of the symbols of a prediction, in 1/256 bit.
    fn luma_cost(&self, block: Block, prediction: Prediction) -> u32 {
        let mode = prediction.mode;
        let (above, left) = self.mode_classes(block);
        let mut bits = cost(&self.cdfs.y_mode[above][left], mode.index());
        if let Some(index) = mode.directional_index() {
            bits += cost(&self.cdfs.angle[index], (prediction.delta + 3) as usize);
        }
        if mode == Mode::Dc && self.shared.frame.is_screen_content {
            let (size, context) = self.palette_contexts(block);
            bits += cost(&self.cdfs.screen.has_palette[size][context], 0);
        }
        if mode == Mode::Dc && block.size <= 32 {
            let cdf = &self.cdfs.filter_intra[block.size_index()];
            bits += cost(cdf, usize::from(prediction.filter.is_some()));
            if let Some(filter) = prediction.filter {
                bits += cost(&self.cdfs.filter_intra_mode, usize::from(filter));
            }
        }
        bits
    }

    /// The cost of a transform type, in 1/256 bit.
    pub(super) fn transform_cost(
        &self,
        block: Block,
        prediction: Prediction,
        kind: TransformType,
    ) -> u32 {
        let direction = prediction.direction().index();
        match block.size {
            4 => cost(&self.cdfs.type_set_1[0][direction], kind.symbol_in_set_1()),
            8 => cost(&self.cdfs.type_set_1[1][direction], kind.symbol_in_set_1()),
            16 => cost(&self.cdfs.type_set_2[direction], kind.symbol_in_set_2()),
            _ => 0,
        }
    }

    /// The classes of the modes above and to the left.
    pub(super) fn mode_classes(&self, block: Block) -> (usize, usize) {
        let above = self.above.modes[block.column].class();
        (above, self.left.modes[block.row % UNITS].class())
    }
}
