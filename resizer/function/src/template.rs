//! Key templates: `variants/{key}/{variant}.{ext}` and the values that fill them.

mod field;
mod guess;
mod inverse;
mod suffix;

pub use self::field::Field;
pub use self::suffix::Ending;
use self::suffix::{Suffix, is_of_pictures};
use crate::pattern::Pattern;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
    /// `{suffix:own:jpg}`: the suffix of one variant.
    SuffixOf(Suffix),
    /// `{dir}/`: the folder with its slash, and nothing for a source without a folder.
    Folder,
}

/// Why a text is no template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A brace stands alone.
    #[error("has a `{{` without a `}}`")]
    Unclosed,
    /// A field of this name is none.
    #[error("names {{{0}}}, which is no field")]
    Unknown(String),
}

/// The two ways of writing a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// As configurations have it.
    Written,
    /// As ledgers and fingerprints have it.
    Stored,
}

impl Form {
    fn name_of(self, field: Field) -> &'static str {
        match self {
            Self::Written => field.name(),
            Self::Stored => field.stored_name(),
        }
    }
}

/// The source's part of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceName<'a> {
    /// Bucket of the source.
    pub bucket: &'a str,
    /// Key of the source, decoded.
    pub key: &'a str,
}

/// The variant's part of the values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VariantName<'a> {
    /// The variant's name.
    pub variant: &'a str,
    /// The width asked for.
    pub width: Option<u32>,
    /// The height asked for.
    pub height: Option<u32>,
    /// The extension of the format.
    pub extension: &'a str,
    /// What its suffix follows from.
    pub ending: Ending,
}

impl VariantName<'_> {
    fn suffix(&self) -> Suffix {
        Suffix { ending: self.ending, format: self.extension.to_owned() }
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// `TemplateError`, which names the unknown field.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        Self::parse_as(text, Form::Written)
    }

    /// Reads what [`Self::to_stored`] wrote.
    ///
    /// # Errors
    /// `TemplateError`, which names the unknown field.
    pub fn parse_stored(text: &str) -> Result<Self, TemplateError> {
        Self::parse_as(text, Form::Stored)
    }

    fn parse_as(text: &str, form: Form) -> Result<Self, TemplateError> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or(TemplateError::Unclosed)?;
            let suffix = name.strip_prefix("suffix:").and_then(Suffix::parse);
            if let (Some(suffix), Form::Stored) = (suffix, form) {
                pieces.push(Piece::Text(before.to_owned()));
                pieces.push(Piece::SuffixOf(suffix));
                rest = after;
                continue;
            }
            let known = Field::ALL.into_iter().find(|field| form.name_of(*field) == name);
            let field = known.ok_or_else(|| TemplateError::Unknown(name.to_owned()))?;
            pieces.push(Piece::Text(before.to_owned()));
            let (piece, after) = match (field, after.strip_prefix('/')) {
                (Field::Dir, Some(behind_slash)) => (Piece::Folder, behind_slash),
                _ => (Piece::Field(field), after),
            };
            pieces.push(piece);
            rest = after;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// As ledgers and fingerprints have it.
    pub fn to_stored(&self) -> String {
        self.0.iter().map(|piece| piece.text(Form::Stored)).collect()
    }

    /// Whether what it becomes begins with a text of its own.
    pub fn begins_with_text(&self) -> bool {
        self.0
            .iter()
            .find(|piece| **piece != Piece::Text(String::new()))
            .is_none_or(|first| matches!(first, Piece::Text(_)))
    }

    /// Whether `field` is named.
    pub fn names(&self, field: Field) -> bool {
        self.0.contains(&Piece::Field(field))
            || (field == Field::Dir && self.0.contains(&Piece::Folder))
    }

    /// The template filled in. A field without a value becomes nothing; the configuration is
    /// refused before that can happen.
    pub fn render(&self, source: SourceName<'_>, variant: VariantName<'_>) -> String {
        self.0.iter().map(|piece| piece.render(source, variant)).collect()
    }

    /// The template with the values of a variant filled in, and those of sources left open.
    #[must_use]
    pub fn with_variant(&self, variant: VariantName<'_>) -> Self {
        let nameless = SourceName { bucket: "", key: "" };
        let mut pieces: Vec<Piece> = Vec::with_capacity(self.0.len());
        for piece in &self.0 {
            let piece = match piece {
                Piece::Field(Field::Variant | Field::Width | Field::Height | Field::Ext) => {
                    Piece::Text(piece.render(nameless, variant))
                }
                Piece::Field(Field::Suffix) if variant.ending == Ending::FormatOfSeveral => {
                    Piece::Text(piece.render(nameless, variant))
                }
                Piece::Field(Field::Suffix) => Piece::SuffixOf(variant.suffix()),
                other => other.clone(),
            };
            match (pieces.last_mut(), piece) {
                (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
                (_, piece) => pieces.push(piece),
            }
        }
        Self(pieces)
    }

    /// Whether different keys of one bucket always become different texts: the key is there as a
    /// whole, once, and nothing else depends on it.
    pub fn tells_key(&self) -> bool {
        self.sources().filter(|field| **field != Field::Bucket).eq([&Field::Key])
    }

    /// The source's key in a text that the template became, where it stands there as a whole and
    /// the rest is text. The template has its variant already.
    pub fn source_key<'a>(&self, text: &'a str) -> Option<&'a str> {
        let is_text = |piece: &&Piece| matches!(piece, Piece::Text(_));
        let at = self.0.iter().position(|piece| *piece == Piece::Field(Field::Key))?;
        let (before, after) = (&self.0[..at], &self.0[at + 1..]);
        if !before.iter().chain(after).all(|piece| is_text(&piece)) {
            return None;
        }
        let joined = |pieces: &[Piece]| {
            pieces.iter().map(|piece| piece.text(Form::Written)).collect::<String>()
        };
        text.strip_prefix(&joined(before))?.strip_suffix(&joined(after))
    }

    /// Whether the bucket can be told from the text, whatever the key is: names of buckets have no
    /// slash.
    pub fn tells_bucket(&self) -> bool {
        let is_bucket = |piece: &Piece| *piece == Piece::Field(Field::Bucket);
        let before_slash = self.0.windows(2).any(|pair| {
            is_bucket(&pair[0]) && matches!(&pair[1], Piece::Text(text) if text.starts_with('/'))
        });
        let at = self.0.iter().position(is_bucket);
        let is_first =
            at.is_some_and(|at| self.0[..at].iter().all(|piece| matches!(piece, Piece::Text(_))));
        is_first && (before_slash || self.sources().count() == 1)
    }

    fn sources(&self) -> impl Iterator<Item = &Field> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Folder => Some(&Field::Dir),
            Piece::SuffixOf(_) => Some(&Field::Suffix),
            Piece::Field(field) => Some(field),
        })
    }

    /// Whether two sources can become different texts at all.
    pub fn names_source(&self) -> bool {
        self.sources().any(|field| Field::OF_SOURCE.contains(field) && *field != Field::Bucket)
    }

    /// All texts that the template can become for this variant of any source, and perhaps more:
    /// [`Self::patterns`] is exact about suffixes.
    pub fn pattern(&self, variant: VariantName<'_>) -> Pattern {
        self.pattern_with(variant, None)
    }

    fn pattern_with(&self, variant: VariantName<'_>, suffix: Option<&Pattern>) -> Pattern {
        let nameless = SourceName { bucket: "", key: "" };
        self.0.iter().fold(Pattern::literal(""), |pattern, piece| match piece {
            Piece::Field(Field::Bucket | Field::Stem | Field::SourceExt | Field::Base)
            | Piece::SuffixOf(_) => pattern.then(&Pattern::segment()),
            Piece::Field(Field::Suffix) => match suffix {
                Some(suffix) => pattern.then(suffix),
                None => pattern.then(&Pattern::segment()),
            },
            Piece::Folder | Piece::Field(Field::Key | Field::Dir) => {
                pattern.then(&Pattern::everything())
            }
            fixed => pattern.then(&Pattern::literal(&fixed.render(nameless, variant))),
        })
    }

    /// The same as one pattern for each suffix that there can be.
    pub fn patterns(&self, variant: VariantName<'_>) -> Vec<Pattern> {
        if !self.names(Field::Suffix) {
            return vec![self.pattern(variant)];
        }
        let patterns = variant.suffix().patterns();
        patterns.iter().map(|suffix| self.pattern_with(variant, Some(suffix))).collect()
    }
}

