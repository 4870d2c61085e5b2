//! Breadth-first exploration of every state that a script can lead to, so that the trace to a wrong
//! one is as short as any. In: a script. Out: counts, or the first wrong state with its trace.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};

use super::shared::{SharedHappening, SharedRule, SharedScript, SharedWorld};
use super::{Happening, ModelRule, Script, World};

/// The size of an exploration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Explored {
    /// Distinct states.
    pub states: usize,
    /// Transitions between them.
    pub transitions: usize,
    /// Final states: no event is in the queue, no worker is active, no late write is pending.
    pub quiet: usize,
}

/// A wrong state and the trace to it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Counterexample {
    /// What is wrong in the final state.
    pub problem: String,
    /// What happens, in order.
    pub trace: Vec<String>,
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, happening) in (1..).zip(&self.trace) {
            writeln!(f, "  {number:3}. {happening}")?;
        }
        write!(f, "       final state: {}", self.problem)
    }
}

/// How a state was first reached: its predecessor, and the step from there.
type Way<H> = (u32, Option<H>);

/// A state of a machine that can be explored.
trait Machine: Hash + Sized {
    type Rule;
    type Happening: fmt::Display;
    fn next(&self, rule: &Self::Rule) -> Vec<(Self::Happening, Self)>;
    fn is_quiet(&self) -> bool;
    fn problem(&self, rule: &Self::Rule) -> Option<String>;
    fn in_order(&self) -> Self;
}

/// Implements [`Machine`] with the methods of the type itself.
macro_rules! machine {
    ($world:ty, $rule:ty, $happening:ty) => {
        impl Machine for $world {
            type Rule = $rule;
            type Happening = $happening;

            fn next(&self, rule: &$rule) -> Vec<($happening, Self)> {
                self.next(rule)
            }

            fn is_quiet(&self) -> bool {
                self.is_quiet()
            }

            fn problem(&self, rule: &$rule) -> Option<String> {
                self.problem(rule)
            }

            fn in_order(&self) -> Self {
                self.in_order()
            }
        }
    };
}

machine!(World, ModelRule, Happening);
machine!(SharedWorld, SharedRule, SharedHappening);

/// Explores one source.
///
/// # Errors
/// The first final state whose results are not those of the source, or a state that is not final
/// and has no successor.
pub fn explore(script: &Script) -> Result<Explored, Counterexample> {
    let rule = ModelRule::new(script);
    visit(World::new(script, &rule), &rule)
}

/// Explores two sources that share results.
///
/// # Errors
/// As for [`explore`].
pub fn explore_shared(script: &SharedScript) -> Result<Explored, Counterexample> {
    visit(SharedWorld::new(script), &SharedRule::new(script))
}

fn visit<M: Machine>(start: M, rule: &M::Rule) -> Result<Explored, Counterexample> {
    // Two keyed hashes of 64 bits stand for a state. The probability that any two of ten million
    // states share both is 10^-24.
    let hashers = (RandomState::new(), RandomState::new());
    let fingerprint = |world: &M| {
        let world = world.in_order();
        (hashers.0.hash_one(&world), hashers.1.hash_one(&world))
    };
    let mut seen = HashSet::from([fingerprint(&start)]);
    let mut ways: Vec<Way<M::Happening>> = vec![(0, None)];
    let mut open = VecDeque::from([(0, start)]);
    let mut explored = Explored { states: 0, transitions: 0, quiet: 0 };
    while let Some((number, world)) = open.pop_front() {
        explored.states += 1;
        let next = world.next(rule);
        if world.is_quiet() {
            explored.quiet += 1;
            if let Some(problem) = world.problem(rule) {
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

fn trace<H: fmt::Display>(ways: &[Way<H>], mut number: u32) -> Vec<String> {
    let mut trace = Vec::new();
    while let (from, Some(happening)) = &ways[number as usize] {
        trace.push(happening.to_string());
        number = *from;
    }
    trace.reverse();
    trace
}
