//! `[[rule.variant]]`: one picture that is made of each upload, in one format or several.

use resizer_engine::spec::{Fit, FormatSpec, Gravity, MAX_SIDE, OutputFormat, VariantSpec};

use super::storage::STORAGE;
use crate::config::declare::{Key, Table, Without};
use crate::config::kinds::{
    Color, Flag, FormatQualities, OneOrMany, Place, Text, Whole, Word, Words,
};
use crate::config::problems::Told;
use crate::config::reader::{Placed, Reader};

pub(in crate::config) static VARIANT: Table = Table {
    path: "rule.variant",
    is_list: true,
    doc: "Each of these tables describes one variant. A rule can have many. A rule without \
          variants and without `widths` has the widths 160, 320, 640, 1080, and 1920.",
    example: "[[rule.variant]]",
    settings: &[
        &NAME,
        &WIDTH,
        &HEIGHT,
        &FIT,
        &GRAVITY,
        &FORMATS,
        &QUALITY,
        &SHARPEN,
        &BACKGROUND,
        &ENLARGE,
    ],
    shared: STORAGE,
    inherits: Some("[rule.output]"),
    renamed: &[],
};

static NAME: Key<Text> = Key {
    name: "name",
    kind: Text { takes: "a name in quotes, without slashes and braces", is_good: is_name },
    without: Without::Means("`w640` of a width, `h480` of a height, `640x480` of both, or `full`"),
    example: "\"thumb\"",
    doc: "The name of the variant, which `{variant}` in keys stands for and which the manifest \
          contains. Each variant of a rule needs a different name.",
};

pub(super) static WIDTH: Key<Whole<u32>> = Key {
    name: "width",
    kind: Whole { min: 1, max: MAX_SIDE, unit: "pixels" },
    without: Without::Means("the width follows from the height, or is that of the upload"),
    example: "640",
    doc: "The width of the box that the picture is fitted to.",
};

pub(super) static HEIGHT: Key<Whole<u32>> = Key {
    name: "height",
    kind: Whole { min: 1, max: MAX_SIDE, unit: "pixels" },
    without: Without::Means("the height follows from the width, or is that of the upload"),
    example: "480",
    doc: "The height of the box that the picture is fitted to.",
};

static FIT: Key<Words<Fit>> = Key {
    name: "fit",
    kind: Words {
        words: &[
            Word::new("inside", Fit::Inside, "as large as fits inside of the box, nothing cropped"),
            Word::new(
                "cover",
                Fit::Cover,
                "the whole box is filled, and what is beyond it cropped",
            ),
            Word::new("pad", Fit::Pad, "as `inside`, then padded to the whole box")
                .or(&["contain"]),
            Word::new("exact", Fit::Exact, "stretched to the box").or(&["fill"]),
        ],
        instead: &[],
    },
    without: Without::Value("\"inside\""),
    example: "\"cover\"",
    doc: "How the picture is fitted to its box. All values except `inside` need a `width` and a \
          `height`. CSS and sharp call `pad` and `exact` by the names `contain` and `fill`.",
};

static GRAVITY: Key<Place> = Key {
    name: "gravity",
    kind: Place(Words {
        words: &[
            Word::new("center", Gravity::Center, "the middle").or(&["centre"]),
            Word::new("north", Gravity::North, "the upper edge").or(&["top"]),
            Word::new("northeast", Gravity::Northeast, "the upper right corner"),
            Word::new("east", Gravity::East, "the right edge").or(&["right"]),
            Word::new("southeast", Gravity::Southeast, "the lower right corner"),
            Word::new("south", Gravity::South, "the lower edge").or(&["bottom"]),
            Word::new("southwest", Gravity::Southwest, "the lower left corner"),
            Word::new("west", Gravity::West, "the left edge").or(&["left"]),
            Word::new("northwest", Gravity::Northwest, "the upper left corner"),
            Word::new("attention", Gravity::Attention, "edges, skin and strong colors"),
        ],
        instead: &[],
    }),
    without: Without::Value("\"center\""),
    example: "[0.3, 0.5]",
    doc: "The part of the picture that `cover` keeps, or the position at which `pad` places the \
          picture. You can give a point as fractions of the width and the height, measured from \
          the upper left corner. If an upload has the user metadata `focal-point` (the header \
          `x-amz-meta-focal-point: 0.3,0.5`), `cover` keeps this point instead of the middle, \
          and instead of what `attention` finds.",
};

/// The words of `formats`, for rules and variants.
pub(super) const FORMAT_WORDS: OneOrMany<Words<FormatSpec>> = OneOrMany(Words {
    words: &[
        Word::new(
            "source",
            FormatSpec::Source,
            "the format of the upload if it is JPEG, PNG or WebP, else the nearest of these",
        ),
        Word::new(
            "auto",
            FormatSpec::Auto,
            "AVIF, or lossless WebP for drawings, texts and screenshots if that is no larger; the \
             same format for all widths of an upload; not together with `avif` or `webp`",
        ),
        Word::new("jpeg", FormatSpec::Fixed(OutputFormat::Jpeg), "JPEG").or(&["jpg"]),
        Word::new("png", FormatSpec::Fixed(OutputFormat::Png), "PNG"),
        Word::new(
            "webp",
            FormatSpec::Fixed(OutputFormat::Webp),
            "WebP, at most 16383 pixels a side",
        ),
        Word::new(
            "avif",
            FormatSpec::Fixed(OutputFormat::Avif),
            "AVIF: the smallest files, in several times the time of JPEG, at most 8192 pixels a \
             side",
        ),
        Word::new("gif", FormatSpec::Fixed(OutputFormat::Gif), "GIF"),
    ],
    instead: &[
        ("heic", "HEIC is not written; write \"avif\""),
        ("jxl", "JPEG XL is not written; write \"avif\""),
    ],
});

