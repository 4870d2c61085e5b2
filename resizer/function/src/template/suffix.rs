//! Extensions of pictures: what a variant's name ends with where it keeps that of its upload.

use resizer_engine::spec::{FormatSpec, OutputFormat};

use crate::pattern::Pattern;

/// Extensions that name a format which is written; the first of each is its usual one.
const WRITTEN: [&[&str]; 5] = [&["jpg", "jpeg"], &["png"], &["webp"], &["gif"], &["avif"]];

/// Extensions of other pictures whose variants are named like them.
const KEPT: [&str; 3] = ["jfif", "tif", "tiff"];

/// Extensions of pictures that no page shows under their names.
const REPLACED: [&str; 4] = ["bmp", "heic", "heif", "jxl"];

/// What the extension of a variant's file follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Ending {
    /// The upload: the variant is one file, in the upload's format.
    #[default]
    Own,
    /// The format: the variant is one file, in this format.
    Format,
    /// The upload, where it names the format: the variant is several files, this one of them in the
    /// upload's format.
    OwnOfSeveral,
    /// The format: the variant is several files, one of them in this format.
    FormatOfSeveral,
}

impl Ending {
    /// Of the file in this format of a variant that asks for these.
    pub fn of(asked: &[FormatSpec], format: OutputFormat) -> Self {
        let is_auto = asked.contains(&FormatSpec::Auto) && FormatSpec::AUTO.contains(&format);
        match (asked.len() > 1, is_auto || asked.contains(&FormatSpec::Fixed(format))) {
            (false, false) => Self::Own,
            (false, true) => Self::Format,
            (true, false) => Self::OwnOfSeveral,
            (true, true) => Self::FormatOfSeveral,
        }
    }

    const ALL: [Self; 4] = [Self::Own, Self::Format, Self::OwnOfSeveral, Self::FormatOfSeveral];

    /// As ledgers have it.
    fn stored_name(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Format => "format",
            Self::OwnOfSeveral => "own-of-several",
            Self::FormatOfSeveral => "format-of-several",
        }
    }
}

/// An extension with its dot, but for the upload: what ends it, and the usual extension of the
/// format.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Suffix {
    pub(super) ending: Ending,
    pub(super) format: String,
}

impl Suffix {
    /// `ENDING:FORMAT`.
    pub(super) fn stored(&self) -> String {
        format!("{}:{}", self.ending.stored_name(), self.format)
    }

    /// Reads what [`Self::stored`] wrote.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (ending, format) = text.split_once(':')?;
        let ending = Ending::ALL.into_iter().find(|known| known.stored_name() == ending)?;
        Some(Self { ending, format: format.to_owned() })
    }

    /// What it is for an upload with this extension.
    pub(super) fn render(&self, extension: &str) -> String {
        let Self { ending, format } = self;
        let names_format = is_in(extensions_of(format), extension);
        match ending {
            Ending::Own | Ending::Format if !is_of_pictures(extension) => String::new(),
            Ending::Own if is_kept(extension) => format!(".{extension}"),
            Ending::OwnOfSeveral if names_format => format!(".{extension}"),
            Ending::Own | Ending::OwnOfSeveral => format!(".{format}"),
            Ending::Format | Ending::FormatOfSeveral => format!(".{}", name_of(format)),
        }
    }

    /// All that it can be.
    pub(super) fn patterns(&self) -> Vec<Pattern> {
        let Self { ending, format } = self;
        let usual = Pattern::literal(&format!(".{format}"));
        let in_any_case = |extension: &&str| Pattern::in_any_case(&format!(".{extension}"));
        let kept = || WRITTEN.into_iter().flatten().chain(&KEPT);
        match ending {
            Ending::Own => kept().map(in_any_case).chain([Pattern::literal(""), usual]).collect(),
            Ending::OwnOfSeveral => {
                extensions_of(format).iter().map(in_any_case).chain([usual]).collect()
            }
            Ending::Format => vec![Pattern::literal(""), Pattern::literal(&self.render("jpg"))],
            Ending::FormatOfSeveral => vec![Pattern::literal(&self.render(""))],
        }
    }
}

/// The extension that a format is called by where it is asked for.
fn name_of(format: &str) -> &str {
    if format == "jpg" { "jpeg" } else { format }
}

fn extensions_of(format: &str) -> &'static [&'static str] {
    WRITTEN.into_iter().find(|extensions| extensions[0] == format).unwrap_or_default()
}

fn is_in(known: &[&str], extension: &str) -> bool {
    known.iter().any(|known| known.eq_ignore_ascii_case(extension))
}

fn is_kept(extension: &str) -> bool {
    WRITTEN.into_iter().any(|known| is_in(known, extension)) || is_in(&KEPT, extension)
}

/// All extensions of pictures as files have them, in small letters and in capitals.
pub(super) fn of_pictures() -> impl Iterator<Item = String> {
    let all = WRITTEN.into_iter().flatten().chain(&KEPT).chain(&REPLACED);
    all.flat_map(|extension| [(*extension).to_owned(), extension.to_uppercase()])
}

/// Whether it is an extension of pictures.
pub(super) fn is_of_pictures(extension: &str) -> bool {
    is_kept(extension) || is_in(&REPLACED, extension)
}
