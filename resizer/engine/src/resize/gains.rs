//! Rows of a gain map in, the maps of the variants out. The resampler averages gain factors, and
//! weights each one with the light of the picture that it multiplies, because the mean of a product
//! is not the product of the means. Sums are floating-point, because the products of dark pixels
//! are too small for the integers of the other resampler.

use std::ops::Range;

use super::axis::Axis;
use super::weights::Weights;
use crate::decode::Band;
use crate::gain_map::Curve;
use crate::plan::{Domain, Grid, PicturePlan, Plan, Stream, source_grids};
use crate::raster::{Layout, Raster};

/// Resamples a gain map to the maps of all variants.
pub(crate) struct GainResampler<'a> {
    layout: Layout,
    curves: Vec<Curve>,
    weights: Option<Weights<'a>>,
    /// The number of samples in a row of a channel.
    width: usize,
    /// The number of rows so far.
    rows_pushed: usize,
    /// The current row of the map, plane by plane: for each channel the products of factors and
    /// weights, and then, if there are weights, the weights for each channel.
    row: Vec<f32>,
    targets: Vec<Target>,
}

/// The map of one variant.
struct Target {
    plan: PicturePlan,
    kind: Kind,
    /// Row by row, interleaved.
    samples: Vec<u8>,
}

enum Kind {
    /// The rows and columns of the source that are copied.
    Copied([Range<usize>; 2]),
    Averaged(Sums),
}

/// The sums of the output rows that are not complete.
struct Sums {
    down: Axis,
    across: Axis,
    /// The weights of `across`, as fractions of their sum.
    shares: Vec<f32>,
    /// The columns of the source that contribute.
    columns: Range<usize>,
    /// The number of output rows that can be incomplete at once.
    slots: usize,
    /// For each slot, the planes of an output row in the columns that contribute.
    sums: Vec<f32>,
    /// The first output row that is not complete.
    next: usize,
}

impl<'a> GainResampler<'a> {
    /// Allocates the maps of this plan. They are gray or RGB, with a curve for each channel.
    pub(crate) fn new(plan: &Plan, curves: Vec<Curve>, weights: Option<Weights<'a>>) -> Self {
        let from = source_grids(&plan.rows, plan.scale_eighths, Stream::Pixels);
        let planes = curves.len() * if weights.is_some() { 2 } else { 1 };
        let targets = plan.pictures.iter().map(|picture| {
            let length = Raster::byte_length(picture.size, plan.rows.layout);
            Target { samples: Vec::with_capacity(length), ..Target::new(picture, from, planes) }
        });
        Self {
            layout: plan.rows.layout,
            targets: targets.collect(),
            width: from[0].count,
            rows_pushed: 0,
            row: vec![0.0; from[0].count * planes],
            curves,
            weights,
        }
    }

    /// Takes the next rows of the map.
    pub(crate) fn push(&mut self, band: &Band) {
        for channels in band.rows(Stream::Pixels) {
            let channels: Vec<&[u8]> = channels.collect();
            let y = self.rows_pushed;
            self.rows_pushed += 1;
            if self.targets.iter().any(|target| target.is_averaged_of(y)) {
                self.weigh(y, &channels);
            }
            for target in &mut self.targets {
                match &mut target.kind {
                    Kind::Copied([rows, columns]) if rows.contains(&y) => {
                        for x in columns.clone() {
                            let samples = std::iter::zip(&self.curves, &channels);
                            let copies = samples.map(|(curve, samples)| curve.copy(samples[x]));
                            target.samples.extend(copies);
                        }
                    }
                    Kind::Copied(_) => {}
                    Kind::Averaged(sums) => {
                        sums.add(y, &self.row, self.width);
                        while let Some(row) = sums.complete(y) {
                            let row = Complete { row, weights: self.weights.as_ref() };
                            row.write(&self.curves, sums, &mut target.samples);
                            sums.end_row();
                        }
                    }
                }
            }
        }
    }

    /// Converts a row of samples to products and weights in `row`.
    fn weigh(&mut self, y: usize, channels: &[&[u8]]) {
        let (products, row_weights) = self.row.split_at_mut(self.width * self.curves.len());
        let products = products.chunks_exact_mut(self.width);
        let channels = products.zip(channels).zip(&self.curves);
        let Some(weights) = &mut self.weights else {
            for ((products, samples), curve) in channels {
                for (product, &sample) in products.iter_mut().zip(*samples) {
                    *product = curve.factor(sample);
                }
            }
            return;
        };
        weights.write(y, row_weights);
        for (((products, samples), curve), weights) in
            channels.zip(row_weights.chunks_exact(self.width))
        {
            for ((product, &sample), weight) in products.iter_mut().zip(*samples).zip(weights) {
                *product = curve.factor(sample) * weight;
            }
        }
    }

    /// The maps in the plan's order, in the orientation of the stored source.
    ///
    /// # Panics
    /// When rows of the map are missing.
    pub(crate) fn finish(self) -> Vec<Raster> {
        let layout = self.layout;
        let maps = self.targets.into_iter();
        maps.map(|target| Raster::new(target.plan.size, layout, target.samples)).collect()
    }
}

impl Target {
    fn new(plan: &PicturePlan, from: [Grid; 2], planes: usize) -> Self {
        let kind = if plan.domain == Domain::Copied {
            let [across, down] = plan.grids.map(|grid| {
                let first = grid.origin as usize;
                first..first + grid.count
            });
            Kind::Copied([down, across])
        } else {
            Kind::Averaged(Sums::new(plan, from, planes))
        };
        Self { plan: plan.clone(), kind, samples: Vec::new() }
    }

    fn is_averaged_of(&self, y: usize) -> bool {
        matches!(&self.kind, Kind::Averaged(sums) if sums.wants(y))
    }
}

