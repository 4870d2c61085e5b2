//! The options of a signed URL in, the variant that they ask for out: within the bounds of the
//! configuration, whatever the source is.

use resizer_engine::spec::{
    Fit, FormatSpec, Gravity, MAX_SIDE, OutputFormat, Quality, Request, VariantSpec,
};

use super::Bounds;
use super::query::Query;

/// The first segment of paths with options.
pub const SIGNED_SEGMENT: &str = "signed";

/// The parameters of a URL with options.
pub const OPTION_PARAMETERS: [&str; 9] =
    ["w", "h", "fit", "q", "format", "gravity", "exp", "kid", "s"];

/// The parameters of a signed URL of a variant of a rule.
pub const VARIANT_PARAMETERS: [&str; 4] = ["exp", "kid", "s", "v"];

const FITS: [(&str, Fit); 4] =
    [("inside", Fit::Inside), ("cover", Fit::Cover), ("pad", Fit::Pad), ("exact", Fit::Exact)];

const FORMATS: [(&str, OutputFormat); 5] = [
    ("jpeg", OutputFormat::Jpeg),
    ("png", OutputFormat::Png),
    ("webp", OutputFormat::Webp),
    ("avif", OutputFormat::Avif),
    ("gif", OutputFormat::Gif),
];

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

impl Bounds {
    /// No others than those of the engine.
    pub fn of_the_engine() -> Self {
        Self {
            max_width: MAX_SIDE,
            max_height: MAX_SIDE,
            max_pixels: u64::MAX,
            formats: OutputFormat::ALL.to_vec(),
        }
    }
}

/// The quality where the URL names none.
const DEFAULT_QUALITY: u8 = 80;

/// The format of a signed URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// That of the upload, or the nearest one.
    Source,
    /// The one that the client likes best.
    Auto,
    /// This one.
    Fixed(OutputFormat),
}

/// What a signed URL asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The format.
    pub format: Format,
    spec: VariantSpec,
}

/// An option that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` takes {takes}")]
pub struct OptionError {
    name: &'static str,
    takes: String,
}

impl Options {
    /// Reads the options among the parameters of a URL. A side that is left open is bounded too, so
    /// that no source makes more pixels of it than the bounds allow.
    ///
    /// # Errors
    /// `OptionError` for the first option that is none, or is out of bounds.
    pub fn parse(query: &Query<'_>, bounds: &Bounds) -> Result<Self, OptionError> {
        let width = number(query, "w", bounds.max_width)?;
        let height = number(query, "h", bounds.max_height)?;
        let quality = number(query, "q", 100)?;
        let quality = quality.and_then(|quality| u8::try_from(quality).ok());
        let fit = word(query, "fit", &FITS)?.unwrap_or(Fit::Inside);
        if fit != Fit::Inside && (width.is_none() || height.is_none()) {
            return Err(wrong("fit", "`w` and `h` beside it, unless it is `inside`"));
        }
        let format = format(query, bounds)?;
        let (width, height) = bounded(width, height, bounds)?;
        let spec = VariantSpec {
            name: "free".to_owned(),
            width: Some(width),
            height: Some(height),
            fit,
            gravity: gravity(query)?,
            quality: Quality::uniform(quality.unwrap_or(DEFAULT_QUALITY)),
            ..VariantSpec::default()
        };
        Ok(Self { format, spec })
    }

    /// What is asked of the engine, in this format.
    pub fn request(&self, format: FormatSpec) -> Request {
        let spec = VariantSpec { formats: vec![format], ..self.spec.clone() };
        vec![spec].into()
    }
}

/// The box: what is asked for, and for a side that is not, as much as the bounds leave.
fn bounded(
    width: Option<u32>,
    height: Option<u32>,
    bounds: &Bounds,
) -> Result<(u32, u32), OptionError> {
    let beside = |side: u32, max: u32| {
        u32::try_from(bounds.max_pixels / u64::from(side)).unwrap_or(u32::MAX).clamp(1, max)
    };
    let (width, height) = match (width, height) {
        (Some(width), Some(height)) => (width, height),
        (Some(width), None) => (width, beside(width, bounds.max_height)),
        (None, Some(height)) => (beside(height, bounds.max_width), height),
        (None, None) => (bounds.max_width, beside(bounds.max_width, bounds.max_height)),
    };
    if u64::from(width) * u64::from(height) > bounds.max_pixels {
        let most = format!("a width that makes at most {} pixels with `h`", bounds.max_pixels);
        return Err(wrong("w", most));
    }
    Ok((width, height))
}

/// The format, which the bounds must allow.
fn format(query: &Query<'_>, bounds: &Bounds) -> Result<Format, OptionError> {
    let Some(text) = query.get("format") else { return Ok(Format::Source) };
    if *text == "auto" {
        return Ok(Format::Auto);
    }
    let mut allowed = FORMATS.iter().filter(|(_, format)| bounds.formats.contains(format));
    let names = || allowed.clone().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
    let takes = format!("`auto`, or a format that `endpoint.formats` allows: {}", names());
    let named = allowed.find(|(word, _)| word == text);
    named.map(|(_, format)| Format::Fixed(*format)).ok_or_else(|| wrong("format", takes))
}

/// A whole number from 1 to `max`, in its one form.
fn number(query: &Query<'_>, name: &'static str, max: u32) -> Result<Option<u32>, OptionError> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let is_plain = !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| is_plain && (1..=max).contains(number));
    number.map(Some).ok_or_else(|| wrong(name, format!("a whole number from 1 to {max}")))
}

