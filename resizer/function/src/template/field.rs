//! The fields of key templates.

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
    /// What follows the last dot of the source's name.
    SourceExt,
    /// The variant's name.
    Variant,
    /// The width that the variant asks for.
    Width,
    /// The height that the variant asks for.
    Height,
    /// The output format's usual extension: `jpg`, `png`, `webp`.
    Ext,
    /// The name behind the last slash without its extension, if that is one of pictures.
    Base,
    /// The extension of the file with its dot: that of the source or that of the format, as
    /// [`Ending`](super::Ending) says.
    Suffix,
}

impl Field {
    /// Every field, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::Bucket,
        Self::Key,
        Self::Dir,
        Self::Stem,
        Self::SourceExt,
        Self::Variant,
        Self::Width,
        Self::Height,
        Self::Ext,
        Self::Base,
        Self::Suffix,
    ];

    /// The fields that a source alone has a value for.
    pub const OF_SOURCE: [Self; 6] =
        [Self::Bucket, Self::Key, Self::Dir, Self::Stem, Self::SourceExt, Self::Base];

    /// As it stands between the braces.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bucket => "bucket",
            Self::Key => "key",
            Self::Dir => "dir",
            Self::Stem => "stem",
            Self::SourceExt => "source_ext",
            Self::Variant => "variant",
            Self::Width => "width",
            Self::Height => "height",
            Self::Ext => "ext",
            Self::Base => "base",
            Self::Suffix => "suffix",
        }
    }

    /// As ledgers and fingerprints have it: names that stay, whatever configurations call a field.
    pub(super) fn stored_name(self) -> &'static str {
        match self {
            Self::SourceExt => "ext",
            Self::Ext => "format",
            other => other.name(),
        }
    }

    /// What it stands for, with an example for `photos/lake.png` as a JPEG.
    pub fn doc(self) -> &'static str {
        match self {
            Self::Bucket => "the upload's bucket",
            Self::Key => "the upload's whole key: `photos/lake.png`",
            Self::Dir => "its folder, without the last slash: `photos`",
            Self::Stem => "its name up to the last dot: `lake`",
            Self::SourceExt => "its extension, what follows the last dot: `png`",
            Self::Variant => "the variant's name",
            Self::Width => "the width that the variant asks for",
            Self::Height => "the height that the variant asks for",
            Self::Ext => {
                "the extension of the variant's file: `jpg`, `png`, `webp`, `avif` or `gif`"
            }
            Self::Base => {
                "the upload's name without its extension, if that is one of a picture, else the \
                 whole name: `lake`"
            }
            Self::Suffix => {
                "the extension of the variant's file with its dot, as Firebase has it. In the \
                 format `source` it is the upload's own (`lake.JPG` stays `.JPG`), in another one \
                 that format's name (`.jpeg`), and nothing where the upload has no extension of a \
                 picture. A variant of several formats always has one, and its own only where that \
                 names the written format"
            }
        }
    }
}
