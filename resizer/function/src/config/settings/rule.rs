//! `[[rule]]`: which uploads it takes, what is made of them, and where that goes.

use resizer_engine::spec::{
    Animation, Effort, Filter, FormatSpec, Hdr, Light, MAX_SIDE, Metadata, OutputColor, PngColors,
    Raw, Request, Truncated, VariantSpec,
};

use super::originals::{self, ORIGINALS};
use super::output::{self, OUTPUT, ReadOutput};
use super::source::{self, BUCKET, EXCLUDE, MATCH, PREFIX, SUFFIX};
use super::variant::{self, FORMAT_WORDS, VARIANT};
use crate::config::checks::PlacedRule;
use crate::config::declare::{Key, Table, Without};
use crate::config::kinds::{FormatQualities, OneOrMany, Text, Whole, Word, Words};
use crate::config::problems::Told;
use crate::config::reader::Reader;
use crate::rules::Rule;
use crate::template::Template;

pub(in crate::config) static RULE: Table = Table {
    path: "rule",
    is_list: true,
    doc: "A rule selects uploads and describes their variants. The function uses the first rule \
          in the file that takes the upload. A file without rules has one rule that takes every \
          upload.",
    example: "[[rule]]",
    settings: &[
        &NAME,
        &BUCKET,
        &PREFIX,
        &SUFFIX,
        &MATCH,
        &EXCLUDE,
        &WIDTHS,
        &FORMATS,
        &QUALITY,
        &LIGHT,
        &FILTER,
        &EFFORT,
        &PNG_COLORS,
        &COLOR,
        &METADATA,
        &HDR,
        &ANIMATION,
        &TRUNCATED,
        &RAW,
        &TRIM,
        &VARIANT,
        &OUTPUT,
        &ORIGINALS,
    ],
    shared: &[],
    inherits: None,
    renamed: &[("resize", "light"), ("colour", "color")],
};

static NAME: Key<Text> = Key {
    name: "name",
    kind: Text { takes: "a name in quotes", is_good: |name| !name.is_empty() },
    without: Without::Means("`rule 1`, `rule 2` and so on"),
    example: "\"avatars\"",
    doc: "The name of the rule, which messages use.",
};

static WIDTHS: Key<OneOrMany<Whole<u32>>> = Key {
    name: "widths",
    kind: OneOrMany(Whole { min: 1, max: MAX_SIDE, unit: "pixels" }),
    without: Without::Means("`[160, 320, 640, 1080, 1920]` in a rule without `[[rule.variant]]`"),
    example: "[640, 750, 1080]",
    doc: "The rule makes a variant for each of these widths, in addition to those in \
          `[[rule.variant]]`. Their names are `w640` and so on.",
};

static FORMATS: Key<OneOrMany<Words<FormatSpec>>> = Key {
    name: "formats",
    kind: FORMAT_WORDS,
    without: Without::Value("[\"source\"]"),
    example: "[\"avif\", \"webp\", \"jpeg\"]",
    doc: "The formats of variants that do not set `formats`. The function writes one file for \
          each format.",
};

static QUALITY: Key<FormatQualities> = Key {
    name: "quality",
    kind: FormatQualities,
    without: Without::Value("80"),
    example: "{ avif = 80, webp = 75, jpeg = 80 }",
    doc: "The quality of lossy formats, and of PNGs that are not exactly the picture, for \
          variants that do not set `quality`. Give one number for all formats, or one for each \
          format. A number gives JPEGs, WebPs, and AVIFs about the same look. A PNG of quality 100 \
          keeps all colors.",
};

static LIGHT: Key<Words<Light>> = Key {
    name: "light",
    kind: Words {
        words: &[
            Word::new("linear", Light::Linear, "linear light: fine structure keeps its brightness"),
            Word::new("gamma", Light::Gamma, "gamma-encoded values, in two thirds of the time"),
        ],
        instead: &[],
    },
    without: Without::Value("\"linear\""),
    example: "\"gamma\"",
    doc: "The values that are averaged when a picture is made smaller.",
};

static FILTER: Key<Words<Filter>> = Key {
    name: "filter",
    kind: Words {
        words: &[
            filter_word(Filter::Lanczos3, "three lobes: the sharpest, with faint ringing at edges"),
            filter_word(Filter::Mitchell, "a cubic: softer, and nearly without ringing"),
            filter_word(Filter::CatmullRom, "a cubic between the two"),
            filter_word(Filter::Area, "the mean of the area that a pixel covers: the least time"),
        ],
        instead: &[],
    },
    without: Without::Value("\"lanczos3\""),
    example: "\"mitchell\"",
    doc: "The resampling filter.",
};

