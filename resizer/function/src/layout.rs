//! Where results of a source may lie: by the rules of this configuration and by those of earlier
//! ones. Whether a place is one source's alone decides how it is written and cleaned.
//! Pure; `ledger` keeps what earlier configurations had.

mod writers;

pub use self::writers::Writers;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::ObjectRef;
use crate::filter::SourceFilter;
use crate::pattern::{Pattern, overlap};
use crate::rules::{MAX_KEY_BYTES, Rule};
use crate::template::{SourceName, Template, VariantName};

/// The places of one rule's results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    source: SourceFilter,
    /// Whether the rule retires originals, so that results outlive their source.
    retires: bool,
    bucket: Template,
    /// One key for each variant in each format, manifest and failure record, with only what
    /// differs between sources left to fill in.
    keys: Vec<Template>,
}

/// A layout as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayoutText {
    #[serde(skip_serializing_if = "Option::is_none")]
    source_bucket: Option<String>,
    prefix: String,
    /// The only suffix, if there is one.
    suffix: String,
    /// All suffixes, if there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    suffixes: Vec<String>,
    globs: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    exclude: Vec<String>,
    retires: bool,
    bucket: String,
    keys: Vec<String>,
}

/// Where a result of one source may lie.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// Whether no other source can have a result there, and no upload can lie there.
    pub is_exclusive: bool,
    /// Whether only rules that retire originals write there, so that results outlive their source.
    pub outlives: bool,
    /// Whether some rule that retires originals writes there, so that what lies there may be all
    /// that is left of a source.
    pub may_outlive: bool,
}

/// All layouts that are known, and which of their keys are exclusive.
#[derive(Debug)]
pub struct Layouts {
    layouts: Vec<(Layout, Vec<bool>)>,
    /// Whether the earlier configurations have all of the rules' layouts.
    pub are_known: bool,
    /// Those of earlier configurations in the order in which they came, and whether each is one of
    /// the rules'.
    earlier: Vec<(Layout, bool)>,
}

impl Layout {
    /// Of a rule.
    pub fn of(rule: &Rule) -> Self {
        let (source, bucket) = (rule.source.clone(), rule.output.bucket.clone());
        Self { source, retires: rule.retires_originals(), bucket, keys: rule.key_templates() }
    }

