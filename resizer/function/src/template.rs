//! Key templates: `variants/{key}/{variant}.{format}` and the values that fill them.

use crate::pattern::Pattern;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Field(Field),
    /// `{suffix:jpg}`: the suffix of this output format.
    SuffixOf(String),
    /// `{dir}/`: the folder with its slash, and nothing for a source without a folder.
    Folder,
}

/// What a template may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The source's bucket.
    Bucket,
    /// The source's whole key.
    Key,
    /// The source's key up to its last slash, without it.
    Dir,
    /// The name behind the last slash up to its last dot.
    Stem,
    /// What follows the last dot.
    Ext,
    /// The variant's name.
    Variant,
    /// The width that the variant asks for.
    Width,
    /// The height that the variant asks for.
    Height,
    /// The output format's usual extension: `jpg`, `png`, `webp`.
    Format,
    /// The name behind the last slash without its extension, if that is one of pictures.
    Base,
    /// That extension with its dot: as it is where it is one of the output format, else that
    /// format's usual one; nothing where the name has no extension of pictures.
    Suffix,
}

/// Extensions that name a format which is written; the first of each is its usual one.
const WRITTEN: [&[&str]; 5] = [&["jpg", "jpeg"], &["png"], &["webp"], &["gif"], &["avif"]];

/// Extensions of other pictures.
const OTHER_PICTURES: [&str; 7] = ["bmp", "heic", "heif", "jfif", "jxl", "tif", "tiff"];

impl Field {
    /// Every field, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Bucket,
        Self::Key,
        Self::Dir,
        Self::Stem,
        Self::Ext,
        Self::Variant,
        Self::Width,
        Self::Height,
        Self::Format,
        Self::Base,
        Self::Suffix,
    ];

    /// The fields that a source alone has a value for.
    pub const OF_SOURCE: [Self; 6] =
        [Self::Bucket, Self::Key, Self::Dir, Self::Stem, Self::Ext, Self::Base];

    /// As it stands between the braces.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Key => "key",
            Self::Dir => "dir",
            Self::Stem => "stem",
            Self::Ext => "ext",
            Self::Variant => "variant",
            Self::Width => "width",
            Self::Height => "height",
            Self::Format => "format",
            Self::Base => "base",
            Self::Suffix => "suffix",
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
    pub format: &'a str,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// A sentence that names the unknown field or the brace that stands alone.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or("has a `{` without a `}`")?;
            if let Some(format) = name.strip_prefix("suffix:") {
                pieces.push(Piece::Text(before.to_owned()));
                pieces.push(Piece::SuffixOf(format.to_owned()));
                rest = after;
                continue;
            }
            let known = Field::ALL.into_iter().find(|field| field.name() == name);
            let field = known.ok_or_else(|| {
                let names = Field::ALL.map(|field| format!("{{{}}}", field.name()));
                format!("names `{{{name}}}`, which is none of {}", names.join(" "))
            })?;
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
                Piece::Field(Field::Variant | Field::Width | Field::Height | Field::Format) => {
                    Piece::Text(piece.render(nameless, variant))
                }
                Piece::Field(Field::Suffix) => Piece::SuffixOf(variant.format.to_owned()),
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
        let nameless = SourceName { bucket: "", key: "" };
        self.0.iter().fold(Pattern::literal(""), |pattern, piece| match piece {
            Piece::Field(
                Field::Bucket | Field::Stem | Field::Ext | Field::Base | Field::Suffix,
            ) => pattern.then(&Pattern::segment()),
            Piece::SuffixOf(_) => pattern.then(&Pattern::segment()),
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
        let with = |suffix: &String| {
            let pieces = self.0.iter().map(|piece| match piece {
                Piece::Field(Field::Suffix) => Piece::Text(suffix.clone()),
                other => other.clone(),
            });
            Self(pieces.collect()).pattern(variant)
        };
        suffixes(variant.format).iter().map(with).collect()
    }
}

/// All that [`Field::Suffix`] can become for an output format.
fn suffixes(format: &str) -> Vec<String> {
    let mut out = vec![String::new(), format!(".{format}")];
    for extension in extensions_of(format) {
        for spelled in spellings(extension) {
            let suffix = format!(".{spelled}");
            if !out.contains(&suffix) {
                out.push(suffix);
            }
        }
    }
    out
}

fn suffix(extension: &str, format: &str) -> String {
    if !is_of_pictures(extension) {
        return String::new();
    }
    let is_own = extensions_of(format).iter().any(|own| spellings(own).contains(&extension.into()));
    format!(".{}", if is_own { extension } else { format })
}

