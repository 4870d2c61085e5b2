//! Every state that a script can lead to, breadth first, so that the trace to a bad one is as short
//! as any. In: a script. Out: counts, or the first bad state with the way there.

use std::collections::{HashSet, VecDeque};
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};

use super::shared::{SharedHappening, SharedRule, SharedScript, SharedWorld};
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
type Way<H> = (u32, Option<H>);

/// One state of a machine whose every order is visited.
trait Machine: Hash + Sized {
    type Rule;
    type Happening: fmt::Display;
    fn next(&self, rule: &Self::Rule) -> Vec<(Self::Happening, Self)>;
    fn is_quiet(&self) -> bool;
    fn problem(&self, rule: &Self::Rule) -> Option<String>;
    fn in_order(&self) -> Self;
}

/// The machine's methods are those of the type itself.
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

/// Visits everything.
///
/// # Errors
/// The first quiet state whose results are not those of the source, or a state from which nothing
/// leads on although it is not quiet.
pub fn explore(script: &Script) -> Result<Explored, Counterexample> {
    let rule = ModelRule::new(script);
    visit(World::new(script, &rule), &rule)
}

/// Visits everything that can happen to two sources that share results.
///
/// # Errors
/// As [`explore`] has them.
pub fn explore_shared(script: &SharedScript) -> Result<Explored, Counterexample> {
    visit(SharedWorld::new(script), &SharedRule::new(script))
}

fn visit<M: Machine>(start: M, rule: &M::Rule) -> Result<Explored, Counterexample> {
    // Two keyed hashes of 64 bits stand for a state: that two of ten million states share both has
    // a chance of one in 10^24.
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
