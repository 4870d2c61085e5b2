//! The tables of PEERS.md.

use crate::peers::figures::{Result, Size};
use crate::peers::runner::EQUAL_MB;
use crate::report::thousands;
use crate::statistics::Range;

/// The largest part of sharp's time from a cold start to the first variant.
const COLD_OF_SHARP: f64 = 1.0 / 10.0;
/// The largest parts of billed GB-s.
const BILLED_OF_SHARP: f64 = 1.0 / 4.0;
const BILLED_OF_PILLOW: f64 = 1.0 / 8.0;

/// One of ours beside one of theirs: ours as a part of theirs.
struct Pair<'a> {
    ours: &'a Result,
    theirs: &'a Result,
    first_stored: f64,
    all_stored: f64,
    warm_cpu: f64,
    warm_gb_s: f64,
    cheapest_gb_s: f64,
    cold_gb_s: f64,
}

/// Those of which both were measured at the equal size.
fn pairs(results: &[Result]) -> Vec<Pair<'_>> {
    let ours = results.iter().filter(|result| result.peer.is_ours());
    let theirs = || results.iter().filter(|result| !result.peer.is_ours());
    let all = ours.flat_map(|ours| theirs().map(move |theirs| (ours, theirs)));
    all.filter_map(|(ours, theirs)| {
        let (own, other) = (ours.equal()?, theirs.equal()?);
        let (own_least, other_least) = (ours.cheapest()?, theirs.cheapest()?);
        let part = |own: &Size, other: &Size, pick: fn(&Size) -> Range| {
            pick(own).median / pick(other).median
        };
        Some(Pair {
            ours,
            theirs,
            first_stored: part(own, other, |size| size.first_stored_ms),
            all_stored: part(own, other, |size| size.all_stored_ms),
            warm_cpu: part(own, other, |size| size.warm_cpu_ms),
            warm_gb_s: part(own, other, |size| size.warm_gb_s),
            cheapest_gb_s: part(own_least, other_least, |size| size.warm_gb_s),
            cold_gb_s: part(own, other, |size| size.cold_gb_s),
        })
    })
    .collect()
}

/// Ours as a part of theirs.
pub(super) fn glance(results: &[Result]) -> String {
    let mut out = String::from("## At a glance\n\n");
    out += &format!("Each figure is ours divided by theirs, with {EQUAL_MB} MB unless it says\n");
    out += "otherwise. Billed is the memory size times the billed time. CPU is processor time,\n";
    out += "which other work on the machine changes less. Each function is scored against the\n";
    out += "reference in the values that it averages; see Score below.\n\n";
    out += "| ours | theirs | cold, to the first variant | cold, to the last variant | CPU, warm \
            | billed, warm | billed, warm, each at its cheapest size | billed, cold | ours scores at least theirs |\
            \n|---|---|--:|--:|--:|--:|--:|--:|---|\n";
    for pair in pairs(results) {
        let parts = [
            pair.first_stored,
            pair.all_stored,
            pair.warm_cpu,
            pair.warm_gb_s,
            pair.cheapest_gb_s,
            pair.cold_gb_s,
        ];
        let parts = parts.map(share).join(" | ");
        let (ours, theirs) = (pair.ours.peer.name, pair.theirs.peer.name);
        let scores = scores(pair.ours, pair.theirs);
        out += &format!("| {ours} | {theirs} | {parts} | {scores} |\n");
    }
    out
}

/// Whether all scores are at least as high, or at which widths they are not.
fn scores(ours: &Result, theirs: &Result) -> String {
    if ours.scores_at_least(theirs) {
        return "yes".to_owned();
    }
    let pairs = ours.scores.iter().zip(&theirs.scores);
    let lower = pairs.filter(|(own, other)| own.1 < other.1);
    let lower = lower.map(|((width, own), (_, other))| format!("{width}: {own:.2}, {other:.2}"));
    format!("no, {}", lower.collect::<Vec<_>>().join("; "))
}

