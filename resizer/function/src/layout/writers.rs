//! An object of an output bucket in, the sources that may have it as a result out.

use super::{Layout, Layouts};
use crate::event::ObjectRef;
use crate::store::origin;
use crate::template::{SourceName, VariantName};

/// Who may have written an object, by its key and all layouts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Writers {
    /// Sources of the bucket whose whole keys are in that of the object.
    pub named: Vec<ObjectRef>,
    /// Whether other sources may have, whose keys cannot be told from that of the object.
    pub may_be_unnamed: bool,
    /// Whether sources of other buckets may have, too.
    pub may_be_elsewhere: bool,
}

impl Layouts {
    /// Who may have written this object, of the sources in this bucket.
    pub fn writers(&self, object: &ObjectRef, sources: &str) -> Writers {
        let mut writers = Writers::default();
        for (layout, _) in &self.layouts {
            if layout.output_bucket(sources) != Some(object.bucket.as_str().to_owned()) {
                continue;
            }
            for key in &layout.keys {
                let has_writer = match key.keys_that_become(sources, &object.key) {
                    Some(keys) => {
                        let named = |key| ObjectRef { bucket: sources.to_owned(), key };
                        let mut taken: Vec<ObjectRef> = keys.into_iter().map(named).collect();
                        taken.retain(|source| layout.source.takes(source));
                        let has_writer = !taken.is_empty();
                        taken.retain(|source| !writers.named.contains(source));
                        writers.named.extend(taken);
                        has_writer
                    }
                    None => {
                        let is_unnamed = Layout::pattern(key).matches(&object.key);
                        writers.may_be_unnamed |= is_unnamed;
                        is_unnamed
                    }
                };
                let is_one_bucket = layout.source.bucket.is_some();
                let tells = layout.bucket.tells_bucket() || key.tells_bucket();
                writers.may_be_elsewhere |= has_writer && !(is_one_bucket || tells);
            }
        }
        writers.may_be_elsewhere |= self.may_be_of_another_bucket(object, sources);
        writers
    }

    /// Whether the last layout that any configuration brought, of those that write results of
    /// sources in `sources` to this bucket, is one of the rules'.
    pub fn are_newest(&self, bucket: &str, sources: &str) -> bool {
        let mut newest = self.earlier.iter().rev();
        let last = newest.find(|(one, _)| one.output_bucket(sources).as_deref() == Some(bucket));
        last.is_some_and(|(_, is_of_rules)| *is_of_rules)
    }

    /// The source of this bucket with this origin that may have written the object, if the object's
    /// key has enough of the source's to guess the rest of it.
    pub fn guess(&self, object: &ObjectRef, sources: &str, of: &str) -> Option<ObjectRef> {
        let here = self.layouts.iter().filter(|(layout, _)| {
            layout.output_bucket(sources).as_deref() == Some(object.bucket.as_str())
        });
        let keys = here.flat_map(|(layout, _)| layout.keys.iter().map(move |key| (layout, key)));
        let mut guesses = keys.flat_map(|(layout, key)| {
            let keys = key.guesses(sources, &object.key).into_iter();
            let named = keys.map(|key| ObjectRef { bucket: sources.to_owned(), key });
            named.filter(|source| layout.source.takes(source))
        });
        guesses.find(|source| origin(source) == of)
    }

    /// Beginnings of the keys of all results in this output bucket, for sources in `sources` whose
    /// keys begin with `prefix`; none of them begins with another one.
    pub fn beginnings(&self, bucket: &str, sources: &str, prefix: &str) -> Vec<String> {
        let layouts = self.layouts.iter().map(|(layout, _)| layout);
        let here =
            layouts.filter(|layout| layout.output_bucket(sources).as_deref() == Some(bucket));
        let keys = here.flat_map(|layout| &layout.keys);
        let mut beginnings: Vec<String> = keys
            .map(|key| match key.beginning(sources) {
                (text, true) => text + prefix,
                (text, false) => text,
            })
            .collect();
        beginnings.sort_unstable();
        beginnings.dedup_by(|next, kept| next.starts_with(kept.as_str()));
        beginnings
    }