    /// As text, which reads back as the same.
    pub fn to_text(&self) -> LayoutText {
        let texts = |globs: &[Pattern]| globs.iter().map(ToString::to_string).collect();
        let (suffix, suffixes) = match &self.source.suffixes[..] {
            [] => (String::new(), Vec::new()),
            [suffix] => (suffix.clone(), Vec::new()),
            several => (String::new(), several.to_vec()),
        };
        LayoutText {
            source_bucket: self.source.bucket.clone(),
            prefix: self.source.prefix.clone(),
            suffix,
            suffixes,
            globs: texts(&self.source.globs),
            exclude: texts(&self.source.exclude),
            retires: self.retires,
            bucket: self.bucket.to_stored(),
            keys: self.keys.iter().map(Template::to_stored).collect(),
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// A sentence about a template that cannot be read.
    pub fn read(text: &LayoutText) -> Result<Self, String> {
        let template = |text: &String| {
            Template::parse_stored(text).map_err(|reason| format!("the template {text:?} {reason}"))
        };
        let globs = |texts: &[String]| texts.iter().map(|glob| Pattern::plain(glob)).collect();
        let only = Some(&text.suffix).filter(|suffix| !suffix.is_empty());
        let source = SourceFilter {
            bucket: text.source_bucket.clone(),
            globs: globs(&text.globs),
            prefix: text.prefix.clone(),
            suffixes: only.into_iter().chain(&text.suffixes).cloned().collect(),
            exclude: globs(&text.exclude),
        };
        let keys: Result<Vec<Template>, String> = text.keys.iter().map(template).collect();
        Ok(Self { source, retires: text.retires, bucket: template(&text.bucket)?, keys: keys? })
    }

    /// The buckets and patterns of all keys.
    fn pattern(key: &Template) -> Pattern {
        key.pattern(VariantName::default())
    }

    /// Whether two sources, one under each layout, may have results in one place.
    fn may_share(&self, key: &Template, other: &Self, other_key: &Template) -> bool {
        // Most keys of a rule differ in their ends, and a rule may have hundreds.
        if key.is_apart_from(other_key) || self.bucket.is_apart_from(&other.bucket) {
            return false;
        }
        if key == other_key && self.bucket == other.bucket {
            let tells_bucket = self.bucket.tells_bucket() || key.tells_bucket();
            let one_bucket =
                self.source.bucket.is_some() && self.source.bucket == other.source.bucket;
            return !(key.tells_key() && (tells_bucket || one_bucket));
        }
        let (bucket, other_bucket) = (Self::pattern(&self.bucket), Self::pattern(&other.bucket));
        overlap(&[&bucket, &other_bucket])
            && overlap(&[&Self::pattern(key), &Self::pattern(other_key)])
    }

    /// Whether an upload for `reader` may lie under a key of this layout.
    fn may_be_read(&self, key: &Template, reader: &SourceFilter) -> bool {
        reader.may_read_what(&self.bucket, &self.source) && reader.may_take(&Self::pattern(key))
    }
}

impl Rule {
    /// The output bucket of an object.
    pub fn output_bucket(&self, object: &ObjectRef) -> String {
        let source = SourceName { bucket: &object.bucket, key: &object.key };
        self.output.bucket.render(source, VariantName::default())
    }

    /// Where the manifest of an object lies, if the rule has one.
    pub fn manifest(&self, object: &ObjectRef) -> Option<ObjectRef> {
        let source = SourceName { bucket: &object.bucket, key: &object.key };
        let key = self.output.manifest.as_ref()?.render(source, VariantName::default());
        Some(ObjectRef { bucket: self.output_bucket(object), key })
    }
}

impl Layouts {
    /// Of the rules, and of what earlier configurations had.
    pub fn new(rules: &[Rule], earlier: &[Layout]) -> Self {
        let mut all: Vec<Layout> = Vec::new();
        for layout in rules.iter().map(Layout::of).chain(earlier.iter().cloned()) {
            if !all.contains(&layout) {
                all.push(layout);
            }
        }
        let is_exclusive = |layout: &Layout, key: &Template| {
            let mut places = all.iter().flat_map(|one| one.keys.iter().map(move |key| (one, key)));
            let is_shared =
                places.any(|(other, other_key)| layout.may_share(key, other, other_key));
            !is_shared && !rules.iter().any(|rule| layout.may_be_read(key, &rule.source))
        };
        let flags = |layout: &Layout| {
            layout.keys.iter().map(|key| is_exclusive(layout, key)).collect::<Vec<bool>>()
        };
        let flags: Vec<Vec<bool>> = all.iter().map(flags).collect();
        let are_known = rules.iter().all(|rule| earlier.contains(&Layout::of(rule)));
        let of_rules: Vec<Layout> = rules.iter().map(Layout::of).collect();
        let earlier = earlier.iter().map(|one| (one.clone(), of_rules.contains(one))).collect();
        Self { layouts: all.into_iter().zip(flags).collect(), are_known, earlier }
    }

    /// Every place where a result of this source may lie, each once. Keys that S3 cannot hold are
    /// left out.
    pub fn places(&self, object: &ObjectRef) -> Vec<Place> {
        let source = SourceName { bucket: &object.bucket, key: &object.key };
        let mut places: BTreeMap<(String, String), Place> = BTreeMap::new();
        for (layout, flags) in self.layouts.iter().filter(|(one, _)| one.source.takes(object)) {
            let bucket = layout.bucket.render(source, VariantName::default());
            for (key, is_exclusive) in layout.keys.iter().zip(flags) {
                let key = key.render(source, VariantName::default());
                if key.len() <= MAX_KEY_BYTES {
                    let place = places.entry((bucket.clone(), key.clone())).or_insert(Place {
                        bucket: bucket.clone(),
                        key,
                        is_exclusive: true,
                        outlives: true,
                        may_outlive: false,
                    });
                    place.is_exclusive &= *is_exclusive;
                    place.outlives &= layout.retires;
                    place.may_outlive |= layout.retires;
                }
            }
        }
        places.into_values().collect()
    }

    /// How many there are; they never become fewer.
    pub fn count(&self) -> usize {
        self.layouts.len()
    }

    /// Keys that more than one source may have.
    pub fn shared(&self) -> impl Iterator<Item = String> {
        let keys = self.layouts.iter().flat_map(|(layout, flags)| layout.keys.iter().zip(flags));
        keys.filter(|(_, is_exclusive)| !**is_exclusive).map(|(key, _)| key.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::{Layout, Layouts, Place};
    use crate::config::{Config, Settings};
    use crate::event::ObjectRef;

    fn config(text: &str) -> Config {
        let settings = Settings { text: Some(text.to_owned()), ..Settings::default() };
        Config::load(&settings).unwrap_or_else(|error| panic!("{error}"))
    }

    fn places(layouts: &Layouts, key: &str) -> Vec<Place> {
        layouts.places(&ObjectRef { bucket: "up".to_owned(), key: key.to_owned() })
    }

    const SMALL: &str = "[[rule.variant]]\nname = \"a\"\nwidth = 8\nformats = [\"jpeg\"]\n";

    #[test]
    fn a_layout_reads_back_from_its_text() {
        let text = "[[rule]]\nbucket = \"up\"\nprefix = \"p/\"\nmatch = \"**/*.{jpg,?peg}\"\n\
                    exclude = \"p/x/*\"\noutput.manifest = \"{dir}/{source_ext}/m.json\"\n";
        for suffix in ["", "suffix = \".jpg\"\n", "suffix = [\".jpg\", \".peg\"]\n"] {
            let layout = Layout::of(&config(&format!("{text}{suffix}{SMALL}")).rules[0]);
            let json = serde_json::to_string(&layout.to_text()).expect("strings serialize");
            let read = serde_json::from_str(&json).expect("JSON");
            assert_eq!(Layout::read(&read).expect("a readable layout"), layout);
        }
    }

    #[test]
    fn places_are_exclusive_only_where_no_other_source_can_have_them() {
        for (rule, is_exclusive) in [
            ("", true),
            ("bucket = \"up\"\noutput.bucket = \"out\"\n", true),
            ("output.bucket = \"out\"\n", false),
            ("output.bucket = \"out\"\noutput.key = \"v/{bucket}/{key}/{variant}\"\n", true),
            ("output.bucket = \"out\"\noutput.key = \"v/{bucket}-{key}/{variant}\"\n", false),
            ("output.naming = \"laravel\"\n", false),
            ("output.key = \"{dir}/{stem}.{source_ext}/{variant}\"\n", false),
            ("output.key = \"{key}{key}/{variant}\"\n", false),
        ] {
            let config = config(&format!("[[rule]]\n{rule}{SMALL}"));
            let layouts = Layouts::new(&config.rules, &[]);
            let variant = places(&layouts, "d/x.jpg");
            let variant = variant.iter().find(|place| !place.key.starts_with("failures/"));
            assert_eq!(variant.expect("a variant").is_exclusive, is_exclusive, "{rule}");
        }
    }

    #[test]
    fn places_of_earlier_layouts_are_known_and_never_uploads() {
        let earlier =
            config(&format!("[[rule]]\noutput.key = \"old/{{key}}/{{variant}}\"\n{SMALL}"));
        let earlier: Vec<Layout> = earlier.rules.iter().map(Layout::of).collect();
        let now = config(&format!("[[rule]]\n{SMALL}"));
        let layouts = Layouts::new(&now.rules, &earlier);
        let keys: Vec<(String, bool)> = places(&layouts, "k")
            .into_iter()
            .map(|place| (place.key, place.is_exclusive))
            .collect();
        let expected = [("failures/k.json", true), ("old/k/a", true), ("variants/k/a.jpg", true)];
        assert_eq!(keys, expected.map(|(key, exclusive)| (key.to_owned(), exclusive)));

        // Under the rule of today, what an earlier one wrote may be an upload.
        let beside = format!(
            "[[rule]]\nmatch = \"in/**\"\noutput.bucket = \"{{bucket}}\"\n\
             output.key = \"old/{{key}}/{{variant}}\"\n{SMALL}"
        );
        let earlier: Vec<Layout> = config(&beside).rules.iter().map(Layout::of).collect();
        let layouts = Layouts::new(&now.rules, &earlier);
        let old = places(&layouts, "in/k").into_iter().find(|place| place.key == "old/in/k/a");
        assert!(!old.expect("an old place").is_exclusive);
    }
}