const fn filter_word(filter: Filter, means: &'static str) -> Word<Filter> {
    Word::new(filter.name(), filter, means)
}

static EFFORT: Key<Words<Effort>> = Key {
    name: "effort",
    kind: Words {
        words: &[
            Word::new("fast", Effort::Fast, "the least time"),
            Word::new("balanced", Effort::Balanced, "the most saved bytes for the time"),
            Word::new("small", Effort::Small, "the fewest bytes"),
        ],
        instead: &[],
    },
    without: Without::Value("\"balanced\""),
    example: "\"small\"",
    doc: "How much time the encoders use to write fewer bytes at the same quality.",
};

static PNG_COLORS: Key<Words<PngColors>> = Key {
    name: "png_colors",
    kind: Words {
        words: &[
            Word::new(
                "auto",
                PngColors::Auto,
                "at most 256 if these look as `quality` demands; else values that are off by one \
                 level for each 20 points of `quality` below 100; all if `effort` is `\"fast\"`",
            ),
            Word::new("all", PngColors::All, "all"),
            Word::new("palette", PngColors::Palette, "at most 256, however these look"),
        ],
        instead: &[],
    },
    without: Without::Value("\"auto\""),
    example: "\"all\"",
    doc: "Which colors a PNG keeps. Colors that differ from the picture are written only if the \
          file is at least a tenth smaller. An animated PNG keeps all colors.",
};

static COLOR: Key<Words<OutputColor>> = Key {
    name: "color",
    kind: Words {
        words: &[
            Word::new("srgb", OutputColor::Srgb, "sRGB, which every program shows right"),
            Word::new("keep", OutputColor::Keep, "the colors of the upload, with its ICC profile"),
        ],
        instead: &[],
    },
    without: Without::Value("\"srgb\""),
    example: "\"keep\"",
    doc: "The color space of variants.",
};

static METADATA: Key<Words<Metadata>> = Key {
    name: "metadata",
    kind: Words {
        words: &[
            Word::new("none", Metadata::None, "nothing"),
            Word::new("copyright", Metadata::Copyright, "artist and copyright"),
            Word::new("all", Metadata::All, "EXIF and XMP, with the place where it was taken"),
        ],
        instead: &[],
    },
    without: Without::Value("\"copyright\""),
    example: "\"none\"",
    doc: "The metadata of the upload that is written into variants.",
};

static HDR: Key<Words<Hdr>> = Key {
    name: "hdr",
    kind: Words {
        words: &[
            Word::new("drop", Hdr::Drop, "variants have no gain map"),
            Word::new("keep", Hdr::Keep, "JPEG variants have the gain map of the upload"),
        ],
        instead: &[],
    },
    without: Without::Value("\"drop\""),
    example: "\"keep\"",
    doc: "What the function does with a gain map, from which screens with more light than white \
          show more of a picture. Variants of other formats than JPEG never have one. The manifest \
          says for each variant whether it has one.",
};

static ANIMATION: Key<Words<Animation>> = Key {
    name: "animation",
    kind: Words {
        words: &[
            Word::new("first-frame", Animation::FirstFrame, "a still picture of its first frame"),
            Word::new("animate", Animation::Animate, "all frames, in GIF, WebP and PNG"),
        ],
        instead: &[],
    },
    without: Without::Value("\"first-frame\""),
    example: "\"animate\"",
    doc: "What the function makes of an animation.",
};

static TRUNCATED: Key<Words<Truncated>> = Key {
    name: "truncated",
    kind: Words {
        words: &[
            Word::new("refuse", Truncated::Refuse, "it is refused as malformed"),
            Word::new("accept", Truncated::Accept, "the part that is there becomes variants"),
        ],
        instead: &[],
    },
    without: Without::Value("\"refuse\""),
    example: "\"accept\"",
    doc: "What the function does with a truncated file, which ends too early.",
};

static RAW: Key<Words<Raw>> = Key {
    name: "raw",
    kind: Words {
        words: &[
            Word::new("refuse", Raw::Refuse, "it is refused as unsupported"),
            Word::new("preview", Raw::Preview, "the largest JPEG in it becomes variants"),
        ],
        instead: &[],
    },
    without: Without::Value("\"refuse\""),
    example: "\"preview\"",
    doc: "What the function makes of a camera RAW file (DNG, CR2, CR3, NEF, ARW, PEF, SRW, RAF, \
          RW2), which it does not develop. A file without a JPEG is refused in any case.",
};

