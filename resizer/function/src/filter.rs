//! Which objects a rule is for.

use crate::event::ObjectRef;
use crate::pattern::{Pattern, overlap_except};
use crate::template::{SourceName, Template, VariantName};

/// Bucket, prefix, suffixes and globs must agree, and nothing exclude the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFilter {
    /// Only this bucket; `None` is any.
    pub bucket: Option<String>,
    /// One of these must match the whole key.
    pub globs: Vec<Pattern>,
    /// The key's beginning.
    pub prefix: String,
    /// The key's end is one of these in any case of its letters; any end where there are none.
    pub suffixes: Vec<String>,
    /// None of these may match the whole key.
    pub exclude: Vec<Pattern>,
}

impl SourceFilter {
    /// Whether the filter takes this object.
    pub fn takes(&self, object: &ObjectRef) -> bool {
        let key = &object.key;
        self.bucket.as_ref().is_none_or(|bucket| *bucket == object.bucket)
            && key.starts_with(&self.prefix)
            && (self.suffixes.is_empty() || self.suffixes.iter().any(|end| ends_with(key, end)))
            && self.globs.iter().any(|glob| glob.matches(key))
            && !self.exclude.iter().any(|glob| glob.matches(key))
    }

    /// Whether it takes a single key.
    pub fn takes_one_key(&self) -> bool {
        matches!(&self.globs[..], [glob] if glob.is_literal())
    }

    /// Whether it takes some key of this pattern, in a bucket that it takes.
    pub fn may_take(&self, output: &Pattern) -> bool {
        self.may_take_but(output, &[])
    }

    /// Whether every key that it takes is one that `other` takes, in the same bucket.
    pub fn is_within(&self, other: &Self) -> bool {
        let everything = Pattern::everything();
        let no_other = |excluded: &[&Pattern]| !self.may_take_but(&everything, excluded);
        let has_bucket = other.bucket.is_none() || other.bucket == self.bucket;
        let suffixes = other.suffix_patterns();
        has_bucket
            && no_other(&[&other.prefix_pattern()])
            && no_other(&other.globs.iter().collect::<Vec<_>>())
            && no_other(&suffixes.iter().collect::<Vec<_>>())
            && !other.exclude.iter().any(|glob| self.may_take(glob))
    }

    /// Whether it takes some key of this pattern that none of the others matches.
    fn may_take_but(&self, pattern: &Pattern, others: &[&Pattern]) -> bool {
        let prefix = self.prefix_pattern();
        let excluded: Vec<&Pattern> = self.exclude.iter().chain(others.iter().copied()).collect();
        self.suffix_patterns().iter().any(|suffix| {
            let mut globs = self.globs.iter();
            globs.any(|glob| overlap_except(&[pattern, glob, &prefix, suffix], &excluded))
        })
    }

    fn prefix_pattern(&self) -> Pattern {
        Pattern::literal(&self.prefix).then(&Pattern::everything())
    }

    fn suffix_patterns(&self) -> Vec<Pattern> {
        if self.suffixes.is_empty() {
            return vec![Pattern::everything()];
        }
        let ending = |end: &String| Pattern::everything().then(&Pattern::in_any_case(end));
        self.suffixes.iter().map(ending).collect()
    }

    /// Whether it takes objects of the bucket that is written to for sources of `writer`: the one
    /// that such a source lies in, where neither names one.
    pub fn may_read_what(&self, output: &Template, writer: &Self) -> bool {
        let written = |bucket: &str| {
            let source = SourceName { bucket, key: "" };
            output.render(source, VariantName::default())
        };
        match (&writer.bucket, &self.bucket) {
            (Some(from), Some(taken)) => written(from) == *taken,
            (Some(from), None) => written(from) == *from,
            (None, Some(taken)) => written(taken) == *taken,
            (None, None) => written("any") == "any",
        }
    }
}

fn ends_with(key: &str, end: &str) -> bool {
    let at = key.len().checked_sub(end.len());
    at.is_some_and(|at| key.as_bytes()[at..].eq_ignore_ascii_case(end.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::SourceFilter;
    use crate::pattern::Pattern;

    fn filter(prefix: &str, suffixes: &[&str], globs: &[&str], exclude: &[&str]) -> SourceFilter {
        let read = |globs: &[&str]| {
            let globs = globs.iter().map(|glob| Pattern::parse_glob(glob).expect("readable"));
            globs.flatten().collect()
        };
        SourceFilter {
            bucket: None,
            globs: read(globs),
            prefix: prefix.to_owned(),
            suffixes: suffixes.iter().map(|&suffix| suffix.to_owned()).collect(),
            exclude: read(exclude),
        }
    }

    #[test]
    fn a_filter_within_another_takes_nothing_else() {
        let all = filter("", &[], &["**"], &[]);
        let photos = filter("photos/", &[".jpg", ".png"], &["**"], &[]);
        let capitals = filter("photos/", &[".JPG"], &["**/*"], &[]);
        let but_drafts = filter("", &[], &["**"], &["photos/drafts/**"]);
        for (one, other, expected) in [
            (&photos, &all, true),
            (&all, &photos, false),
            (&capitals, &photos, true),
            (&photos, &capitals, false),
            (&photos, &but_drafts, false),
            (&but_drafts, &all, true),
            (&all, &but_drafts, false),
            (&filter("a", &[], &["**"], &[]), &but_drafts, true),
        ] {
            assert_eq!(one.is_within(other), expected, "{one:?} in {other:?}");
        }
        let elsewhere = SourceFilter { bucket: Some("b".to_owned()), ..all.clone() };
        assert!(elsewhere.is_within(&all) && !all.is_within(&elsewhere));
    }
}
