//! What the engine is meant to reach, checked against this run.

use crate::Outcome;
use crate::equal::Equal;
use crate::measure::Figures;
use crate::score::{JobResult, Score};

/// One comparison, and what it is meant to say.
#[derive(Debug, Clone)]
pub(crate) struct Goal {
    /// What is compared: ours, and after the colon theirs.
    pub(crate) words: String,
    pub(crate) target: String,
    /// What this run says, or what it lacks.
    pub(crate) measured: String,
    /// `None` when the run does not say.
    pub(crate) is_reached: Option<bool>,
}

const FAST: &str = "ours-fast-gamma";
const FAST_LINEAR: &str = "ours-fast-linear";
const BALANCED: &str = "ours-balanced-gamma";
const SHARP: &str = "sharp";
const PILLOW: &str = "pillow";

/// The most memory over the process's own, for the 12 megapixels.
const MEMORY_MIB: f64 = 32.0;

/// All goals in order.
pub(crate) fn check(results: &[JobResult], equal: &Outcome<Vec<Equal>>) -> Vec<Goal> {
    let run = Run { results };
    let time = |words, job, ids, most| run.ratio(words, job, ids, most);
    vec![
        time("five, fast gamma, CPU time: the floor's", "five", [FAST, "floor"], 1.1),
        time("five, fast gamma, CPU time: sharp's", "five", [FAST, SHARP], 1.0 / 7.0),
        time(
            "five, fast gamma, CPU time: that of sharp by hand",
            "five",
            [FAST, "sharp-by-hand"],
            1.0 / 3.5,
        ),
        run.scores("five, fast gamma, scores: the best 4:2:0 rival's", "five"),
        time("five, balanced, CPU time: sharp's", "five", [BALANCED, SHARP], 1.0 / 3.0),
        smaller(equal),
        run.linear_score("oximg"),
        time(
            "one of 1920, fast linear, CPU time: oximg's",
            "one-1920",
            [FAST_LINEAR, "oximg"],
            1.0,
        ),
        run.linear_score("oximg-mozjpeg"),
        time(
            "one of 1920, fast linear, CPU time: oximg's with mozjpeg",
            "one-1920",
            [FAST_LINEAR, "oximg-mozjpeg"],
            1.0,
        ),
        time("five, fast linear, CPU time: sharp's", "five", [FAST_LINEAR, SHARP], 1.0 / 3.0),
        time(
            "five from progressive, fast gamma, CPU time: sharp's",
            "progressive-five",
            [FAST, SHARP],
            0.125,
        ),
        time("one of 320, fast gamma, CPU time: sharp's", "one", [FAST, SHARP], 0.5),
        run.no_lower("one of 320, fast gamma, score: sharp's", "one"),
        time(
            "one of 320 from progressive, fast gamma, CPU time: sharp's",
            "progressive-one",
            [FAST, SHARP],
            0.1,
        ),
        time("five AVIFs, balanced, CPU time: sharp's", "avif-out", [BALANCED, SHARP], 0.1),
        time("five AVIFs, balanced, CPU time: Pillow's", "avif-out", [BALANCED, PILLOW], 0.25),
        run.memory(),
    ]
}

struct Run<'a> {
    results: &'a [JobResult],
}

