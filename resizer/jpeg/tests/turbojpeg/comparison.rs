//! One file, both decoders: do they agree on whether it is a picture, and on the samples?

use std::fmt;
use std::fs;
use std::path::Path;

use crate::library::{self, Outcome, Packed, Samples, Widening};
use crate::ours::{self, Decoded, Verdict};
use crate::spectrum;
use resizer_jpeg::frame::Frame;
use resizer_jpeg::{DecodeError, Scale};

/// What was found about one file.
pub(crate) struct Comparison {
    /// The last two parts of its path.
    pub(crate) name: String,
    pub(crate) library: &'static str,
    pub(crate) library_words: String,
    pub(crate) ours: &'static str,
    pub(crate) ours_words: String,
    /// Where samples that both gave differ.
    pub(crate) differences: Vec<String>,
    /// Ours at 1/8, where it is another than at 1/1.
    pub(crate) ours_at_eighth: Option<&'static str>,
}

impl Comparison {
    /// Both decoded all of it without complaint, or both refused; and all samples are the same.
    pub(crate) fn is_same(&self) -> bool {
        let alike = match self.library {
            "clean" => self.ours == "decoded" && self.ours_at_eighth.is_none(),
            "refused" => !matches!(self.ours, "decoded" | "PANICKED"),
            _ => false,
        };
        alike && self.differences.is_empty()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, library, library_words, ours, ours_words, differences, .. } = self;
        write!(out, "{name}: library {library} [{library_words}], ours {ours} [{ours_words}]")?;
        if let Some(verdict) = self.ours_at_eighth {
            write!(out, ", at 1/8 {verdict}")?;
        }
        differences.iter().try_for_each(|difference| write!(out, "; {difference}"))
    }
}

/// Decodes a file with both at 1/1 and at 1/8.
pub(crate) fn compare(path: &Path) -> Comparison {
    let file = fs::read(path).expect("a readable file");
    let mut parts = path.iter().rev().map(|part| part.to_string_lossy());
    let (last, folder) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let decoded = ours::decode(&file, Scale::Full);
    let (ours, ours_words) = words(&decoded.verdict);
    let mut comparison = Comparison {
        name: format!("{folder}/{last}"),
        library: "",
        library_words: String::new(),
        ours,
        ours_words,
        differences: Vec::new(),
        ours_at_eighth: None,
    };
    let full = library::planes(&file, Scale::Full);
    let odd = full.words().1.contains("subsampling") || full.words().1.contains("fewer components");
    if !odd || decoded.frame.is_none() {
        comparison.judge(&full);
        comparison.compare_planes("1/1", &decoded, &full);
        if decoded.planes.len() == 3 && full.decoded().is_some() {
            comparison.compare_pixels(&file, &decoded);
        }
        for scale in &Scale::ALL[1..7] {
            let at = format!("{}/8", scale.eighths() as usize);
            comparison.compare_reduced(&at, &decoded, &ours::decode(&file, *scale), *scale);
        }
        drop(decoded);
        let eighth = ours::decode(&file, Scale::Eighth);
        comparison.compare_planes("1/8", &eighth, &library::planes(&file, Scale::Eighth));
        let verdict = words(&eighth.verdict).0;
        comparison.ours_at_eighth = (verdict != ours).then_some(verdict);
    } else if let Some(frame) = decoded.frame {
        // Four components or a sampling that the library gives no planes of.
        let packed = match frame.components().len() {
            4 => library::packed(&file, Packed::Cmyk, Widening::Repeated),
            _ => library::packed(&file, Packed::Rgb, Widening::Repeated),
        };
        comparison.judge(&packed);
        comparison.compare_packed(&decoded, &frame, &packed);
    }
    comparison
}

impl Comparison {
    fn judge<T>(&mut self, outcome: &Outcome<T>) {
        let (library, words) = outcome.words();
        self.library = library;
        self.library_words = words.into();
    }