/// All figures at the size of one processor.
pub(super) fn equal(results: &[Result]) -> String {
    let mut out = format!("## With {EQUAL_MB} MB\n\n");
    out += "| function | cold: first variant ms | cold: all variants ms | init ms \
            | cold GB-s | warm ms | warm CPU ms | warm GB-s | peak MB | bytes \
            | $ per million | score 1920 | score 640 | score 320 |\n";
    out += &format!("|---|{}\n", "--:|".repeat(13));
    for result in results {
        let Some(size) = result.equal() else { continue };
        let times = [size.first_stored_ms, size.all_stored_ms, size.init_ms];
        let times = times.map(|range| spread(range, 0)).join(" | ");
        let warm = [spread(size.warm_ms, 0), spread(size.warm_cpu_ms, 0)].join(" | ");
        let (cold_gb_s, warm_gb_s) = (spread(size.cold_gb_s, 3), spread(size.warm_gb_s, 3));
        let (name, peak) = (name(result), size.max_memory_used_mb);
        let (bytes, dollars) = (bytes(result), size.dollars_per_million.median);
        let scores: Vec<_> = result.scores.iter().map(|(_, score)| format!("{score:.2}")).collect();
        out += &format!(
            "| {name} | {times} | {cold_gb_s} | {warm} | {warm_gb_s} | {peak} | {bytes} \
             | {dollars:.2} | {} |\n",
            scores.join(" | ")
        );
    }
    out + &left_out(results)
}

/// Those without figures at the equal size.
fn left_out(results: &[Result]) -> String {
    let without = results.iter().filter(|result| result.equal().is_none());
    let reasons = without.map(|result| {
        let failure = result.failures.iter().find(|(memory_mb, _)| *memory_mb == EQUAL_MB);
        let failure = failure.map(|(_, reason)| reason);
        let reason = result.missing.as_ref().or(failure).map_or("no turn", String::as_str);
        format!("{} ({reason})", result.peer.name)
    });
    let reasons: Vec<String> = reasons.collect();
    if reasons.is_empty() {
        return String::new();
    }
    format!("\nNot in this table: {}.\n", reasons.join("; "))
}

/// Every size of every function.
pub(super) fn sizes(results: &[Result]) -> String {
    let mut out = String::from("## By memory size\n\n");
    out += "Bold is the size at which a warm invocation is billed least.\n\n";
    out += "| function | MB | cold: first variant ms | warm ms | cold GB-s | warm GB-s | peak MB \
            | $ per million |\n|---|--:|--:|--:|--:|--:|--:|--:|\n";
    for result in results {
        let cheapest = result.cheapest().map(|size| size.memory_mb);
        for size in &result.sizes {
            let mut memory = size.memory_mb.to_string();
            if cheapest == Some(size.memory_mb) {
                memory = format!("**{memory}**");
            }
            let times = [size.first_stored_ms, size.warm_ms].map(|range| spread(range, 0));
            let billed = [size.cold_gb_s, size.warm_gb_s].map(|range| spread(range, 3));
            out += &format!(
                "| {} | {memory} | {} | {} | {} | {:.2} |\n",
                name(result),
                times.join(" | "),
                billed.join(" | "),
                size.max_memory_used_mb,
                size.dollars_per_million.median,
            );
        }
        for (memory_mb, reason) in &result.failures {
            let name = name(result);
            out += &format!("| {name} | {memory_mb} | does not work: {reason} | | | | | |\n");
        }
    }
    out += "\nThe smallest of these sizes that works: ";
    let smallest = results.iter().filter_map(|result| {
        Some(format!("{}, {} MB", result.peer.name, result.smallest()?.memory_mb))
    });
    out + &smallest.collect::<Vec<_>>().join("; ") + ".\n"
}