    /// Whether a layout for another upload bucket alone writes such keys to the object's bucket.
    fn may_be_of_another_bucket(&self, object: &ObjectRef, sources: &str) -> bool {
        self.layouts.iter().any(|(layout, _)| {
            let other = layout.source.bucket.as_deref().filter(|bucket| *bucket != sources);
            let Some(other) = other else { return false };
            layout.output_bucket(other).as_deref() == Some(object.bucket.as_str())
                && layout.keys.iter().any(|key| Layout::pattern(key).matches(&object.key))
        })
    }
}

impl Layout {
    /// Where results of sources in this bucket go, if the layout is for them.
    fn output_bucket(&self, sources: &str) -> Option<String> {
        let is_for = self.source.bucket.as_deref().is_none_or(|bucket| bucket == sources);
        let source = SourceName { bucket: sources, key: "" };
        is_for.then(|| self.bucket.render(source, VariantName::default()))
    }
}

#[cfg(test)]
mod tests {
    use super::Writers;
    use crate::config::{Config, Settings};
    use crate::event::ObjectRef;
    use crate::layout::Layouts;

    const VARIANT: &str = "[[rule.variant]]\nname = \"a\"\nwidth = 8\nformats = [\"jpeg\"]\n";

    fn layouts(rules: &[&str]) -> Layouts {
        let rules: String = rules.iter().map(|rule| format!("[[rule]]\n{rule}{VARIANT}")).collect();
        let settings = Settings { text: Some(rules), ..Settings::default() };
        let config = Config::load(&settings).unwrap_or_else(|error| panic!("{error}"));
        Layouts::new(&config.rules, &[])
    }

    fn object(bucket: &str, key: &str) -> ObjectRef {
        ObjectRef { bucket: bucket.to_owned(), key: key.to_owned() }
    }

    #[test]
    fn writers_are_named_where_the_key_has_theirs() {
        let layouts = layouts(&["prefix = \"p/\"\n"]);
        let writers = |key| layouts.writers(&object("up-variants", key), "up");
        let named = vec![object("up", "p/x.jpg")];
        let expected = Writers { named, ..Writers::default() };
        assert_eq!(writers("variants/p/x.jpg/a.jpg"), expected);
        assert_eq!(writers("failures/p/x.jpg.json"), expected);
        for key in ["variants/q/x.jpg/a.jpg", "variants/p/x.jpg/b.jpg", "x"] {
            assert_eq!(writers(key), Writers::default(), "{key}");
        }
        let elsewhere = layouts.writers(&object("other", "variants/p/x.jpg/a.jpg"), "up");
        assert_eq!(elsewhere, Writers::default());
        let beginnings = layouts.beginnings("up-variants", "up", "p/x");
        assert_eq!(beginnings, ["failures/p/x", "variants/p/x"]);
    }

    #[test]
    fn others_are_unnamed_and_perhaps_elsewhere() {
        let key = "output.key = \"v/{dir}/{stem}-{variant}.{ext}\"\n";
        for (rule, elsewhere) in [
            (format!("bucket = \"up\"\n{key}"), false),
            (format!("output.bucket = \"up-variants\"\n{key}"), true),
            (key.to_owned(), false),
        ] {
            let writers = layouts(&[&rule]).writers(&object("up-variants", "v/p/x-a.jpg"), "up");
            let found = (writers.may_be_unnamed, writers.may_be_elsewhere);
            assert_eq!(found, (true, elsewhere), "{rule}");
            assert_eq!(writers.named, []);
        }
        let shared = layouts(&["output.bucket = \"up-variants\"\n"]);
        let writers = shared.writers(&object("up-variants", "variants/x.jpg/a.jpg"), "up");
        assert_eq!((writers.named.len(), writers.may_be_elsewhere), (1, true));
        let other = "bucket = \"other\"\noutput.bucket = \"up-variants\"\n";
        let layouts = layouts(&[&format!("bucket = \"up\"\n{key}"), &format!("{other}{key}")]);
        let writers = layouts.writers(&object("up-variants", "v/p/x-a.jpg"), "up");
        assert!(writers.may_be_elsewhere);
        assert_eq!(layouts.beginnings("up-variants", "up", "p/"), ["failures/p/", "v/"]);
    }
}
