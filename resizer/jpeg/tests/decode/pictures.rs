//! Pictures of seeded random coefficients.

use crate::writer::{Coefficients, Picture};

/// xorshift64*.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}

/// A picture with these sampling factors, with blocks from flat to full and values from small to
/// the largest.
pub(crate) fn random(width: usize, height: usize, sampling: &[(usize, usize)]) -> Picture {
    let mut random = Random::new((width * 65_536 + height * 16 + sampling.len()) as u64);
    let steps = std::array::from_fn(|slot| {
        std::array::from_fn(|place| (1 + slot + place / 8 + random.below(5)) as u16)
    });
    let mut picture = Picture { width, height, planes: Vec::new(), steps };
    let planes = sampling.iter().map(|&sampling| Coefficients {
        sampling,
        steps: 0,
        wide: 0,
        blocks: Vec::new(),
    });
    picture.planes = planes.collect();
    let (columns, rows) = picture.mcus();
    for (slot, plane) in (0..).zip(&mut picture.planes) {
        plane.steps = slot;
        plane.wide = columns * plane.sampling.0;
        let mut mean = 0;
        for _ in 0..plane.wide * rows * plane.sampling.1 {
            mean = (mean + random.below(61) as i16 - 30).clamp(-500, 500);
            let mut block = [0; 64];
            block[0] = mean;
            let most = [0, 3, 12, 64][random.below(4)];
            for _ in 0..random.below(most + 1) {
                let place = 1 + random.below(63);
                let range = (400 / (place + 1)).max(4);
                block[place] = random.below(2 * range) as i16 - range as i16;
            }
            if random.below(8) == 0 {
                block[63] = 1 - 2 * random.below(2) as i16;
            }
            plane.blocks.push(block);
        }
    }
    picture
}

/// The samples of a component, by a cosine transform in floating point.
pub(crate) fn exact_samples(picture: &Picture, component: usize) -> Vec<Vec<f64>> {
    let plane = &picture.planes[component];
    let steps = &picture.steps[usize::from(plane.steps)];
    let (width, height) = picture.plane_size(plane);
    let mut samples = vec![vec![0.0; width]; height];
    let wave: [[f64; 8]; 8] = std::array::from_fn(|at| {
        std::array::from_fn(|frequency| {
            let angle = (2 * at + 1) as f64 * frequency as f64 * std::f64::consts::PI / 16.0;
            let weight = if frequency == 0 { 0.5_f64.sqrt() } else { 1.0 };
            weight * angle.cos() / 2.0
        })
    });
    let order: Vec<_> = zigzag().collect();
    for (y, line) in samples.iter_mut().enumerate() {
        for (x, sample) in line.iter_mut().enumerate() {
            let block = &plane.blocks[y / 8 * plane.wide + x / 8];
            let terms =
                order.iter().zip(block.iter().zip(steps)).map(|(&(u, v), (&value, &step))| {
                    f64::from(value) * f64::from(step) * wave[x % 8][u] * wave[y % 8][v]
                });
            *sample = (terms.sum::<f64>() + 128.0).clamp(0.0, 255.0);
        }
    }
    samples
}

/// Column and row of each position in zigzag order.
fn zigzag() -> impl Iterator<Item = (usize, usize)> {
    (0..15).flat_map(|sum: usize| {
        let range = sum.saturating_sub(7)..=sum.min(7);
        range
            .map(move |low| if sum.is_multiple_of(2) { (low, sum - low) } else { (sum - low, low) })
    })
}