static TRIM: Key<Whole<u8>> = Key {
    name: "trim",
    kind: Whole { min: 0, max: 255, unit: "levels" },
    without: Without::Means("no border is cropped"),
    example: "10",
    doc: "Crops a border of one color. Pixels belong to the border if no channel differs from the \
          first pixel by more than this number of levels. The upload is decoded twice.",
};

/// The widths of a rule that names neither widths nor variants.
const DEFAULT_WIDTHS: [u32; 5] = [160, 320, 640, 1080, 1920];

/// Reads a rule that is the so-manyth of its file; `Err` where something that decides its keys or
/// its uploads is wrong.
pub(in crate::config) fn read(
    index: usize,
    table: &Reader<'_>,
    default_bucket: &Template,
) -> Result<PlacedRule, Told> {
    let name = table.given(&NAME).map(|name| name.value);
    let name = name.unwrap_or_else(|| format!("rule {}", index + 1));
    let (source, source_at) = source::read(table);
    let animation = table.value(&ANIMATION);
    let truncated = table.value(&TRUNCATED);
    let raw = table.value(&RAW);
    let trim = table.given(&TRIM).map(|trim| trim.value);
    let tables = table.sections(&VARIANT);
    let variant_tables = tables.as_deref().unwrap_or_default();
    let variants = read_variants(table, variant_tables);
    let output = output::read(table, default_bucket, variant_tables);
    let originals = originals::read(table);
    let variant_ats: Vec<usize> = variant_tables.iter().map(|table| table.at).collect();
    tables?;
    let (variants, output) = (variants?, output?);
    let ReadOutput { mut output, own_storage, key_at, records_at, at, naming } = output;
    // The tables' variants are the last ones.
    let of_tables = &variants[variants.len() - own_storage.len()..];
    let own_storage = of_tables.iter().map(|spec| spec.name.clone()).zip(own_storage);
    output.variants = own_storage.filter(|(_, own)| *own != output.storage).collect();
    let request = Request {
        variants,
        animation,
        truncated,
        raw,
        trim,
        // Whoever reads a manifest shows the picture.
        placeholders: output.manifest.is_some(),
    };
    let rule = Rule {
        // Once everything that they depend on is known.
        fingerprint: String::new(),
        refusal_fingerprint: String::new(),
        name,
        source: source?,
        request,
        output,
        originals: originals?,
    };
    Ok(PlacedRule {
        rule,
        at: table.at,
        source_at,
        output_at: at,
        key_at,
        records_at,
        variant_ats,
        naming,
    })
}

/// A variant for each width, then those of the tables.
fn read_variants(rule: &Reader<'_>, tables: &[Reader<'_>]) -> Result<Vec<VariantSpec>, Told> {
    let formats = rule.sound(&FORMATS);
    let default = VariantSpec::default();
    let quality = rule.given(&QUALITY).map(|quality| quality.value).unwrap_or_default();
    let quality = quality.or(QUALITY.default().or(default.quality));
    let common = VariantSpec {
        light: rule.value(&LIGHT),
        filter: rule.value(&FILTER),
        effort: rule.value(&EFFORT),
        png_colors: rule.value(&PNG_COLORS),
        color: rule.value(&COLOR),
        metadata: rule.value(&METADATA),
        hdr: rule.value(&HDR),
        quality,
        formats: match &formats {
            Ok(Some(formats)) => formats.value.clone(),
            _ => FORMATS.default(),
        },
        ..default
    };
    let widths = rule.sound(&WIDTHS);
    let tables: Vec<_> = tables.iter().map(|table| variant::read(table, &common)).collect();
    formats?;
    let (widths, at) = match widths? {
        Some(widths) => (widths.value, widths.at),
        None if tables.is_empty() => (DEFAULT_WIDTHS.to_vec(), rule.at),
        None => (Vec::new(), rule.at),
    };
    let of_width = |width| {
        let name = variant::name_of(Some(width), None);
        let spec = VariantSpec { name, width: Some(width), ..common.clone() };
        if let Some(warning) = variant::too_large(&spec) {
            rule.problems.warn(at, warning);
        }
        Ok(spec)
    };
    widths.into_iter().map(of_width).chain(tables).collect()
}
