//! Compares bytes at an equal score. The files of a program at several qualities go in, and the
//! bytes that it needs for the score of another program's file come out.

use std::path::{Path, PathBuf};

use super::programs::{Program, Way};
use super::{Measured, measured};
use crate::Outcome;
use crate::statistics::interpolate;

/// The qualities of sharp's palettes. The last point of its curves is its file in all colors.
pub(super) const THEIR_QUALITIES: [u8; 7] = [20, 45, 60, 75, 85, 95, 100];

/// The qualities of our PNGs. The last point of our curves is the file in all colors, too.
pub(super) const OUR_QUALITIES: [u8; 6] = [45, 60, 70, 80, 90, 95];

/// The bytes and times of two programs for all pictures, at the scores of one of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Equal {
    pub(super) files: usize,
    pub(super) our_bytes: f64,
    pub(super) their_bytes: f64,
    pub(super) our_cpu_ms: f64,
    pub(super) their_cpu_ms: f64,
    /// The number of files for which ours is not larger.
    pub(super) smaller: usize,
    /// The number of files whose score the other program reaches only with all colors.
    pub(super) all_colors: usize,
}

/// Compares our files at quality 80 with sharp's files of the same scores, and sharp's default
/// palettes with our files of the same scores.
///
/// # Errors
/// Why the files of a quality could not be made.
pub(super) fn compare(
    [ours, theirs]: [Program; 2],
    sources: &[PathBuf],
    out: &Path,
    core: usize,
) -> Outcome<[Equal; 2]> {
    let mut curves = Vec::new();
    for (program, qualities) in [(ours, &OUR_QUALITIES[..]), (theirs, &THEIR_QUALITIES[..])] {
        let mut points: Vec<Vec<Measured>> = vec![Vec::new(); sources.len()];
        let mut ways: Vec<Way> = qualities.iter().copied().map(Way::Quality).collect();
        ways.push(Way::AllColors);
        for way in ways {
            eprintln!("  {}, {way:?}", program.name);
            let written = program.write_all_as(way, sources, out, (1, core))?;
            for (points, written) in points.iter_mut().zip(&written) {
                points.push(measured(written)?);
            }
        }
        curves.push(points);
    }
    let default = |points: &[Measured], qualities: &[u8], quality| {
        let place = qualities.iter().position(|&other| other == quality);
        place.map(|place| points[place]).ok_or_else(|| format!("no quality {quality}"))
    };
    let (mut at_ours, mut at_theirs) = (Equal::default(), Equal::default());
    for (our_points, their_points) in curves[0].iter().zip(&curves[1]) {
        let our_default = default(our_points, &OUR_QUALITIES, 80)?;
        let their_default = default(their_points, &THEIR_QUALITIES, 100)?;
        at_ours.add(our_default, at_score(their_points, our_default.score), false);
        at_theirs.add(their_default, at_score(our_points, their_default.score), true);
    }
    Ok([at_ours, at_theirs])
}

impl Equal {
    fn add(&mut self, given: Measured, (found, is_exact): (Measured, bool), is_given_theirs: bool) {
        let [ours, theirs] = if is_given_theirs { [found, given] } else { [given, found] };
        self.files += 1;
        self.our_bytes += ours.bytes;
        self.their_bytes += theirs.bytes;
        self.our_cpu_ms += ours.cpu_ms;
        self.their_cpu_ms += theirs.cpu_ms;
        self.smaller += usize::from(ours.bytes <= theirs.bytes);
        self.all_colors += usize::from(is_exact);
    }
}

/// The bytes for a score, the time for it, and whether only the file in all colors reaches it. The
/// bytes are interpolated between the files for which no smaller file has as high a score. The time
/// is that of the next better one of these files.
fn at_score(points: &[Measured], score: f64) -> (Measured, bool) {
    let exact = points[points.len() - 1];
    let mut by_bytes = points.to_vec();
    by_bytes.sort_by(|one, other| {
        one.bytes.total_cmp(&other.bytes).then(other.score.total_cmp(&one.score))
    });
    let mut best: Vec<Measured> = Vec::new();
    for point in by_bytes {
        if best.last().is_none_or(|last| point.score > last.score) {
            best.push(point);
        }
    }
    let Some(next) = best.iter().find(|point| point.score >= score).copied() else {
        return (exact, true);
    };
    let curve: Vec<(f64, f64)> = best.iter().map(|point| (point.score, point.bytes.ln())).collect();
    let bytes = interpolate(&curve, score).map_or(next.bytes, f64::exp);
    (Measured { bytes, score, ..next }, next.bytes == exact.bytes)
}

#[cfg(test)]
mod tests {
    use super::at_score;
    use crate::png::Measured;

    #[test]
    fn bytes_are_read_off_between_the_files_that_no_smaller_one_equals() {
        let point = |(bytes, score)| Measured { bytes, score, cpu_ms: bytes };
        let points = [(100.0, 60.0), (150.0, 55.0), (400.0, 80.0), (1000.0, 100.0)].map(point);
        let (found, is_exact) = at_score(&points, 70.0);
        assert!((found.bytes - 200.0).abs() < 1e-9 && !is_exact, "{found:?}");
        assert_eq!(found.cpu_ms, 400.0);
        assert_eq!(at_score(&points, 10.0).0.bytes, 100.0);
        let (found, is_exact) = at_score(&points, 100.0);
        assert!((found.bytes - 1000.0).abs() < 1e-6 && is_exact);
    }
}