fn word<T: Copy>(
    query: &Query<'_>,
    name: &'static str,
    words: &[(&str, T)],
) -> Result<Option<T>, OptionError> {
    let Some(text) = query.get(name) else { return Ok(None) };
    let known = words.iter().find(|(word, _)| word == text);
    known.map(|(_, value)| Some(*value)).ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        wrong(name, format!("one of {}", words.join(", ")))
    })
}

/// A word, or a point such as `0.3,0.5`.
fn gravity(query: &Query<'_>) -> Result<Gravity, OptionError> {
    let Some((x, y)) = query.get("gravity").and_then(|text| text.split_once(',')) else {
        let word = word(query, "gravity", &GRAVITIES).map_err(|OptionError { name, takes }| {
            wrong(name, format!("a point such as 0.3,0.5, or {takes}"))
        });
        return Ok(word?.unwrap_or(Gravity::Center));
    };
    match (share(x), share(y)) {
        (Some(x), Some(y)) => Ok(Gravity::Focal(x, y)),
        _ => {
            let takes =
                "two numbers from 0 to 1 of at most four decimals, without a zero at the end";
            Err(wrong("gravity", takes))
        }
    }
}

/// `0.35` as 3500 ten-thousandths. Each number has one spelling: no `0.350`, no `1.0`, no `0.`.
fn share(text: &str) -> Option<u16> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_longer = text.len() > whole.len() && (part.is_empty() || part.ends_with('0'));
    if is_longer || part.len() > 4 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{part:0<4}").parse().ok()?;
    match (whole, part) {
        ("0", part) => Some(part),
        ("1", 0) => Some(10_000),
        _ => None,
    }
}

fn wrong(name: &'static str, takes: impl Into<String>) -> OptionError {
    OptionError { name, takes: takes.into() }
}

#[cfg(test)]
mod tests {
    use resizer_engine::spec::{Fit, FormatSpec, Gravity, OutputFormat, Quality};

    use super::{Format, OPTION_PARAMETERS, Options};
    use crate::endpoint::{Bounds, query};

    fn bounds() -> Bounds {
        Bounds {
            max_width: 2000,
            max_height: 1000,
            max_pixels: 1_000_000,
            formats: vec![OutputFormat::Jpeg, OutputFormat::Webp],
        }
    }

    fn sorted(text: &str) -> String {
        let mut parameters: Vec<&str> = text.split('&').collect();
        parameters.sort_unstable();
        parameters.join("&")
    }

    fn parsed(text: &str) -> Result<Options, String> {
        let text = &sorted(text);
        let query = query::parse(text, &OPTION_PARAMETERS).expect("a good query");
        Options::parse(&query, &bounds()).map_err(|error| error.to_string())
    }

    #[test]
    fn options_become_a_variant() {
        let text = "fit=cover&format=webp&gravity=0.3,1&h=480&q=55&w=640";
        let options = parsed(text).expect("good options");
        assert_eq!(options.format, Format::Fixed(OutputFormat::Webp));
        let request = options.request(FormatSpec::Fixed(OutputFormat::Webp));
        let spec = &request.variants[0];
        assert_eq!((spec.width, spec.height, spec.fit), (Some(640), Some(480), Fit::Cover));
        assert_eq!(spec.gravity, Gravity::Focal(3000, 10_000));
        assert_eq!(spec.quality, Quality::uniform(55));
        assert_eq!(spec.formats, [FormatSpec::Fixed(OutputFormat::Webp)]);
        assert_eq!(parsed("format=auto").expect("good options").format, Format::Auto);
    }

    #[test]
    fn no_source_makes_more_pixels_than_the_bounds_allow() {
        for (text, size) in [
            ("w=500", (500, 1000)),
            ("w=2000", (2000, 500)),
            ("h=1000", (1000, 1000)),
            ("h=100", (2000, 100)),
            ("", (2000, 500)),
        ] {
            let request = parsed(text).expect("good options").request(FormatSpec::Source);
            let spec = &request.variants[0];
            assert_eq!((spec.width, spec.height), (Some(size.0), Some(size.1)), "{text}");
        }
    }

    #[test]
    fn each_option_has_one_form_and_its_bounds() {
        for (text, says) in [
            ("w=2001", "`w` takes a whole number from 1 to 2000"),
            ("w=0", "`w` takes a whole number from 1 to 2000"),
            ("w=0640", "`w` takes a whole number from 1 to 2000"),
            ("w=99999999999", "`w` takes a whole number from 1 to 2000"),
            ("w=-1", "`w` takes a whole number from 1 to 2000"),
            ("w=1.5", "`w` takes a whole number from 1 to 2000"),
            ("h=1001", "`h` takes a whole number from 1 to 1000"),
            ("q=101", "`q` takes a whole number from 1 to 100"),
            ("w=2000&h=1000", "`w` takes a width that makes at most 1000000 pixels with `h`"),
            ("fit=crop", "`fit` takes one of inside, cover, pad, exact"),
            ("w=5&fit=cover", "`fit` takes `w` and `h` beside it, unless it is `inside`"),
            ("format=bmp", "`auto`, or a format that `endpoint.formats` allows: jpeg, webp"),
            ("format=avif", "`auto`, or a format that `endpoint.formats` allows: jpeg, webp"),
            ("gravity=up", "`gravity` takes a point such as 0.3,0.5, or one of center, north"),
            ("gravity=0.3,1.1", "`gravity` takes two numbers"),
            ("gravity=0.3,", "`gravity` takes two numbers"),
            ("gravity=0.30,0.5", "`gravity` takes two numbers"),
            ("gravity=0.3,1.0", "`gravity` takes two numbers"),
            ("gravity=0.,1", "`gravity` takes two numbers"),
        ] {
            let error = parsed(text).expect_err("no good option");
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