impl Sums {
    fn new(plan: &PicturePlan, from: [Grid; 2], planes: usize) -> Self {
        let axis = |at: usize| Axis::new(plan.filter, from[at], plan.grids[at], [1, 1]);
        let (columns, across) = axis(0).trimmed();
        let down = axis(1);
        let starts = down.starts();
        let open = |first: usize| {
            let end = starts[first] + down.taps();
            starts.partition_point(|start| *start < end) - first
        };
        let slots = (0..starts.len()).map(open).max().unwrap_or(1);
        let sums = vec![0.0; slots * planes * columns.len()];
        let shares = across.weights().iter().map(|&weight| share(weight)).collect();
        Self { down, across, shares, columns, slots, sums, next: 0 }
    }

    /// Whether an output row that is not complete includes this row of the source.
    fn wants(&self, y: usize) -> bool {
        self.down.starts().get(self.next).is_some_and(|&start| start <= y)
    }

    /// Adds a row of the source, `width` values of each plane, to all output rows that include it.
    fn add(&mut self, y: usize, row: &[f32], width: usize) {
        let end = self.down.starts().partition_point(|&start| start <= y);
        let length = self.sums.len() / self.slots;
        for at in self.next..end {
            let (start, weights) = self.down.window(at);
            let weight = share(weights[y - start]);
            let sums = &mut self.sums[at % self.slots * length..][..length];
            let planes = sums.chunks_exact_mut(self.columns.len()).zip(row.chunks_exact(width));
            for (sums, plane) in planes {
                for (sum, value) in sums.iter_mut().zip(&plane[self.columns.clone()]) {
                    *sum += value * weight;
                }
            }
        }
    }

    /// The next output row, if the rows of the source up to `y` complete it.
    fn complete(&self, y: usize) -> Option<&[f32]> {
        let start = self.down.starts().get(self.next)?;
        let length = self.sums.len() / self.slots;
        let is_complete = start + self.down.taps() <= y + 1;
        is_complete.then(|| &self.sums[self.next % self.slots * length..][..length])
    }

    /// Clears the slot of the output row that was complete.
    fn end_row(&mut self) {
        let length = self.sums.len() / self.slots;
        self.sums[self.next % self.slots * length..][..length].fill(0.0);
        self.next += 1;
    }
}

/// An output row after the vertical pass.
struct Complete<'a, 's> {
    /// The planes, in the columns that contribute.
    row: &'a [f32],
    weights: Option<&'a Weights<'s>>,
}

impl Complete<'_, '_> {
    /// Runs the horizontal pass, and appends the samples of the variant.
    fn write(&self, curves: &[Curve], sums: &Sums, samples: &mut Vec<u8>) {
        let across = &sums.across;
        let planes: Vec<&[f32]> = self.row.chunks_exact(across.input()).collect();
        let (products, weights) = planes.split_at(curves.len());
        for x in 0..across.output() {
            let (start, taps) = (across.starts()[x], across.taps());
            let shares = &sums.shares[x * taps..][..taps];
            let mean = |plane: &[f32]| dot(&plane[start..start + taps], shares);
            for (channel, curve) in curves.iter().enumerate() {
                let product = mean(products[channel]);
                let factor = match self.weights {
                    Some(light) => product / light.clamped(channel, mean(weights[channel])),
                    None => product,
                };
                samples.push(curve.sample(factor));
            }
        }
    }
}

/// The dot product, as four independent sums, which the CPU can compute in parallel.
fn dot(values: &[f32], shares: &[f32]) -> f32 {
    let (values, last_values) = values.as_chunks::<4>();
    let (shares, last_shares) = shares.as_chunks::<4>();
    let mut sums = [0.0; 4];
    for (values, shares) in values.iter().zip(shares) {
        for ((sum, value), share) in sums.iter_mut().zip(values).zip(shares) {
            *sum += value * share;
        }
    }
    let last = last_values.iter().zip(last_shares).map(|(value, share)| value * share);
    sums.iter().sum::<f32>() + last.sum::<f32>()
}

/// A weight of an axis as a fraction of the sum of all weights.
fn share(weight: i16) -> f32 {
    f32::from(weight) / (1_i32 << super::axis::WEIGHT_BITS) as f32
}

/// The peak memory of the resampler in bytes, including the finished maps.
pub(crate) fn gain_resampling_bytes(plan: &Plan) -> u64 {
    let channels = plan.rows.layout.channels();
    let planes = 2 * channels;
    let from = source_grids(&plan.rows, plan.scale_eighths, Stream::Pixels);
    let [width, height] = from.map(|grid| grid.count);
    let bytes = |picture: &PicturePlan| {
        let [across, down] = picture.grids;
        let finished = across.count * down.count * channels;
        if picture.domain == Domain::Copied {
            return finished;
        }
        let taps = |from: Grid, to: Grid| {
            let reach = picture.filter.reach(from.pitch, to.pitch);
            ((2.0 * reach / from.pitch) as usize + 2).min(from.count)
        };
        let reach = picture.filter.reach(from[1].pitch, down.pitch);
        let slots = ((2.0 * reach / down.pitch) as usize + 3).min(down.count);
        let axis = |from: Grid, to: Grid| to.count * (taps(from, to) * 6 + 40);
        let axes = axis(from[0], across) + axis(from[1], down);
        finished + slots * planes * width * size_of::<f32>() + axes
    };
    let maps: usize = plan.pictures.iter().map(bytes).sum();
    // The positions in the picture, and a row of its light, at most as long as one of the map.
    let places = (width + height) * 3 * size_of::<usize>()
        + plan.rows.size.width() as usize * channels * size_of::<f32>();
    (maps + width * planes * size_of::<f32>() + places) as u64
}
