//! Two pieces of work in turn, and how their CPU times compare.

use rustix::time::{ClockId, clock_gettime};

/// A round of both is repeated for about so long.
const BUDGET_MS: f64 = 3000.0;

/// The rounds are at least and at most so many.
const ROUNDS: [usize; 2] = [7, 101];

/// A middle value and its neighbors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let median = values[values.len() / 2];
        Self { median, least: values[0], most: values[values.len() - 1] }
    }
}

/// CPU times of this thread in milliseconds, and their ratio round by round.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Race {
    pub(crate) ours_ms: Spread,
    pub(crate) theirs_ms: Spread,
    pub(crate) ratio: Spread,
    pub(crate) rounds: usize,
}

/// Runs both in turn, each first in every other round.
pub(crate) fn race(mut ours: impl FnMut(), mut theirs: impl FnMut()) -> Race {
    let warm = time_ms(&mut ours) + time_ms(&mut theirs);
    let [least, most] = ROUNDS;
    let rounds = ((BUDGET_MS / warm) as usize).clamp(least, most);
    let (mut our_times, mut their_times) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        if round % 2 == 0 {
            our_times.push(time_ms(&mut ours));
            their_times.push(time_ms(&mut theirs));
        } else {
            their_times.push(time_ms(&mut theirs));
            our_times.push(time_ms(&mut ours));
        }
    }
    let ratios = our_times.iter().zip(&their_times).map(|(ours, theirs)| ours / theirs).collect();
    Race {
        ours_ms: Spread::of(our_times),
        theirs_ms: Spread::of(their_times),
        ratio: Spread::of(ratios),
        rounds,
    }
}

fn time_ms(work: &mut impl FnMut()) -> f64 {
    let now_ms = || {
        let time = clock_gettime(ClockId::ThreadCPUTime);
        time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
    };
    let start = now_ms();
    work();
    now_ms() - start
}
