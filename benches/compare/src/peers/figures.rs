//! What the turns of one function say: medians, and the least and the most.

use std::path::PathBuf;

use super::roster::Peer;
use super::runner::{EQUAL_MB, Line, Measured, Turn};
use crate::statistics::Range;

/// A function with all of its figures.
#[derive(Debug)]
pub(super) struct Result {
    pub(super) peer: &'static Peer,
    /// Why it could not be installed.
    pub(super) missing: Option<String>,
    /// The sizes at which all turns were done, largest first.
    pub(super) sizes: Vec<Size>,
    /// The sizes at which one failed, and why.
    pub(super) failures: Vec<(u32, String)>,
    /// The folder with the variants.
    pub(super) files: PathBuf,
    /// The score of some widths.
    pub(super) scores: Vec<(u32, f64)>,
}

/// The turns with one memory size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Size {
    pub(super) memory_mb: u32,
    pub(super) init_ms: Range,
    /// From the event in the queue to the first stored variant, and to the last one.
    pub(super) first_stored_ms: Range,
    pub(super) all_stored_ms: Range,
    pub(super) cold_gb_s: Range,
    pub(super) warm_ms: Range,
    pub(super) warm_cpu_ms: Range,
    pub(super) warm_gb_s: Range,
    pub(super) dollars_per_million: Range,
    pub(super) max_memory_used_mb: u32,
}

impl Result {
    pub(super) fn new(
        peer: &'static Peer,
        missing: Option<String>,
        measured: &Measured,
        files: PathBuf,
    ) -> Self {
        let own = || measured.turns.iter().filter(|line| line.id == peer.id);
        let mut memory_sizes: Vec<u32> = own().map(|line| line.memory_mb).collect();
        memory_sizes.dedup();
        let (mut sizes, mut failures) = (Vec::new(), Vec::new());
        for memory_mb in memory_sizes {
            let of_size = |line: &&Line| line.memory_mb == memory_mb;
            let failed = own().filter(of_size).find_map(|line| line.failed.clone());
            let turns: Vec<&Turn> = own().filter(of_size).filter_map(|l| l.done.as_ref()).collect();
            match (failed, Size::new(memory_mb, &turns)) {
                (None, Some(size)) => sizes.push(size),
                (failed, _) => failures.push((memory_mb, failed.unwrap_or_default())),
            }
        }
        Self { peer, missing, sizes, failures, files, scores: Vec::new() }
    }

    /// At the size at which all functions are compared.
    pub(super) fn equal(&self) -> Option<&Size> {
        self.sizes.iter().find(|size| size.memory_mb == EQUAL_MB)
    }

    /// The size at which a warm invocation costs least.
    pub(super) fn cheapest(&self) -> Option<&Size> {
        let gb_s = |size: &Size| size.warm_gb_s.median;
        self.sizes.iter().min_by(|a, b| gb_s(a).total_cmp(&gb_s(b)))
    }

    /// The smallest size that works.
    pub(super) fn smallest(&self) -> Option<&Size> {
        self.sizes.iter().min_by_key(|size| size.memory_mb)
    }

    /// Whether each score is at least the other function's.
    pub(super) fn scores_at_least(&self, other: &Self) -> bool {
        let pairs = self.scores.iter().zip(&other.scores);
        !self.scores.is_empty() && pairs.into_iter().all(|(own, theirs)| own.1 >= theirs.1)
    }
}

impl Size {
    /// `None` without a single turn.
    fn new(memory_mb: u32, turns: &[&Turn]) -> Option<Self> {
        let cold = |pick: fn(&Turn) -> f64| Range::of(turns.iter().map(|turn| pick(turn)));
        let warm = |pick: fn(&super::runner::Warm) -> f64| {
            Range::of(turns.iter().flat_map(|turn| turn.warm.iter().map(pick)))
        };
        Some(Self {
            memory_mb,
            init_ms: cold(|turn| turn.cold.init_ms)?,
            first_stored_ms: cold(|turn| turn.cold.first_stored_ms)?,
            all_stored_ms: cold(|turn| turn.cold.all_stored_ms)?,
            cold_gb_s: cold(|turn| turn.cold.gb_s)?,
            warm_ms: warm(|warm| warm.duration_ms)?,
            warm_cpu_ms: cold(|turn| turn.warm_cpu_ms)?,
            warm_gb_s: warm(|warm| warm.gb_s)?,
            dollars_per_million: warm(|warm| warm.dollars_per_million)?,
            max_memory_used_mb: turns.iter().map(|turn| turn.max_memory_used_mb).max()?,
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::PathBuf;

    use super::Result;
    use crate::peers::roster::ROSTER;
    use crate::peers::runner::Measured;

    /// As the program writes them: two turns with 1,769 MB, one with 128 MB, one that failed.
    pub(crate) const LINES: &str = r#"{"prices":"2026-11 in us-east-1, x86_64"}
{"id":"ours","memory_mb":1769,"done":{"cold":{"init_ms":20,"gb_s":0.14,"first_stored_ms":70,"all_stored_ms":85},"warm":[{"duration_ms":50,"gb_s":0.09,"dollars_per_million":30}],"warm_cpu_ms":45,"max_memory_used_mb":40}}
{"id":"ours","memory_mb":1769,"done":{"cold":{"init_ms":30,"gb_s":0.16,"first_stored_ms":90,"all_stored_ms":95},"warm":[{"duration_ms":52,"gb_s":0.10,"dollars_per_million":31}],"warm_cpu_ms":47,"max_memory_used_mb":42}}
{"id":"ours","memory_mb":128,"done":{"cold":{"init_ms":20,"gb_s":0.09,"first_stored_ms":700,"all_stored_ms":710},"warm":[{"duration_ms":600,"gb_s":0.08,"dollars_per_million":29}],"warm_cpu_ms":45,"max_memory_used_mb":39}}
{"id":"sharp","memory_mb":1769,"done":{"cold":{"init_ms":400,"gb_s":1.7,"first_stored_ms":800,"all_stored_ms":1000},"warm":[{"duration_ms":400,"gb_s":0.7,"dollars_per_million":40}],"warm_cpu_ms":380,"max_memory_used_mb":150}}
{"id":"sharp","memory_mb":128,"failed":"Runtime.OutOfMemory"}"#;

    pub(crate) fn results() -> Vec<Result> {
        let mut measured = Measured::default();
        LINES.lines().for_each(|line| measured.add(line).expect("a line of the program"));
        let result = |peer| Result::new(peer, None, &measured, PathBuf::new());
        let mut results: Vec<Result> = ROSTER.iter().map(result).collect();
        results[0].scores = vec![(1920, 80.0), (640, 80.5)];
        results[2].scores = vec![(1920, 79.0), (640, 80.6)];
        results
    }

    #[test]
    fn a_size_has_the_medians_of_its_turns() {
        let results = results();
        let ours = &results[0];
        let equal = ours.equal().expect("it was measured at this size");
        let first = equal.first_stored_ms;
        assert_eq!((first.median, first.least, first.most), (80.0, 70.0, 90.0));
        assert_eq!((equal.warm_ms.count, equal.max_memory_used_mb), (2, 42));
        assert_eq!(ours.cheapest().map(|size| size.memory_mb), Some(128));
    }

    #[test]
    fn a_size_with_a_failure_does_not_work() {
        let results = results();
        let sharp = &results[2];
        assert_eq!(sharp.smallest().map(|size| size.memory_mb), Some(1769));
        assert_eq!(sharp.failures, [(128, "Runtime.OutOfMemory".to_owned())]);
        assert!(!results[0].scores_at_least(sharp), "one of the two is lower");
    }
}