    /// Rows that we gave must be the library's.
    fn compare_planes(&mut self, at: &str, ours: &Decoded, library: &Outcome<Vec<Samples>>) {
        let Some(library) = library.decoded() else { return };
        if ours.planes.len() != library.len() && !ours.planes.is_empty() {
            let counts = (ours.planes.len(), library.len());
            self.differences.push(format!("{at}: {} planes and {}", counts.0, counts.1));
        }
        for (index, plane) in ours.planes.iter().enumerate().take(library.len()) {
            let theirs = &library[index];
            if plane.width > theirs.width || plane.height > theirs.height {
                self.differences.push(format!("{at}: the library's plane {index} is smaller"));
                continue;
            }
            self.note_difference(&format!("{at} plane {index}"), plane, theirs, ours.rows[index]);
        }
    }

    fn compare_packed(&mut self, ours: &Decoded, frame: &Frame, library: &Outcome<Samples>) {
        let Some(library) = library.decoded() else { return };
        let complete = matches!(ours.verdict, Verdict::Decoded);
        let rows = if complete { frame.height as usize } else { 0 };
        self.note_difference("pixels", &ours::packed(ours, frame), library, rows);
    }

    /// Reduced planes must be what the low frequencies of the full ones give.
    fn compare_reduced(&mut self, at: &str, full: &Decoded, reduced: &Decoded, scale: Scale) {
        if !matches!(full.verdict, Verdict::Decoded) || self.library != "clean" {
            return;
        }
        let (kind, words) = words(&reduced.verdict);
        if kind != "decoded" {
            self.differences.push(format!("at {at} ours is {kind} [{words}]"));
            return;
        }
        for (index, (full, reduced)) in full.planes.iter().zip(&reduced.planes).enumerate() {
            let most = spectrum::difference(full, reduced, scale);
            if most > spectrum::TOLERANCE {
                self.differences
                    .push(format!("{at} plane {index}: up to {most} from the spectrum"));
            }
        }
    }

    /// RGB as both make it by default.
    fn compare_pixels(&mut self, file: &[u8], ours: &Decoded) {
        let library = library::packed(file, Packed::Rgb, Widening::Interpolated);
        if let (Some(library), Verdict::Decoded) = (library.decoded(), &ours.verdict) {
            let pixels = ours::pixels(file);
            self.note_difference("RGB", &pixels, library, pixels.height);
        }
    }

    fn note_difference(&mut self, what: &str, ours: &Samples, theirs: &Samples, rows: usize) {
        let mut count = 0;
        let mut most = 0;
        let mut first = None;
        // Which of ours end at the end of the range.
        let mut clipped = 0;
        for y in 0..rows {
            let ours = &ours.pixels[y * ours.width..][..ours.width];
            let theirs = &theirs.pixels[y * theirs.width..][..ours.len()];
            if ours == theirs {
                continue;
            }
            for (x, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
                if ours != theirs {
                    first = first.or(Some((x, y)));
                    count += 1;
                    clipped += usize::from(matches!(ours, 0 | 255));
                    most = most.max(ours.abs_diff(*theirs));
                }
            }
        }
        if let Some((x, y)) = first {
            self.differences.push(format!(
                "{what}: {count} differ by up to {most} (of ours {clipped} are 0 or 255), \
                 first at {x}, {y} of {rows} rows"
            ));
        }
    }
}

fn words(verdict: &Verdict) -> (&'static str, String) {
    let kind = match verdict {
        Verdict::Decoded => return ("decoded", String::new()),
        Verdict::Panicked => return ("PANICKED", String::new()),
        Verdict::Failed(error) => match error {
            DecodeError::NotJpeg => "NotJpeg",
            DecodeError::Unsupported(_) => "Unsupported",
            DecodeError::Malformed { .. } => "Malformed",
            DecodeError::Truncated { .. } => "Truncated",
            DecodeError::TooLarge { .. } => "TooLarge",
            _ => "Io",
        },
    };
    let Verdict::Failed(error) = verdict else { return (kind, String::new()) };
    (kind, error.to_string())
}
