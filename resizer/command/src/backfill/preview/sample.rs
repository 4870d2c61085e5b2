//! A few of many, each as likely as any other, chosen as they come by.
//! Source: Vitter, "Random sampling with a reservoir", 1985, algorithm R; numbers from SplitMix64.

/// So many at most, and how many there were.
#[derive(Debug)]
pub(crate) struct Sample<T> {
    items: Vec<T>,
    capacity: usize,
    seen: u64,
    random: u64,
}

impl<T> Sample<T> {
    /// The same seed and items give the same sample.
    pub(crate) fn new(capacity: usize, seed: u64) -> Self {
        Self { items: Vec::new(), capacity, seen: 0, random: seed }
    }

    /// Offers an item.
    pub(crate) fn offer(&mut self, item: T) {
        self.seen += 1;
        if self.items.len() < self.capacity {
            self.items.push(item);
            return;
        }
        let place = self.below(self.seen);
        if let Some(place) = usize::try_from(place).ok().filter(|place| *place < self.capacity) {
            self.items[place] = item;
        }
    }

    /// All that were offered.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// In random order.
    pub(crate) fn into_items(mut self) -> Vec<T> {
        for last in (1..self.items.len()).rev() {
            let other = self.below(last as u64 + 1);
            self.items.swap(last, usize::try_from(other).unwrap_or(last));
        }
        self.items
    }

    fn below(&mut self, end: u64) -> u64 {
        self.random = self.random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % end
    }
}

#[cfg(test)]
mod tests {
    use super::Sample;

    #[test]
    fn every_item_is_as_likely_as_any_other() {
        let mut chosen = [0_u32; 100];
        for seed in 0..2000 {
            let mut sample = Sample::new(10, seed);
            (0..100_usize).for_each(|item| sample.offer(item));
            assert_eq!(sample.seen(), 100);
            let mut items = sample.into_items();
            items.iter().for_each(|item| chosen[*item] += 1);
            items.sort_unstable();
            items.dedup();
            assert_eq!(items.len(), 10);
        }
        // 200 on average, with a standard deviation of 13.
        assert!(chosen.iter().all(|count| (135..265).contains(count)), "{chosen:?}");
        let mut few = Sample::new(10, 1);
        (0..3).for_each(|item| few.offer(item));
        assert_eq!(few.into_items().len(), 3);
    }
}