impl Template {
    /// Whether no two texts that two templates become are equal, because they begin or end with
    /// different letters. Says so without building a pattern; `false` says nothing.
    pub fn is_apart_from(&self, other: &Self) -> bool {
        fn text(piece: &Piece) -> Option<&str> {
            match piece {
                Piece::Text(text) => Some(text),
                _ => None,
            }
        }
        fn begin(template: &Template) -> impl Iterator<Item = u8> {
            template.0.iter().map_while(text).flat_map(str::bytes)
        }
        fn end(template: &Template) -> impl Iterator<Item = u8> {
            template.0.iter().rev().map_while(text).flat_map(|text| text.bytes().rev())
        }
        begin(self).zip(begin(other)).any(|(one, another)| one != another)
            || end(self).zip(end(other)).any(|(one, another)| one != another)
    }
}

impl std::fmt::Display for Template {
    /// The text that it was read from.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|piece| f.write_str(&piece.text(Form::Written)))
    }
}

impl Piece {
    fn text(&self, form: Form) -> String {
        match (self, form) {
            (Self::Text(text), _) => text.clone(),
            (Self::Field(field), form) => format!("{{{}}}", form.name_of(*field)),
            (Self::SuffixOf(_), Form::Written) => format!("{{{}}}", Field::Suffix.name()),
            (Self::SuffixOf(suffix), Form::Stored) => format!("{{suffix:{}}}", suffix.stored()),
            (Self::Folder, form) => format!("{{{}}}/", form.name_of(Field::Dir)),
        }
    }

