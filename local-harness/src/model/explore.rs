//! Every state that a script can lead to, breadth first, so that the trace to a bad one is as short
//! as any. In: a script. Out: counts, or the first bad state with the way there.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, RandomState};

use super::{Happening, ModelRule, Script, World};

/// What was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explored {
    /// Different states.
    pub states: usize,
    /// Ways from one to another.
    pub transitions: usize,
    /// States in which no event was on its way and nobody worked.
    pub quiet: usize,
}

/// A state that must not be, and how it comes about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Counterexample {
    /// What is wrong in the end.
    pub problem: String,
    /// What happens, in order.
    pub trace: Vec<String>,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, happening) in (1..).zip(&self.trace) {
            writeln!(f, "  {number:3}. {happening}")?;
        }
        write!(f, "       and then nothing is under way any more, but {}", self.problem)
    }
}

/// How a state was first reached: from which one, through what.
type Way = (u32, Option<Happening>);

/// Visits everything.
///
/// # Errors
/// The first quiet state whose results are not those of the source, or a state from which nothing
/// leads on although it is not quiet.
pub fn explore(script: &Script) -> Result<Explored, Counterexample> {
    let rule = ModelRule::new(script);
    // Two keyed hashes of 64 bits stand for a state: that two of ten million states share both has
    // a chance of one in 10^24.
    let hashers = (RandomState::new(), RandomState::new());
    let fingerprint = |world: &World| {
        let world = world.with_workers_in_order();
        (hashers.0.hash_one(&world), hashers.1.hash_one(&world))
    };
    let start = World::new(script, &rule);
    let mut seen = HashSet::from([fingerprint(&start)]);
    let mut ways: Vec<Way> = vec![(0, None)];
    let mut open = VecDeque::from([(0, start)]);
    let mut explored = Explored { states: 0, transitions: 0, quiet: 0 };
    while let Some((number, world)) = open.pop_front() {
        explored.states += 1;
        let next = world.next(&rule);
        if world.is_quiet() {
            explored.quiet += 1;
            if let Some(problem) = world.problem(&rule) {
                return Err(Counterexample { problem, trace: trace(&ways, number) });
            }
        } else if next.is_empty() {
            let problem = "a delivery is stuck".to_owned();
            return Err(Counterexample { problem, trace: trace(&ways, number) });
        }
        explored.transitions += next.len();
        for (happening, world) in next {
            if seen.insert(fingerprint(&world)) {
                let new = u32::try_from(ways.len()).expect("memory ends before the numbers do");
                ways.push((number, Some(happening)));
                open.push_back((new, world));
            }
        }
    }
    Ok(explored)
}

fn trace(ways: &[Way], mut number: u32) -> Vec<String> {
    let mut trace = Vec::new();
    while let (from, Some(happening)) = ways[number as usize] {
        trace.push(happening.to_string());
        number = from;
    }
    trace.reverse();
    trace
}
