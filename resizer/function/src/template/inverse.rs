//! From what a template became back to the sources that it can have become it for.

use super::{Field, Piece, SourceName, Template, VariantName};

impl Template {
    /// The text that every key begins with, for sources in this bucket; and whether the whole key
    /// of the source follows it.
    pub fn beginning(&self, bucket: &str) -> (String, bool) {
        let source = SourceName { bucket, key: "" };
        let count = self.0.iter().take_while(|piece| is_fixed(piece)).count();
        let fixed = self.0[..count].iter();
        let text = fixed.map(|piece| piece.render(source, VariantName::default())).collect();
        (text, self.0.get(count) == Some(&Piece::Field(Field::Key)))
    }

    /// Keys of all sources in this bucket that become this text, in a template without a variant's
    /// fields; `None` where it does not begin with the whole key of its source, so that there may
    /// be any number of them.
    pub fn keys_that_become(&self, bucket: &str, text: &str) -> Option<Vec<String>> {
        let (before, is_whole) = self.beginning(bucket);
        if !is_whole {
            return None;
        }
        let Some(rest) = text.strip_prefix(&before) else { return Some(Vec::new()) };
        let becomes =
            |key: &&str| self.render(SourceName { bucket, key }, VariantName::default()) == text;
        let ends = (1..=rest.len()).filter(|end| rest.is_char_boundary(*end));
        let keys = ends.map(|end| &rest[..end]).filter(becomes);
        Some(keys.map(str::to_owned).collect())
    }
}

fn is_fixed(piece: &Piece) -> bool {
    matches!(piece, Piece::Text(_) | Piece::Field(Field::Bucket))
}

#[cfg(test)]
mod tests {
    use super::Template;

    #[test]
    fn texts_lead_back_to_their_sources() {
        for (template, text, expected) in [
            ("v/{key}/a.jpg", "v/x/y.png/a.jpg", Some(&["x/y.png"][..])),
            ("v/{key}/a.jpg", "v/x/y.png/b.jpg", Some(&[])),
            ("v/{key}/a.jpg", "w/x/a.jpg", Some(&[])),
            ("v/{key}/a.jpg", "v//a.jpg", Some(&[])),
            ("{key}", "a/\u{e4}", Some(&["a/\u{e4}"])),
            ("{bucket}/{key}-a", "up/x-a", Some(&["x"])),
            ("{bucket}/{key}-a", "other/x-a", Some(&[])),
            ("{key}-{stem}.{source_ext}", "a-b.c-a-b.c", Some(&["a-b.c"])),
            ("{dir}/{stem}-a.webp", "x/y-a.webp", None),
        ] {
            let template = Template::parse(template).expect("a readable template");
            let found = template.keys_that_become("up", text);
            let found: Option<Vec<&str>> =
                found.as_ref().map(|keys| keys.iter().map(String::as_str).collect());
            assert_eq!(found.as_deref(), expected, "{template} {text}");
        }
        let template = Template::parse("v/{bucket}/{key}/a").expect("a readable template");
        assert_eq!(template.beginning("up"), ("v/up/".to_owned(), true));
        let template = Template::parse("v-{dir}/{stem}").expect("a readable template");
        assert_eq!(template.beginning("up"), ("v-".to_owned(), false));
    }
}