    fn render(&self, source: SourceName<'_>, variant: VariantName<'_>) -> String {
        let (dir, name) = source.key.rsplit_once('/').unwrap_or(("", source.key));
        let (stem, ext) = name.rsplit_once('.').unwrap_or((name, ""));
        // `.jpg` is a name and not an extension.
        let picture_ext = if stem.is_empty() { "" } else { ext };
        let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
        match self {
            Self::Text(text) => text.clone(),
            Self::SuffixOf(suffix) => suffix.render(picture_ext),
            Self::Field(Field::Bucket) => source.bucket.to_owned(),
            Self::Field(Field::Key) => source.key.to_owned(),
            Self::Folder if source.key.contains('/') => format!("{dir}/"),
            Self::Folder => String::new(),
            Self::Field(Field::Dir) => dir.to_owned(),
            Self::Field(Field::Stem) => stem.to_owned(),
            Self::Field(Field::SourceExt) => ext.to_owned(),
            Self::Field(Field::Variant) => variant.variant.to_owned(),
            Self::Field(Field::Width) => number(variant.width),
            Self::Field(Field::Height) => number(variant.height),
            Self::Field(Field::Ext) => variant.extension.to_owned(),
            Self::Field(Field::Base) => {
                if is_of_pictures(picture_ext) { stem } else { name }.to_owned()
            }
            Self::Field(Field::Suffix) => variant.suffix().render(picture_ext),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ending, SourceName, Template, VariantName};

    #[test]
    fn fields_are_filled_in() {
        let variant = VariantName {
            variant: "thumb",
            width: Some(160),
            extension: "webp",
            ..VariantName::default()
        };
        for (template, key, expected) in [
            ("variants/{key}/{variant}.{ext}", "a/b.jpg", "variants/a/b.jpg/thumb.webp"),
            ("{dir}/{stem}_{width}.{ext}", "a/b/c.tar.png", "a/b/c.tar_160.webp"),
            ("{dir}/{stem}_{width}.{ext}", "c.png", "c_160.webp"),
            ("{dir}/{stem}.{source_ext}", "/lead", "/lead."),
            ("{dir}-{stem}", "a/b/c.png", "a/b-c"),
            ("t/{bucket}/{key}", "ä b+", "t/uploads/ä b+"),
        ] {
            let parsed = Template::parse(template).expect("a readable template");
            let key = parsed.render(SourceName { bucket: "uploads", key }, variant);
            assert_eq!(key, expected, "{template}");
            assert!(parsed.pattern(variant).matches(&key), "{template} covers {key}");
            assert_eq!(parsed.to_string(), template);
        }
    }

    #[test]
    fn suffixes_are_the_uploads_or_the_formats() {
        use Ending::{Format, FormatOfSeveral, Own, OwnOfSeveral};
        let template =
            Template::parse("{dir}/{base}_{width}{suffix}").expect("a readable template");
        for (key, (ending, extension), expected) in [
            ("a/14.JPG", (Own, "jpg"), "a/14_9.JPG"),
            ("a/14.jPg", (Own, "png"), "a/14_9.jPg"),
            ("b.tiff", (Own, "jpg"), "b_9.tiff"),
            ("b.HEIC", (Own, "jpg"), "b_9.jpg"),
            ("x.la", (Own, "jpg"), "x.la_9"),
            (".jpg", (Own, "jpg"), ".jpg_9"),
            ("x.", (Own, "jpg"), "x._9"),
            ("b.JPG", (Format, "jpg"), "b_9.jpeg"),
            ("b.PNG", (Format, "png"), "b_9.png"),
            ("a.b/x.tar.png", (Format, "webp"), "a.b/x.tar_9.webp"),
            ("x", (Format, "png"), "x_9"),
            ("b.JPG", (OwnOfSeveral, "jpg"), "b_9.JPG"),
            ("b.JPG", (OwnOfSeveral, "png"), "b_9.png"),
            ("x.la", (OwnOfSeveral, "webp"), "x.la_9.webp"),
            ("b.jpg", (FormatOfSeveral, "jpg"), "b_9.jpeg"),
            ("x.la", (FormatOfSeveral, "avif"), "x.la_9.avif"),
        ] {
            let (variant, width) = ("v", Some(9));
            let variant = VariantName { variant, width, height: None, extension, ending };
            let source = SourceName { bucket: "uploads", key };
            let found = template.render(source, variant);
            assert_eq!(found, expected);
            assert!(template.pattern(variant).matches(&found), "{found}");
            assert!(template.patterns(variant).iter().any(|one| one.matches(&found)), "{found}");
            let stored = template.with_variant(variant).to_stored();
            let read = Template::parse_stored(&stored).expect("a readable template");
            assert_eq!(read.render(source, VariantName::default()), expected, "{stored}");
        }
        let webp = VariantName { extension: "webp", ending: Format, ..VariantName::default() };
        assert!(!template.patterns(webp).iter().any(|one| one.matches("b_.png")));
    }

    #[test]
    fn unknown_fields_are_refused() {
        assert!(Template::parse("{name}").is_err_and(|error| error.to_string().contains("{name}")));
        assert!(Template::parse("{key").is_err());
    }
}
