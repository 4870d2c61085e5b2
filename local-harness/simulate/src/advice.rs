//! What an operator should set, as it follows from a run. In: a scenario and its outcome. Out:
//! numbers with their reasons; `advice/wording.rs` makes sentences of them.

mod wording;

use serde::Serialize;

use crate::mapping::Polling;
use crate::outcome::{Outcome, Window};
use crate::scenario::Scenario;
use crate::service::ServiceTimes;
use crate::time::{Micros, seconds};

/// How long an upload should wait for a place at most.
const GOAL_WAIT_S: f64 = 60.0;
/// What is recommended beyond what is needed on average.
const MARGIN: f64 = 1.2;
/// The highest maximum concurrency that AWS takes.
const STANDARD_MAX: u64 = 1_000;
/// Places that standard pollers gain each second: 300 each minute.
const STANDARD_PER_S: f64 = 5.0;
/// Standard pollers begin with so many places.
const STANDARD_START: u64 = 5;
/// A longer wait because of the ramp that is worth paying for pollers.
const SLOW_RAMP_S: f64 = 30.0;
/// Places of a provisioned poller.
const PER_POLLER: u64 = 10;
/// The visibility timeout, in timeouts of the function. Source: AWS Lambda Developer Guide,
/// "Creating and configuring an Amazon SQS event source mapping".
const TIMEOUTS_UNTIL_VISIBLE: Micros = 6;
/// Memory sizes that are compared, in MB.
const MEMORY_SIZES_MB: [u32; 5] = [512, 1_024, 1_769, 2_048, 3_538];
/// A memory size is recommended if it is so much cheaper.
const WORTHWHILE: f64 = 0.95;

/// Recommended settings, and the figures that they rest on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Advice {
    /// Uploads for each second that must be processed so that none waits for more than a minute.
    pub needed_per_s: f64,
    /// Seconds of an environment for each upload, in full batches, without failures.
    pub busy_s_per_upload: f64,
    /// Environments that wait for timeouts of poisoned uploads.
    pub busy_with_timeouts: f64,
    /// Environments at the same time for all of this.
    pub needed_concurrency: u64,
    /// What keeps more environments from being useful.
    pub bound: Bound,
    /// Maximum concurrency, or the places of provisioned pollers.
    pub maximum_concurrency: u64,
    /// Provisioned pollers at least and at most, if standard ones are too slow or too few.
    pub pollers: Option<(u64, u64)>,
    /// How long the last of the waiting uploads would wait with standard pollers, which begin with
    /// five places.
    pub ramp_wait_s: f64,
    /// The same if all places were there from the start.
    pub wait_s: f64,
    /// Visibility timeout of the queue.
    pub visibility_timeout_s: f64,
    /// Memory sizes with their time and cost.
    pub memory: Vec<MemorySize>,
    /// The cheapest of them that is worth a change.
    pub memory_size_mb: u32,
}

/// What limits the recommended concurrency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Bound {
    /// Nothing: it is as high as needed.
    Need,
    /// The writes that S3 accepts for the prefixes.
    S3,
    /// The concurrency of the account or of the function.
    Lambda,
}

/// A memory size and what an upload takes with it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MemorySize {
    /// In MB.
    pub memory_size_mb: u32,
    /// Duration of a full batch.
    pub batch_s: f64,
    /// GB-seconds for each upload.
    pub gb_s: f64,
}

impl Advice {
    /// The advice that follows from the outcome of a scenario.
    pub fn of(scenario: &Scenario, times: &ServiceTimes, outcome: &Outcome) -> Self {
        let batch_size = scenario.mapping.batch_size;
        let memory_size_mb = scenario.lambda.memory_size_mb;
        let busy_s_per_upload = batch_s(scenario, times, memory_size_mb) / batch_size as f64;
        let needed_per_s = needed_per_s(&outcome.windows);
        let busy_with_timeouts = busy_with_timeouts(scenario, outcome);
        let concurrency = |per_s: f64| per_s * busy_s_per_upload + busy_with_timeouts * MARGIN;
        let needed = concurrency(needed_per_s * MARGIN);
        let accepted = concurrency(scenario.s3.max_uploads_per_s());
        let allowed = scenario.lambda.concurrency();
        let (mut maximum_concurrency, mut bound) = (rounded_up(needed), Bound::Need);
        if accepted < needed {
            (maximum_concurrency, bound) = (rounded_up(accepted), Bound::S3);
        }
        if allowed < maximum_concurrency {
            (maximum_concurrency, bound) = (allowed, Bound::Lambda);
        }
        let maximum_concurrency = maximum_concurrency.max(2);
        let rate_of = |places: f64| (places - busy_with_timeouts).max(1.0) / busy_s_per_upload;
        let wait_s = |start| longest_wait_s(&outcome.windows, start, maximum_concurrency, rate_of);
        let (ramp_wait_s, wait_s) = (wait_s(STANDARD_START), wait_s(maximum_concurrency));
        let is_slow = ramp_wait_s > wait_s + SLOW_RAMP_S && ramp_wait_s > wait_s * MARGIN;
        let pollers = (is_slow || maximum_concurrency > STANDARD_MAX).then(|| {
            let pollers = maximum_concurrency.div_ceil(PER_POLLER).max(2);
            (pollers.min(200), pollers)
        });
        let memory: Vec<MemorySize> =
            MEMORY_SIZES_MB.map(|mb| memory_size(scenario, times, mb)).into();
        Self {
            needed_per_s,
            busy_s_per_upload,
            busy_with_timeouts,
            needed_concurrency: rounded_up(needed),
            bound,
            maximum_concurrency,
            pollers,
            ramp_wait_s,
            wait_s,
            visibility_timeout_s: visibility_timeout_s(scenario),
            memory_size_mb: cheapest(&memory, memory_size(scenario, times, memory_size_mb)),
            memory,
        }
    }
}