/// As names have them: small, in capitals, or with one capital.
fn spellings(extension: &str) -> [String; 3] {
    let capitals = extension.to_ascii_uppercase();
    let one_capital = format!("{}{}", &capitals[..1], &extension[1..]);
    [extension.to_owned(), capitals, one_capital]
}

fn extensions_of(format: &str) -> &'static [&'static str] {
    WRITTEN.into_iter().find(|extensions| extensions[0] == format).unwrap_or_default()
}

fn is_of_pictures(extension: &str) -> bool {
    let mut known = WRITTEN.iter().copied().flatten().chain(&OTHER_PICTURES);
    known.any(|known| known.eq_ignore_ascii_case(extension))
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
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Field(field) => write!(f, "{{{}}}", field.name()),
            Piece::SuffixOf(format) => write!(f, "{{suffix:{format}}}"),
            Piece::Folder => write!(f, "{{{}}}/", Field::Dir.name()),
        })
    }
}

impl Piece {
    fn render(&self, source: SourceName<'_>, variant: VariantName<'_>) -> String {
        let (dir, name) = source.key.rsplit_once('/').unwrap_or(("", source.key));
        let (stem, ext) = name.rsplit_once('.').unwrap_or((name, ""));
        let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
        match self {
            Self::Text(text) => text.clone(),
            Self::SuffixOf(format) => suffix(ext, format),
            Self::Field(Field::Bucket) => source.bucket.to_owned(),
            Self::Field(Field::Key) => source.key.to_owned(),
            Self::Folder if source.key.contains('/') => format!("{dir}/"),
            Self::Folder => String::new(),
            Self::Field(Field::Dir) => dir.to_owned(),
            Self::Field(Field::Stem) => stem.to_owned(),
            Self::Field(Field::Ext) => ext.to_owned(),
            Self::Field(Field::Variant) => variant.variant.to_owned(),
            Self::Field(Field::Width) => number(variant.width),
            Self::Field(Field::Height) => number(variant.height),
            Self::Field(Field::Format) => variant.format.to_owned(),
            Self::Field(Field::Base) => if is_of_pictures(ext) { stem } else { name }.to_owned(),
            Self::Field(Field::Suffix) => suffix(ext, variant.format),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SourceName, Template, VariantName};

    #[test]
    fn fields_are_filled_in() {
        let variant =
            VariantName { variant: "thumb", width: Some(160), height: None, format: "webp" };
        for (template, key, expected) in [
            ("variants/{key}/{variant}.{format}", "a/b.jpg", "variants/a/b.jpg/thumb.webp"),
            ("{dir}/{stem}_{width}.{format}", "a/b/c.tar.png", "a/b/c.tar_160.webp"),
            ("{dir}/{stem}_{width}.{format}", "c.png", "c_160.webp"),
            ("{dir}/{stem}.{ext}", "/lead", "/lead."),
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
    fn suffixes_stay_where_they_name_the_format() {
        let template =
            Template::parse("{dir}/{base}_{width}{suffix}").expect("a readable template");
        for (key, format, expected) in [
            ("a/14.JPG", "jpg", "a/14_9.JPG"),
            ("b.jpeg", "jpg", "b_9.jpeg"),
            ("b.Jpeg", "jpg", "b_9.Jpeg"),
            ("b.jPeG", "jpg", "b_9.jpg"),
            ("b.jpeg", "webp", "b_9.webp"),
            ("b.HEIC", "jpg", "b_9.jpg"),
            ("x.la", "jpg", "x.la_9"),
            ("x", "png", "x_9"),
            ("a.b/x.tar.png", "png", "a.b/x.tar_9.png"),
        ] {
            let variant = VariantName { variant: "v", width: Some(9), height: None, format };
            let found = template.render(SourceName { bucket: "uploads", key }, variant);
            assert_eq!(found, expected);
            assert!(template.pattern(variant).matches(&found), "{found}");
            assert!(template.patterns(variant).iter().any(|one| one.matches(&found)), "{found}");
        }
        let webp = VariantName { variant: "v", width: Some(9), height: None, format: "webp" };
        assert!(!template.patterns(webp).iter().any(|one| one.matches("b_9.png")));
    }

    #[test]
    fn unknown_fields_are_refused() {
        assert!(Template::parse("{name}").is_err_and(|error| error.contains("{name}")));
        assert!(Template::parse("{key").is_err());
    }
}