/// What ours is meant to reach, and whether this run reached it.
pub(super) fn targets(results: &[Result]) -> String {
    let mut out = String::from("## Targets of this project\n\n");
    out += "| target | ours | theirs | this run | reached |\n|---|---|---|---|---|\n";
    for pair in pairs(results) {
        let is_sharp = pair.theirs.peer.id.starts_with("sharp");
        let billed = if is_sharp { BILLED_OF_SHARP } else { BILLED_OF_PILLOW };
        let mut lines = vec![
            (format!("billed GB-s, warm, {EQUAL_MB} MB"), billed, pair.warm_gb_s),
            ("billed GB-s, warm, each at its cheapest size".into(), billed, pair.cheapest_gb_s),
        ];
        if is_sharp {
            let cold = "cold start to the first variant".to_owned();
            lines.insert(0, (cold, COLD_OF_SHARP, pair.first_stored));
        }
        let (ours, theirs) = (pair.ours.peer.name, pair.theirs.peer.name);
        for (words, most, part) in lines {
            let (most_words, verdict) = (share(most), verdict(part <= most));
            let part = share(part);
            let words = format!("{words}: at most {most_words}");
            out += &format!("| {words} | {ours} | {theirs} | {part} | {verdict} |\n");
        }
        let verdict = verdict(pair.ours.scores_at_least(pair.theirs));
        let said = scores(pair.ours, pair.theirs);
        out += &format!("| scores at least theirs | {ours} | {theirs} | {said} | {verdict} |\n");
    }
    out
}

fn verdict(is_reached: bool) -> &'static str {
    if is_reached { "yes" } else { "**no**" }
}

fn name(result: &Result) -> String {
    let name = result.peer.name;
    if result.peer.is_ours() { format!("**{name}**") } else { name.to_owned() }
}

/// Median, and the least and the most.
fn spread(range: Range, digits: usize) -> String {
    let Range { median, least, most, .. } = range;
    format!("{median:.digits$} [{least:.digits$}..{most:.digits$}]")
}

/// 0.3 as 1/3.3, 1.5 as 1.50x; whole divisors, such as those of targets, without decimals.
fn share(part: f64) -> String {
    let inverse = 1.0 / part;
    match part {
        part if part >= 1.0 => format!("{part:.2}x"),
        _ if (inverse - inverse.round()).abs() < 1e-9 => format!("1/{inverse:.0}"),
        _ => format!("1/{inverse:.1}"),
    }
}

/// Of all five variants.
fn bytes(result: &Result) -> String {
    let files = std::fs::read_dir(&result.files).into_iter().flatten().flatten();
    let sizes = files.filter_map(|file| {
        let is_variant = file.path().extension().is_some_and(|extension| extension == "jpg");
        is_variant.then(|| file.metadata().map(|metadata| metadata.len()).unwrap_or_default())
    });
    thousands(sizes.sum())
}

#[cfg(test)]
mod tests {
    use super::{glance, share, sizes, targets};
    use crate::peers::figures::tests::results;

    #[test]
    fn parts_are_fractions() {
        assert_eq!([0.25, 0.3, 1.5].map(share), ["1/4", "1/3.3", "1.50x"]);
    }

    #[test]
    fn what_was_not_measured_is_in_no_row() {
        let results = results();
        let text = glance(&results);
        let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| ours,")).collect();
        let row = "| ours, as shipped | sharp, as documented | 1/10 | 1/11.1 | 1/8.3 | 1/7.4 | 1/8.8 \
                   | 1/11.3 | no, 640: 80.50, 80.60 |";
        assert_eq!(rows, [row]);
    }

    #[test]
    fn a_size_that_does_not_work_has_its_reason() {
        let text = sizes(&results());
        assert!(text.contains("| sharp, as documented | 128 | does not work: Runtime.OutOfMemory"));
        assert!(text.contains("| **ours, as shipped** | **128** |"), "{text}");
        assert!(text.ends_with("ours, as shipped, 128 MB; sharp, as documented, 1769 MB.\n"));
    }

    #[test]
    fn a_target_is_reached_or_not() {
        let text = targets(&results());
        let verdicts: Vec<bool> = text.lines().skip(4).map(|line| line.contains("yes")).collect();
        assert_eq!(verdicts, [true, true, true, false], "{text}");
    }
}