/// The duration of a full batch, with the three steps at S3.
fn batch_s(scenario: &Scenario, times: &ServiceTimes, memory_size_mb: u32) -> f64 {
    let batch_size = scenario.mapping.batch_size;
    times.mean_s(batch_size, memory_size_mb) + 3.0 * seconds(scenario.s3.step_us)
}

fn memory_size(scenario: &Scenario, times: &ServiceTimes, memory_size_mb: u32) -> MemorySize {
    let batch_s = batch_s(scenario, times, memory_size_mb);
    let gb_s = batch_s / scenario.mapping.batch_size as f64 * f64::from(memory_size_mb) / 1_024.0;
    MemorySize { memory_size_mb, batch_s, gb_s }
}

fn cheapest(sizes: &[MemorySize], present: MemorySize) -> u32 {
    let cheapest = sizes
        .iter()
        .copied()
        .fold(present, |best, other| if other.gb_s < best.gb_s { other } else { best });
    let is_worthwhile = cheapest.gb_s < present.gb_s * WORTHWHILE;
    if is_worthwhile { cheapest.memory_size_mb } else { present.memory_size_mb }
}

/// The lowest constant rate at which no upload waits for longer than the goal: all uploads between
/// any two times must be processed between the first one and the goal after the second one.
fn needed_per_s(windows: &[Window]) -> f64 {
    let width_s = windows.first().map_or(1.0, |window| window.until_s);
    let rate = |from: usize| {
        let mut uploads = 0;
        let rates = windows[from..].iter().enumerate().map(move |(at, window)| {
            uploads += window.uploads;
            uploads as f64 / ((at + 1) as f64 * width_s + GOAL_WAIT_S)
        });
        rates.fold(0.0, f64::max)
    };
    (0..windows.len()).map(rate).fold(0.0, f64::max)
}

/// How long uploads wait at most if places grow from `start` to `max` while uploads wait, and so
/// many places process so many uploads each second.
fn longest_wait_s(windows: &[Window], start: u64, max: u64, rate_of: impl Fn(f64) -> f64) -> f64 {
    let width_s = windows.first().map_or(1.0, |window| window.until_s);
    let (start, max) = (start.min(max) as f64, max as f64);
    let (mut places, mut waiting, mut longest_s) = (start, 0.0, 0.0_f64);
    for window in windows {
        let arrived = waiting + window.uploads as f64;
        let ramp_s = ((max - places) / STANDARD_PER_S).min(width_s);
        let grown = places + STANDARD_PER_S * ramp_s;
        let done = rate_of((places + grown) / 2.0) * ramp_s + rate_of(grown) * (width_s - ramp_s);
        waiting = (arrived - done).max(0.0);
        if waiting > 0.0 {
            places = grown;
            // In the rest of the ramp, half as much is done.
            let ramp_s = (max - places) / STANDARD_PER_S;
            longest_s = longest_s.max(waiting / rate_of(max) + ramp_s / 2.0);
        }
    }
    longest_s
}

/// The time that timeouts took, over the time in which poisoned uploads were delivered.
fn busy_with_timeouts(scenario: &Scenario, outcome: &Outcome) -> f64 {
    let Some(poison) = &scenario.poison else { return 0.0 };
    let deliveries = poison.refused_at.unwrap_or(scenario.queue.max_receive_count);
    let until_us =
        poison.until_us + scenario.queue.visibility_timeout_us * Micros::from(deliveries);
    let from_s = seconds(poison.from_us);
    let lasted_s = (seconds(until_us).min(outcome.last_end_s) - from_s).max(1.0);
    outcome.events.timeouts as f64 * seconds(scenario.lambda.timeout_us) / lasted_s
}

fn visibility_timeout_s(scenario: &Scenario) -> f64 {
    seconds(scenario.lambda.timeout_us * TIMEOUTS_UNTIL_VISIBLE)
}

/// To two digits.
fn rounded_up(value: f64) -> u64 {
    let whole = value.ceil().max(1.0);
    let unit = 10_f64.powf((whole.log10().floor() - 1.0).max(0.0));
    ((whole / unit).ceil() * unit) as u64
}

impl Scenario {
    /// Batches under way at the same time, at most.
    pub(crate) fn places(&self) -> u64 {
        self.mapping.polling.max_concurrency()
    }

    pub(crate) fn has_standard_pollers(&self) -> bool {
        matches!(self.mapping.polling, Polling::Standard { .. })
    }
}

#[cfg(test)]
mod tests;
