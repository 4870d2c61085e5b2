//! From what a template became to sources that it may have become it for, where it has only parts
//! of their keys: folder, name and extension. A hash says which of the guesses is right, if any.

use super::suffix::of_pictures;
use super::{Field, Piece, SourceName, Template, VariantName};

/// The longest suffix with its dot.
const MAX_SUFFIX_BYTES: usize = 5;

/// What is known of a key while pieces are matched one after the other.
#[derive(Debug, Clone, Copy, Default)]
struct Parts<'t> {
    /// With its slash; empty for a key without a folder.
    folder: Option<&'t str>,
    /// The name behind the last slash, without its extension.
    name: Option<&'t str>,
    extension: Option<&'t str>,
}

impl Template {
    /// Keys of sources in this bucket that become this text, as far as folder and name stand in it,
    /// and the extension does, too, or is one of pictures.
    pub fn guesses(&self, bucket: &str, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        split(&self.0, (bucket, text), Parts::default(), &mut found);
        let mut keys: Vec<String> = found.iter().flat_map(Parts::keys).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.retain(|key| self.render(SourceName { bucket, key }, VariantName::default()) == text);
        keys
    }
}

impl Parts<'_> {
    fn keys(&self) -> Vec<String> {
        let (Some(folder), Some(name)) = (self.folder, self.name) else { return Vec::new() };
        let with = |extension: &str| format!("{folder}{name}.{extension}");
        match self.extension {
            Some(extension) => vec![with(extension), format!("{folder}{name}")],
            None => {
                let with_one = of_pictures().map(|extension| with(&extension));
                with_one.chain([format!("{folder}{name}")]).collect()
            }
        }
    }
}

/// Adds all ways of dividing the text among the pieces, and perhaps some that do not fit.
fn split<'t>(
    pieces: &[Piece],
    (bucket, text): (&str, &'t str),
    parts: Parts<'t>,
    found: &mut Vec<Parts<'t>>,
) {
    let Some((piece, pieces)) = pieces.split_first() else {
        if text.is_empty() {
            found.push(parts);
        }
        return;
    };
    let mut go_on = |rest, parts| split(pieces, (bucket, rest), parts, found);
    let fixed = match piece {
        Piece::Text(fixed) => Some(fixed.as_str()),
        Piece::Field(Field::Bucket) => Some(bucket),
        Piece::Folder => parts.folder,
        Piece::Field(Field::Dir) => parts.folder.map(|folder| folder.trim_end_matches('/')),
        Piece::Field(Field::Stem | Field::Base) => parts.name,
        Piece::Field(Field::SourceExt) => parts.extension,
        _ => None,
    };
    if let Some(fixed) = fixed {
        if let Some(rest) = text.strip_prefix(fixed) {
            go_on(rest, parts);
        }
        return;
    }
    let segment = text.find('/').unwrap_or(text.len());
    let ends = (0..=text.len()).filter(|end| text.is_char_boundary(*end));
    for end in ends {
        let (taken, rest) = text.split_at(end);
        let is_folder = taken.is_empty() || taken.ends_with('/');
        match piece {
            Piece::Folder if is_folder => go_on(rest, Parts { folder: Some(taken), ..parts }),
            Piece::Field(Field::Dir) if rest.starts_with('/') => {
                go_on(rest, Parts { folder: Some(&text[..=end]), ..parts });
            }
            Piece::Field(Field::Stem | Field::Base) if end <= segment => {
                go_on(rest, Parts { name: Some(taken), ..parts });
            }
            Piece::Field(Field::SourceExt) if end <= segment => {
                go_on(rest, Parts { extension: Some(taken), ..parts });
            }
            Piece::SuffixOf(_) if end <= MAX_SUFFIX_BYTES => go_on(rest, parts),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Template;

    #[test]
    fn parts_of_keys_lead_to_the_whole_ones() {
        for (template, text, key) in [
            ("v/{dir}/{stem}-a.webp", "v/x/y/z-a.webp", "x/y/z.png"),
            ("v/{dir}/{stem}-a.webp", "v/z-a.webp", "z.JPG"),
            ("v/{dir}/{stem}-a.webp", "v/x/z-a.webp", "x/z"),
            ("{dir}/conversions/{stem}-a.jpg", "5/conversions/b-a.jpg", "5/b.jpeg"),
            ("{dir}/{stem}.{source_ext}-a", "x/z.raw-a", "x/z.raw"),
            ("{dir}/{base}_8x8{suffix:own:jpg}", "x/z.txt_8x8", "x/z.txt"),
            ("{dir}/{base}_8x8{suffix:own:jpg}", "x/z_8x8.JPG", "x/z.JPG"),
            ("{bucket}/{dir}/{stem}/{stem}-a", "up/x-a/b/b-a", "x-a/b.gif"),
        ] {
            let template = Template::parse_stored(&template.replace("source_ext", "ext"));
            let keys = template.expect("a readable template").guesses("up", text);
            assert!(keys.contains(&key.to_owned()), "{text}: {keys:?}");
        }
        let flat = Template::parse("f/{stem}-a").expect("a readable template");
        assert_eq!(flat.guesses("up", "f/x-a"), Vec::<String>::new(), "its folder is unknown");
    }
}
