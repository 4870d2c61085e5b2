//! How long the function works on a batch. In: measured invocations or a distribution, and the
//! memory size. Out: durations.

use crate::chance::{Chance, Distribution};
use crate::time::Micros;

/// Memory that pays for one vCPU. Source: AWS Lambda Developer Guide, "Configure Lambda function
/// memory".
const MB_PER_VCPU: f64 = 1_769.0;
/// vCPUs that one upload can use: it decodes beside resampling (decision 0019).
const VCPUS_PER_UPLOAD: f64 = 2.0;
/// Invocations of one batch size from which durations of this size are drawn.
const MIN_SAMPLES: usize = 8;

/// The durations of the function.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceTimes {
    /// The memory size that they hold for.
    pub memory_size_mb: u32,
    /// Durations of batches by their number of messages, in ascending order.
    batches: Vec<(usize, Distribution)>,
    /// Durations of inits.
    init: Distribution,
}

/// One measured invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Messages of its event.
    pub messages: usize,
    /// Its duration, without an init.
    pub duration_us: Micros,
    /// The init before it.
    pub init_us: Option<Micros>,
}

impl ServiceTimes {
    /// Every upload takes a time of this distribution, and those of a batch one after the other.
    pub fn of_uploads(memory_size_mb: u32, upload: Distribution, init: Distribution) -> Self {
        Self { memory_size_mb, batches: vec![(1, upload)], init }
    }

    /// As measured; `None` without an invocation.
    pub fn of_samples(memory_size_mb: u32, samples: &[Sample]) -> Option<Self> {
        let mut batches: Vec<(usize, Vec<Micros>)> = Vec::new();
        for sample in samples.iter().filter(|sample| sample.messages > 0) {
            match batches.binary_search_by_key(&sample.messages, |(messages, _)| *messages) {
                Ok(at) => batches[at].1.push(sample.duration_us),
                Err(at) => batches.insert(at, (sample.messages, vec![sample.duration_us])),
            }
        }
        // Few samples are no distribution, unless there are no others.
        if batches.iter().any(|(_, durations)| durations.len() >= MIN_SAMPLES) {
            batches.retain(|(_, durations)| durations.len() >= MIN_SAMPLES);
        }
        let batches: Vec<(usize, Distribution)> = batches
            .into_iter()
            .map(|(messages, durations)| (messages, Distribution::Sample(durations)))
            .collect();
        let init = Distribution::Sample(samples.iter().filter_map(|it| it.init_us).collect());
        (!batches.is_empty()).then_some(Self { memory_size_mb, batches, init })
    }

    /// The place of the measured batch size that is nearest to this one.
    fn nearest(&self, messages: usize) -> usize {
        let places = 0..self.batches.len();
        let nearest = places.min_by_key(|at| self.batches[*at].0.abs_diff(messages));
        nearest.expect("service times have at least one batch size")
    }

    /// The mean duration of an invocation with so many messages, in seconds.
    pub fn mean_s(&self, messages: usize, memory_size_mb: u32) -> f64 {
        let (known, durations) = &self.batches[self.nearest(messages)];
        let mean_us = durations.mean_us() * messages as f64 / *known as f64;
        mean_us / 1e6 * self.slowdown(messages, memory_size_mb)
    }

    /// How much longer a batch takes with this memory size than with the measured one.
    fn slowdown(&self, messages: usize, memory_size_mb: u32) -> f64 {
        let usable = VCPUS_PER_UPLOAD * messages.max(1) as f64;
        let share = |mb: u32| (f64::from(mb) / MB_PER_VCPU).min(usable);
        share(self.memory_size_mb) / share(memory_size_mb)
    }
}

/// Draws durations for a run. Measured durations are drawn like cards: each one once before any of
/// them again, so that a short run has the mean that was measured.
#[derive(Debug)]
pub(crate) struct Draws<'a> {
    times: &'a ServiceTimes,
    /// What is left of the measured durations of each batch size, in random order.
    decks: Vec<Vec<Micros>>,
}

impl<'a> Draws<'a> {
    pub(crate) fn new(times: &'a ServiceTimes) -> Self {
        Self { times, decks: vec![Vec::new(); times.batches.len()] }
    }

