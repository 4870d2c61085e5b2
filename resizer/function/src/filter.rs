//! Which objects a rule is for.

use crate::event::ObjectRef;
use crate::pattern::{Pattern, overlap};
use crate::template::{SourceName, Template, VariantName};

/// Bucket, prefix, suffix and globs; all of them must agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFilter {
    /// Only this bucket; `None` is any.
    pub bucket: Option<String>,
    /// One of these must match the whole key.
    pub globs: Vec<Pattern>,
    /// The key's beginning.
    pub prefix: String,
    /// The key's end.
    pub suffix: String,
}

impl SourceFilter {
    /// Whether the filter takes this object.
    pub fn takes(&self, object: &ObjectRef) -> bool {
        self.bucket.as_ref().is_none_or(|bucket| *bucket == object.bucket)
            && object.key.starts_with(&self.prefix)
            && object.key.ends_with(&self.suffix)
            && self.globs.iter().any(|glob| glob.matches(&object.key))
    }

    /// Whether it takes a single key.
    pub fn takes_one_key(&self) -> bool {
        matches!(&self.globs[..], [glob] if glob.is_literal())
    }

    /// Whether it takes some key of this pattern, in a bucket that it takes.
    pub fn may_take(&self, output: &Pattern) -> bool {
        let Self { globs, prefix, suffix, .. } = self;
        let prefix = Pattern::literal(prefix).then(&Pattern::everything());
        let suffix = Pattern::everything().then(&Pattern::literal(suffix));
        globs.iter().any(|glob| overlap(&[output, glob, &prefix, &suffix]))
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
