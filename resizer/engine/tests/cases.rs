//! Small files after public bug reports, each beside what it must become: the folder of cases in,
//! the lines of `cases/expected.txt` held against it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use image::RgbaImage;
use resizer_engine::spec::{FormatSpec, OutputFormat, PngColors, VariantSpec};
use resizer_engine::{Limits, RenderError, render};

/// One line for each file.
const EXPECTED: &str = include_str!("cases/expected.txt");

/// Levels by which a sample may differ: decoders of JPEG, and tables of profiles, round otherwise.
const TOLERANCE: u8 = 3;

/// Of four-color profiles, whose tables are coarse.
const CMYK_TOLERANCE: u8 = 12;

/// What becomes of a file.
enum Expected {
    /// A refusal of this code.
    Refusal(&'static str),
    /// Variants or a refusal.
    Any,
    /// An upright picture of this size with these pixels.
    Picture { size: (u32, u32), pixels: Vec<((u32, u32), [u8; 4])> },
}

fn table() -> BTreeMap<&'static str, Expected> {
    let lines = EXPECTED.lines().filter(|line| !line.starts_with('#'));
    let rows = lines.map(|line| {
        let mut words = line.split(' ');
        let name = words.next().expect("a line has a name");
        let outcome = words.next().unwrap_or_else(|| panic!("{name} has no outcome"));
        let expected = match pair(outcome, 'x') {
            Some(size) => Expected::Picture { size, pixels: words.map(pixel).collect() },
            None if outcome == "any" => Expected::Any,
            None => Expected::Refusal(outcome),
        };
        (name, expected)
    });
    rows.collect()
}

fn pair(text: &str, between: char) -> Option<(u32, u32)> {
    let (left, right) = text.split_once(between)?;
    Some((left.parse().ok()?, right.parse().ok()?))
}

fn pixel(word: &str) -> ((u32, u32), [u8; 4]) {
    let (place, color) = word.split_once('=').unwrap_or_else(|| panic!("no pixel: {word}"));
    let color = u32::from_str_radix(color, 16).expect("eight hexadecimal digits");
    (pair(place, ',').expect("two numbers"), color.to_be_bytes())
}

/// All files below a folder but the README, by their path in it.
fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let mut folders = vec![folder.to_path_buf()];
    let mut files = Vec::new();
    while let Some(one) = folders.pop() {
        for entry in std::fs::read_dir(&one).expect("the folder of cases can be listed") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("README.md") {
                let name = path.strip_prefix(folder).expect("it lies below");
                files.push((name.to_string_lossy().replace('\\', "/"), path));
            }
        }
    }
    files.sort();
    files
}

/// The picture at its own size.
fn picture(source: &[u8]) -> Result<RgbaImage, RenderError> {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Png)];
    let spec = VariantSpec { formats, png_colors: PngColors::All, ..VariantSpec::default() };
    let rendered = render(source, &vec![spec].into(), &Limits::default())?;
    let bytes = &rendered.variants[0].bytes;
    Ok(image::load_from_memory(bytes).expect("a PNG of ours").to_rgba8())
}

/// What is wrong, if anything is.
fn fault(name: &str, source: &[u8], expected: &Expected) -> Option<String> {
    let found = std::panic::catch_unwind(|| picture(source));
    let Ok(found) = found else { return Some("a panic".to_owned()) };
    match (expected, found) {
        (Expected::Any, _) => None,
        (Expected::Refusal(code), Err(reject)) if reject.code() == *code => None,
        (Expected::Refusal(code), found) => {
            Some(format!("not {code}, but {:?}", found.map(|found| found.dimensions())))
        }
        (Expected::Picture { .. }, Err(reject)) => Some(reject.to_string()),
        (Expected::Picture { size, pixels }, Ok(found)) => {
            assert!(!pixels.is_empty(), "{name} has no pixels to compare");
            if found.dimensions() != *size {
                return Some(format!("{:?}, not {size:?}", found.dimensions()));
            }
            let tolerance = if name.contains("cmyk") { CMYK_TOLERANCE } else { TOLERANCE };
            pixels.iter().find_map(|&((x, y), expected)| {
                let found = found.get_pixel(x, y).0;
                let mut levels = std::iter::zip(found, expected);
                let is_near = levels.all(|(one, other)| one.abs_diff(other) <= tolerance)
                    || found[3] == 0 && expected[3] == 0;
                (!is_near).then(|| format!("{found:?} at {x},{y}, not {expected:?}"))
            })
        }
    }
}

#[test]
#[ignore = "needs RESIZER_CASES"]
fn every_case_becomes_what_its_line_says() {
    let folder = std::env::var_os("RESIZER_CASES").expect("RESIZER_CASES names the folder");
    let table = table();
    let files = files(Path::new(&folder));
    let listed: Vec<&str> = table.keys().copied().collect();
    let found: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(found, listed, "the files are those of the table");
    assert_eq!(found.len(), 141);
    let faults: Vec<String> = files
        .iter()
        .filter_map(|(name, path)| {
            let source = std::fs::read(path).expect("a listed file can be read");
            fault(name, &source, &table[name.as_str()]).map(|fault| format!("{name}: {fault}"))
        })
        .collect();
    assert!(faults.is_empty(), "{} of {}: {faults:#?}", faults.len(), files.len());
}