    /// The duration of an invocation with so many messages.
    pub(crate) fn draw(&mut self, messages: usize, memory_size_mb: u32, by: &mut Chance) -> Micros {
        let times = self.times;
        let at = times.nearest(messages);
        let duration_us = match times.batches[at].0 {
            known if known == messages => self.next(at, by),
            // Uploads of their own; a larger batch is taken to grow in proportion.
            1 => (0..messages).map(|_| self.next(at, by)).sum(),
            known => self.next(at, by) * messages as Micros / known as Micros,
        };
        (duration_us as f64 * times.slowdown(messages, memory_size_mb)).round() as Micros
    }

    fn next(&mut self, at: usize, chance: &mut Chance) -> Micros {
        let Distribution::Sample(values) = &self.times.batches[at].1 else {
            return self.times.batches[at].1.draw(chance);
        };
        let deck = &mut self.decks[at];
        if deck.is_empty() {
            deck.clone_from(values);
            for place in 1..deck.len() {
                deck.swap(place, chance.below(place as u64 + 1) as usize);
            }
        }
        deck.pop().unwrap_or_default()
    }

    /// The duration of an init. Lambda does not limit its processor time to the memory's share.
    pub(crate) fn init_us(&self, chance: &mut Chance) -> Micros {
        self.times.init.draw(chance)
    }
}

#[cfg(test)]
mod tests {
    use super::{Draws, Sample, ServiceTimes};
    use crate::chance::{Chance, Distribution};

    fn constant(per_upload_us: u64) -> ServiceTimes {
        let upload = Distribution::Constant(per_upload_us);
        ServiceTimes::of_uploads(1_769, upload, Distribution::Constant(0))
    }

    #[test]
    fn a_duration_follows_the_share_of_the_processor() {
        let times = constant(100_000);
        let draw = |messages, mb| Draws::new(&times).draw(messages, mb, &mut Chance::new(1));
        assert_eq!(draw(1, 1_769), 100_000);
        assert_eq!(draw(4, 1_769), 400_000);
        assert_eq!(draw(1, 1_024), 172_754);
        assert_eq!(draw(1, 3_538), 50_000);
        assert_eq!(draw(1, 10_240), 50_000, "one upload uses two vCPUs at most");
        assert_eq!(draw(4, 10_240), 69_102);
        assert!((times.mean_s(4, 10_240) - 0.069_102).abs() < 1e-6);
    }

    #[test]
    fn samples_are_drawn_by_batch_size() {
        let sample = |messages, duration_us| Sample { messages, duration_us, init_us: None };
        let mut samples = vec![sample(4, 400); 8];
        samples.extend(vec![sample(10, 900); 8]);
        samples.push(Sample { init_us: Some(30), ..sample(1, 5_000) });
        let times = ServiceTimes::of_samples(1_769, &samples).expect("samples");
        let draw = |messages| Draws::new(&times).draw(messages, 1_769, &mut Chance::new(1));
        // One invocation with one message is no distribution.
        assert_eq!([1, 4, 6, 10, 20].map(draw), [100, 400, 600, 900, 1_800]);
        assert_eq!(Draws::new(&times).init_us(&mut Chance::new(1)), 30);
        let few = ServiceTimes::of_samples(1_769, &samples[16..]).expect("a sample");
        assert_eq!(Draws::new(&few).draw(1, 1_769, &mut Chance::new(1)), 5_000);
        assert_eq!(ServiceTimes::of_samples(1_769, &[]), None);
    }

    #[test]
    fn each_sample_is_drawn_once_before_any_again() {
        let samples: Vec<Sample> = (1..=50)
            .map(|number| Sample { messages: 1, duration_us: number * 1_000, init_us: None })
            .collect();
        let times = ServiceTimes::of_samples(1_769, &samples).expect("samples");
        let (mut draws, mut chance) = (Draws::new(&times), Chance::new(5));
        let mut round =
            || -> Vec<u64> { (0..50).map(|_| draws.draw(1, 1_769, &mut chance)).collect() };
        let (mut first, mut second) = (round(), round());
        assert_ne!(first, second, "the order is random");
        first.sort_unstable();
        second.sort_unstable();
        assert_eq!(first, second);
        assert_eq!((first[0], first[49]), (1_000, 50_000));
    }
}