static FORMATS: Key<OneOrMany<Words<FormatSpec>>> = Key {
    name: "formats",
    kind: FORMAT_WORDS,
    without: Without::Means("the `formats` of the rule"),
    example: "[\"avif\", \"webp\", \"jpeg\"]",
    doc: "The formats of the variant. The function writes one file for each format.",
};

static QUALITY: Key<FormatQualities> = Key {
    name: "quality",
    kind: FormatQualities,
    without: Without::Means("the `quality` of the rule"),
    example: "{ avif = 80, webp = 75, jpeg = 80 }",
    doc: "The quality of lossy formats, and of PNGs that are not exactly the picture. Give one \
          number for all formats, or one for each format.",
};

static SHARPEN: Key<Whole<u8>> = Key {
    name: "sharpen",
    kind: Whole { min: 0, max: 200, unit: "percent" },
    without: Without::Value("0"),
    example: "30",
    doc: "How much the picture is sharpened after resizing. Sharpening makes files larger.",
};

static BACKGROUND: Key<Color> = Key {
    name: "background",
    kind: Color,
    without: Without::Value("\"#ffffff\""),
    example: "\"#f0f0f0\"",
    doc: "The color around a padded picture, and under transparent pixels in formats without \
          transparency.",
};

static ENLARGE: Key<Flag> = Key {
    name: "enlarge",
    kind: Flag,
    without: Without::Value("false"),
    example: "true",
    doc: "Whether a picture that is smaller than its box is enlarged.",
};

/// Reads a variant; `Err` where something that decides its keys is wrong. `common` is what the
/// rule says for all of its variants.
pub(super) fn read(table: &Reader<'_>, common: &VariantSpec) -> Result<VariantSpec, Told> {
    let (name, width, height) = (table.sound(&NAME), table.sound(&WIDTH), table.sound(&HEIGHT));
    let (fit, formats) = (table.given(&FIT), table.sound(&FORMATS));
    let gravity = table.value(&GRAVITY);
    let quality = table.given(&QUALITY).map(|quality| quality.value).unwrap_or_default();
    let (sharpen, background) = (table.value(&SHARPEN), table.value(&BACKGROUND));
    let enlarge = table.value(&ENLARGE);
    let side = |side: Option<Placed<u32>>| side.map(|side| side.value);
    let (width, height) = (side(width?), side(height?));
    let fits = fit.as_ref().map_or(Fit::Inside, |fit| fit.value);
    if let (Some(fit), false) = (&fit, width.is_some() && height.is_some())
        && fit.value != Fit::Inside
    {
        let missing = match (width, height) {
            (Some(_), _) => "a `height`",
            (_, Some(_)) => "a `width`",
            _ => "a `width` and a `height`",
        };
        table
            .problems
            .add(fit.at, format!("this `fit` needs {missing} too: only \"inside\" can do without"));
    }
    let name = name?.map_or_else(|| name_of(width, height), |name| name.value);
    let spec = VariantSpec {
        name,
        width,
        height,
        fit: fits,
        gravity,
        formats: formats?.map_or_else(|| common.formats.clone(), |formats| formats.value),
        quality: quality.or(common.quality),
        background,
        enlarge,
        sharpen,
        ..common.clone()
    };
    let at = table.at_of(WIDTH.name).or(table.at_of(HEIGHT.name)).unwrap_or(table.at);
    if let Some(warning) = too_large(&spec) {
        table.problems.warn(at, warning);
    }
    Ok(spec)
}

/// The name of a variant that has none of its own.
pub(super) fn name_of(width: Option<u32>, height: Option<u32>) -> String {
    match (width, height) {
        (Some(width), Some(height)) => format!("{width}x{height}"),
        (Some(width), None) => format!("w{width}"),
        (None, Some(height)) => format!("h{height}"),
        (None, None) => "full".to_owned(),
    }
}

/// What is said of a variant that is larger than a format of it can be.
pub(super) fn too_large(spec: &VariantSpec) -> Option<String> {
    let side = spec.width.max(spec.height)?;
    let fixed = spec.formats.iter().filter_map(|format| match format {
        FormatSpec::Fixed(format) => Some(*format),
        FormatSpec::Auto => Some(OutputFormat::Avif),
        FormatSpec::Source => None,
    });
    let format =
        fixed.filter(|format| format.max_side() < side).min_by_key(|format| format.max_side())?;
    let (name, max, extension) = (&spec.name, format.max_side(), format.extension());
    Some(format!(
        "variant {name:?} asks for {side} pixels, and a side of its .{extension} file has at most \
         {max}: the file is smaller than its name says; ask for {max}, or leave out the format"
    ))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['/', '{', '}'])
}
