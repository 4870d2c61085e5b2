//! One `[[rule.variant]]` in, a `VariantSpec` out.

use resizer_engine::spec::{
    Effort, Fit, FormatSpec, Gravity, Light, MAX_SIDE, OutputFormat, Rgba, VariantSpec,
};

use super::file::{RuleTable, VariantTable};
use super::problems::Problems;

/// The widths of a rule that names no variants.
const DEFAULT_WIDTHS: [u32; 5] = [160, 320, 640, 1080, 1920];

const FITS: [(&str, Fit); 4] =
    [("inside", Fit::Inside), ("cover", Fit::Cover), ("pad", Fit::Pad), ("exact", Fit::Exact)];

const GRAVITIES: [(&str, Gravity); 9] = [
    ("center", Gravity::Center),
    ("north", Gravity::North),
    ("northeast", Gravity::Northeast),
    ("east", Gravity::East),
    ("southeast", Gravity::Southeast),
    ("south", Gravity::South),
    ("southwest", Gravity::Southwest),
    ("west", Gravity::West),
    ("northwest", Gravity::Northwest),
];

const FORMATS: [(&str, FormatSpec); 4] = [
    ("source", FormatSpec::Source),
    ("jpeg", FormatSpec::Fixed(OutputFormat::Jpeg)),
    ("png", FormatSpec::Fixed(OutputFormat::Png)),
    ("webp", FormatSpec::Fixed(OutputFormat::Webp)),
];

const LIGHTS: [(&str, Light); 2] = [("linear", Light::Linear), ("gamma", Light::Gamma)];

const EFFORTS: [(&str, Effort); 3] =
    [("fast", Effort::Fast), ("balanced", Effort::Balanced), ("small", Effort::Small)];

/// The variants of one rule; without tables of its own `w160` to `w1920`, five widths in the
/// source's format. What is wrong goes to `problems`.
pub(super) fn read_all(table: &RuleTable, problems: &mut Problems) -> Vec<VariantSpec> {
    let mut common = VariantSpec::default();
    if let Some(text) = &table.resize {
        let line = problems.line_of(text);
        let light = word(Some(text.as_ref()), "resize", &LIGHTS, line, problems);
        common.light = light.unwrap_or(common.light);
    }
    if let Some(text) = &table.effort {
        let line = problems.line_of(text);
        let effort = word(Some(text.as_ref()), "effort", &EFFORTS, line, problems);
        common.effort = effort.unwrap_or(common.effort);
    }
    if table.variant.is_empty() {
        let default =
            |width| VariantSpec { name: format!("w{width}"), width: Some(width), ..common.clone() };
        return DEFAULT_WIDTHS.into_iter().map(default).collect();
    }
    let mut variants = Vec::with_capacity(table.variant.len());
    for variant in &table.variant {
        let line = problems.line_of(variant);
        variants.push(read(variant.as_ref(), &common, line, problems));
    }
    variants
}

/// One table; what it leaves open is as in `default`.
fn read(
    table: &VariantTable,
    default: &VariantSpec,
    line: usize,
    problems: &mut Problems,
) -> VariantSpec {
    problems.unknown(line, "a variant", &table.unknown);
    let name = name(table);
    if name.is_empty() || name.contains('/') {
        problems.add(line, format!("the variant name {name:?} is empty or has a slash"));
    }
    for (side, value) in [("width", table.width), ("height", table.height)] {
        if value.is_some_and(|value| !(1..=MAX_SIDE).contains(&value)) {
            problems.add(line, format!("{side} of variant {name:?} is not 1 to {MAX_SIDE}"));
        }
    }
    let fit = word(table.fit.as_deref(), "fit", &FITS, line, problems).unwrap_or(default.fit);
    if fit != Fit::Inside && (table.width.is_none() || table.height.is_none()) {
        problems.add(line, format!("variant {name:?} needs width and height for its fit"));
    }
    let quality = table.quality.unwrap_or(default.quality.into());
    if !(1..=100).contains(&quality) {
        problems.add(line, format!("quality of variant {name:?} is {quality}, not 1 to 100"));
    }
    let gravity = word(table.gravity.as_deref(), "gravity", &GRAVITIES, line, problems);
    VariantSpec {
        width: table.width,
        height: table.height,
        fit,
        gravity: gravity.unwrap_or(default.gravity),
        formats: formats(table, &name, line, problems),
        quality: quality.clamp(1, 100) as u8,
        background: background(table, line, problems),
        enlarge: table.enlarge.unwrap_or(default.enlarge),
        light: default.light,
        effort: default.effort,
        name,
    }
}

/// The variant's own, or that of its sides.
pub(super) fn name(table: &VariantTable) -> String {
    table.name.clone().unwrap_or_else(|| match (table.width, table.height) {
        (Some(width), Some(height)) => format!("{width}x{height}"),
        (Some(width), None) => format!("w{width}"),
        (None, Some(height)) => format!("h{height}"),
        (None, None) => "full".to_owned(),
    })
}

fn formats(
    table: &VariantTable,
    name: &str,
    line: usize,
    problems: &mut Problems,
) -> Vec<FormatSpec> {
    let Some(words) = &table.formats else { return vec![FormatSpec::Source] };
    if words.is_empty() {
        problems.add(line, format!("variant {name:?} has an empty list of formats"));
    }
    let read = |text: &String| word(Some(text), "format", &FORMATS, line, problems);
    words.iter().filter_map(read).collect()
}

fn background(table: &VariantTable, line: usize, problems: &mut Problems) -> Rgba {
    let Some(text) = &table.background else { return Rgba::WHITE };
    Rgba::parse(text).unwrap_or_else(|| {
        let forms = "#rgb, #rrggbb, #rrggbbaa, white, black or transparent";
        problems.add(line, format!("background {text:?} is none of {forms}"));
        Rgba::WHITE
    })
}

fn word<T: Copy>(
    text: Option<&str>,
    what: &str,
    known: &[(&str, T)],
    line: usize,
    problems: &mut Problems,
) -> Option<T> {
    let text = text?;
    let found = known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
    if found.is_none() {
        let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
        problems.add(line, format!("{what} {text:?} is none of {}", names.join(", ")));
    }
    found
}
