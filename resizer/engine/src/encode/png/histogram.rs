//! Pixels in, their colors and how much each one counts out.

use super::space::{Place, place};

/// The most colors that are told apart; where there are more, similar ones are put together.
const MAX_BINS: usize = 1 << 14;

/// No color counts for more than this part of all pixels.
const LARGEST_SHARE: u64 = 512;

/// Slots of the table: a power of two, twice the bins.
const SLOTS: usize = MAX_BINS * 2;

/// Colors that are the same but for their lowest bits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bin {
    /// The mean.
    pub(super) color: [u8; 4],
    /// Of the mean.
    pub(super) place: Place,
    /// Pixels, more where they are seen better.
    pub(super) weight: f64,
    /// Pixels.
    pub(super) count: u64,
}

/// The colors of a picture.
#[derive(Debug)]
pub(super) struct Histogram {
    /// The index of a tally and 1, or 0.
    slots: Vec<u16>,
    tallies: Vec<Tally>,
    /// Lowest bits of each channel that do not count.
    dropped_bits: u32,
}

#[derive(Debug, Clone, Copy)]
struct Tally {
    key: u32,
    weight: u64,
    count: u64,
    sums: [u64; 4],
}

impl Histogram {
    /// Of nothing.
    pub(super) fn new() -> Self {
        Self { slots: vec![0; SLOTS], tallies: Vec::with_capacity(MAX_BINS), dropped_bits: 0 }
    }

    /// Adds a pixel so many times, each of this weight.
    pub(super) fn add(&mut self, color: [u8; 4], count: u64, weight: u64) {
        let weight = weight * count;
        let sums = color.map(|level| u64::from(level) * count);
        let key = self.key(color);
        self.merge(Tally { key, weight, count, sums });
        while self.tallies.len() == MAX_BINS {
            self.coarsen();
        }
    }

    /// The colors, in an order that depends on the pixels alone. Large flat areas count no more
    /// than others, for else nothing would be left for what is seen before them.
    pub(super) fn bins(&self) -> Vec<Bin> {
        let weight: u64 = self.tallies.iter().map(|tally| tally.weight).sum();
        let most = (weight / LARGEST_SHARE).max(1);
        let bin = |tally: &Tally| {
            let color = tally.sums.map(|sum| ((sum + tally.count / 2) / tally.count) as u8);
            let weight = tally.weight.min(most) as f64;
            Bin { color, place: place(color), weight, count: tally.count }
        };
        self.tallies.iter().map(bin).collect()
    }

    fn key(&self, color: [u8; 4]) -> u32 {
        let kept = 0xff_u8 << self.dropped_bits;
        u32::from_le_bytes(color.map(|level| level & kept))
    }

    fn merge(&mut self, tally: Tally) {
        let mut slot = (tally.key.wrapping_mul(0x9e37_79b1) >> 17) as usize;
        loop {
            match self.slots[slot] {
                0 => break,
                taken => {
                    let known = &mut self.tallies[usize::from(taken) - 1];
                    if known.key == tally.key {
                        known.weight += tally.weight;
                        known.count += tally.count;
                        for (sum, more) in known.sums.iter_mut().zip(tally.sums) {
                            *sum += more;
                        }
                        return;
                    }
                }
            }
            slot = (slot + 1) % SLOTS;
        }
        self.tallies.push(tally);
        self.slots[slot] = self.tallies.len() as u16;
    }

    /// Drops one more bit of each channel.
    fn coarsen(&mut self) {
        self.dropped_bits += 1;
        let tallies = std::mem::replace(&mut self.tallies, Vec::with_capacity(MAX_BINS));
        self.slots.fill(0);
        let kept = u32::from(0xff_u8 << self.dropped_bits) * 0x0101_0101;
        for tally in tallies {
            self.merge(Tally { key: tally.key & kept, ..tally });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Histogram, MAX_BINS};

    #[test]
    fn too_many_colors_are_put_together_and_none_is_lost() {
        let mut histogram = Histogram::new();
        for number in 0..200_000_u32 {
            let [low, high, highest, _] = number.wrapping_mul(0x9e37_79b1).to_be_bytes();
            histogram.add([low, high, highest, 255], 2, 1);
        }
        let bins = histogram.bins();
        assert!(bins.len() < MAX_BINS && bins.len() > MAX_BINS / 16, "{} bins", bins.len());
        assert_eq!(bins.iter().map(|bin| bin.count).sum::<u64>(), 400_000);
        assert!(bins.iter().all(|bin| bin.color[3] == 255));
    }
}
