//! One `[[rule.variant]]` in, a `VariantSpec` out.

use resizer_engine::spec::{
    Effort, Fit, FormatSpec, Gravity, Light, MAX_SIDE, Metadata, OutputColor, OutputFormat,
    Quality, Rgba, VariantSpec,
};

use toml::Spanned;

use super::file::{GravityValue, RuleTable, VariantTable};
use super::problems::Problems;

/// The widths of a rule that names no variants.
const DEFAULT_WIDTHS: [u32; 5] = [160, 320, 640, 1080, 1920];

const FITS: [(&str, Fit); 4] =
    [("inside", Fit::Inside), ("cover", Fit::Cover), ("pad", Fit::Pad), ("exact", Fit::Exact)];

const GRAVITIES: [(&str, Gravity); 10] = [
    ("center", Gravity::Center),
    ("north", Gravity::North),
    ("northeast", Gravity::Northeast),
    ("east", Gravity::East),
    ("southeast", Gravity::Southeast),
    ("south", Gravity::South),
    ("southwest", Gravity::Southwest),
    ("west", Gravity::West),
    ("northwest", Gravity::Northwest),
    ("attention", Gravity::Attention),
];

const FORMATS: [(&str, FormatSpec); 6] = [
    ("source", FormatSpec::Source),
    ("jpeg", FormatSpec::Fixed(OutputFormat::Jpeg)),
    ("png", FormatSpec::Fixed(OutputFormat::Png)),
    ("webp", FormatSpec::Fixed(OutputFormat::Webp)),
    ("avif", FormatSpec::Fixed(OutputFormat::Avif)),
    ("gif", FormatSpec::Fixed(OutputFormat::Gif)),
];

const LIGHTS: [(&str, Light); 2] = [("linear", Light::Linear), ("gamma", Light::Gamma)];

const COLOURS: [(&str, OutputColor); 2] =
    [("srgb", OutputColor::Srgb), ("keep", OutputColor::Keep)];

const METADATA: [(&str, Metadata); 3] =
    [("none", Metadata::None), ("copyright", Metadata::Copyright), ("all", Metadata::All)];

const EFFORTS: [(&str, Effort); 3] =
    [("fast", Effort::Fast), ("balanced", Effort::Balanced), ("small", Effort::Small)];

/// The variants of one rule; without tables of its own `w160` to `w1920`, five widths in the
/// source's format. What is wrong goes to `problems`.
pub(super) fn read_all(table: &RuleTable, problems: &mut Problems) -> Vec<VariantSpec> {
    let default = VariantSpec::default();
    let common = VariantSpec {
        light: own_word(&table.resize, "resize", &LIGHTS, problems).unwrap_or(default.light),
        effort: own_word(&table.effort, "effort", &EFFORTS, problems).unwrap_or(default.effort),
        color: own_word(&table.colour, "colour", &COLOURS, problems).unwrap_or(default.color),
        metadata: own_word(&table.metadata, "metadata", &METADATA, problems)
            .unwrap_or(default.metadata),
        ..default
    };
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

/// The word of the rule itself.
pub(super) fn own_word<T: Copy>(
    text: &Option<Spanned<String>>,
    what: &str,
    known: &[(&str, T)],
    problems: &mut Problems,
) -> Option<T> {
    let text = text.as_ref()?;
    word(Some(text.as_ref()), what, known, problems.line_of(text), problems)
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
    if name.is_empty() || name.contains(['/', '{', '}']) {
        problems.add(line, format!("the variant name {name:?} is empty or has a slash or brace"));
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
    let quality = table.quality.unwrap_or(default.quality.jpeg.into());
    if !(1..=100).contains(&quality) {
        problems.add(line, format!("quality of variant {name:?} is {quality}, not 1 to 100"));
    }
    let sharpen = table.sharpen.unwrap_or(default.sharpen.into());
    if sharpen > 200 {
        problems.add(line, format!("sharpen of variant {name:?} is {sharpen}, not 0 to 200"));
    }
    VariantSpec {
        width: table.width,
        height: table.height,
        fit,
        gravity: gravity(table, default.gravity, line, problems),
        formats: formats(table, &name, line, problems),
        quality: Quality::uniform(quality.clamp(1, 100) as u8),
        background: background(table, line, problems),
        enlarge: table.enlarge.unwrap_or(default.enlarge),
        light: default.light,
        filter: default.filter,
        effort: default.effort,
        color: default.color,
        metadata: default.metadata,
        sharpen: sharpen.min(200) as u8,
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

/// A word, or a point as two shares of width and height.
fn gravity(
    table: &VariantTable,
    default: Gravity,
    line: usize,
    problems: &mut Problems,
) -> Gravity {
    match &table.gravity {
        None => default,
        Some(GravityValue::Word(text)) => {
            word(Some(text), "gravity", &GRAVITIES, line, problems).unwrap_or(default)
        }
        Some(GravityValue::Point(point)) => {
            if point.iter().any(|share| !(0.0..=1.0).contains(share)) {
                problems.add(line, format!("the gravity {point:?} is not within 0 and 1"));
            }
            let [x, y] = point.map(|share| (share.clamp(0.0, 1.0) * 10_000.0).round() as u16);
            Gravity::Focal(x, y)
        }
    }
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