impl Run<'_> {
    /// # Errors
    /// What the run lacks.
    fn of(&self, job: &str, id: &str) -> Outcome<(&Figures, &[Score])> {
        let result = self.results.iter().find(|result| result.job.id == job);
        let result = result.ok_or_else(|| format!("the job {job} was not run"))?;
        result.of(id).ok_or_else(|| format!("{id} has no figures in {job}"))
    }

    /// CPU time of the first over that of the second, at most `most`.
    fn ratio(&self, words: &str, job: &str, ids: [&str; 2], most: f64) -> Goal {
        let compared = || {
            let [ours, theirs] = [self.of(job, ids[0])?.0, self.of(job, ids[1])?.0];
            let [ours_ms, theirs_ms] = [ours.cpu_ms.median, theirs.cpu_ms.median];
            let ratio = ours_ms / theirs_ms;
            let part = share(ratio, 2);
            Ok((format!("{part} ({ours_ms:.1} of {theirs_ms:.1} ms)"), ratio <= most))
        };
        goal(words, &format!("at most {}", share(most, 1)), compared())
    }

    /// Each width against the best of the rivals with the same chroma, which is no part of them.
    fn scores(&self, words: &str, job: &str) -> Goal {
        let compared = || {
            let (_, ours) = self.of(job, FAST)?;
            let result = self.results.iter().find(|result| result.job.id == job);
            let rows = result.into_iter().flat_map(|result| &result.rows);
            let rivals = rows.filter(|row| !row.rival.is_ours() && !row.rival.is_floor());
            let done: Vec<_> = rivals
                .filter_map(|row| match &row.outcome {
                    Ok((figures, scores)) if figures.is_subsampled() => Some((row.rival, scores)),
                    _ => None,
                })
                .collect();
            let (mut said, mut is_reached) = (Vec::new(), !done.is_empty());
            for own in ours {
                let of = |scores: &[Score]| {
                    scores.iter().find(|score| score.width == own.width).map(|score| score.gamma)
                };
                let others = done.iter().filter_map(|(rival, scores)| Some((rival, of(scores)?)));
                let Some((rival, best)) = others.max_by(|a, b| a.1.total_cmp(&b.1)) else {
                    continue;
                };
                let (width, name) = (own.width, rival.name);
                said.push(format!("{width}: {:.2}, {name} {best:.2}", own.gamma));
                is_reached &= own.gamma >= best;
            }
            Ok((said.join("; "), is_reached))
        };
        goal(words, "at least theirs", compared())
    }

    fn no_lower(&self, words: &str, job: &str) -> Goal {
        let compared = || {
            let [ours, theirs] = [self.of(job, FAST)?.1, self.of(job, SHARP)?.1];
            let [ours, theirs] = [first(ours)?.gamma, first(theirs)?.gamma];
            Ok((format!("{ours:.2}, sharp {theirs:.2}"), ours >= theirs))
        };
        goal(words, "at least theirs", compared())
    }

    fn linear_score(&self, rival: &str) -> Goal {
        let compared = || {
            let job = "one-1920";
            let (_, ours) = self.of(job, FAST_LINEAR)?;
            let (figures, theirs) = self.of(job, rival)?;
            let [ours, theirs] = [first(ours)?.linear, first(theirs)?.linear];
            let chroma = figures.chroma.unwrap_or("no chroma");
            let said = format!("{ours:.2}, {rival} {theirs:.2} ({chroma})");
            Ok((said, ours >= theirs - 0.3))
        };
        let words = format!("one of 1920, fast linear, linear score: that of {rival}");
        goal(&words, "at most 0.3 below theirs", compared())
    }

    fn memory(&self) -> Goal {
        let compared = || {
            let figures = self.of("five", FAST)?.0;
            let base_kib = figures.base_kib.ok_or("no base")?;
            let over_mib = figures.peak_kib.saturating_sub(base_kib) as f64 / 1024.0;
            Ok((format!("{over_mib:.1} MiB"), over_mib <= MEMORY_MIB))
        };
        let words = "five, fast gamma, memory over the process's base";
        goal(words, &format!("at most {MEMORY_MIB} MiB"), compared())
    }
}

fn first(scores: &[Score]) -> Outcome<&Score> {
    scores.first().ok_or_else(|| "nothing was scored".into())
}

/// All scored widths together.
fn smaller(equal: &Outcome<Vec<Equal>>) -> Goal {
    let compared = || {
        let all = equal.as_ref().map_err(Clone::clone)?;
        let mut differences = Vec::new();
        for own in all.iter().filter(|own| own.id == BALANCED) {
            let difference = own.difference().ok_or("libjpeg-turbo does not come to this score")?;
            differences.push((own.width, difference * 100.0));
        }
        if differences.is_empty() {
            return Err(format!("{BALANCED} was not compared"));
        }
        let said = differences.iter().map(|(width, percent)| format!("{width}: {percent:+.1} %"));
        let is_reached = differences.iter().all(|(_, percent)| *percent <= -10.0);
        Ok((said.collect::<Vec<_>>().join("; "), is_reached))
    };
    let words = "balanced, bytes at an equal score: libjpeg-turbo's";
    goal(words, "at least 10 % fewer", compared())
}

/// 0.25 as 1/4.00, 1.1 as 1.10x; whole numbers without decimals where there is one digit.
fn share(part: f64, digits: usize) -> String {
    let inverse = 1.0 / part;
    match (part < 1.0, digits) {
        (true, 1) if (inverse - inverse.round()).abs() < 1e-9 => format!("1/{inverse:.0}"),
        (true, _) => format!("1/{inverse:.digits$}"),
        (false, _) => format!("{part:.digits$}x"),
    }
}

fn goal(words: &str, target: &str, compared: Outcome<(String, bool)>) -> Goal {
    let (measured, is_reached) = match compared {
        Ok((measured, is_reached)) => (measured, Some(is_reached)),
        Err(lacks) => (lacks, None),
    };
    Goal { words: words.to_owned(), target: target.to_owned(), measured, is_reached }
}

#[cfg(test)]
mod tests {
    use super::{check, share};

    #[test]
    fn parts_are_fractions() {
        assert_eq!([0.25, 1.0 / 3.5, 1.1].map(|part| share(part, 1)), ["1/4", "1/3.5", "1.1x"]);
        assert_eq!([0.25, 1.1].map(|part| share(part, 2)), ["1/4.00", "1.10x"]);
    }

    #[test]
    fn a_run_without_jobs_says_nothing_of_any_goal() {
        let goals = check(&[], &Err("nothing was run".to_owned()));
        assert_eq!(goals.len(), 18);
        assert!(goals.iter().all(|goal| goal.is_reached.is_none()), "{goals:?}");
    }
}
