//! Which variants a key gets, and the keys of everything that may be written for it.

use resizer_engine::spec::{FormatSpec, OutputFormat, VariantSpec};

use crate::event::ObjectRef;
use crate::pattern::Pattern;
use crate::template::{SourceName, Template, VariantName};

/// The longest key that S3 takes.
pub const MAX_KEY_BYTES: usize = 1024;

/// Keys that match get these variants, written there.
#[derive(Debug, Clone)]
pub struct Rule {
    /// For logs and messages.
    pub name: String,
    /// Which objects it is for.
    pub source: SourceFilter,
    /// What is made of each.
    pub variants: Vec<VariantSpec>,
    /// Where it goes.
    pub output: Output,
    /// Fingerprint of variants, output and engine version: 16 hexadecimal digits.
    pub recipe: String,
}

/// Bucket, prefix, suffix and globs; all of them must agree.
#[derive(Debug, Clone)]
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

/// Where a rule's results go.
#[derive(Debug, Clone)]
pub struct Output {
    /// Bucket of all that is written.
    pub bucket: Template,
    /// Key of each variant.
    pub key: Template,
    /// Key of the manifest, if one is wanted.
    pub manifest: Option<Template>,
    /// Key of the failure record.
    pub failure: Template,
    /// Cache-Control of the variants.
    pub cache_control: Option<String>,
}

/// All that may be written for one source, in one bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Targets {
    /// The output bucket.
    pub bucket: String,
    /// Every variant in every format that it could have.
    pub variants: Vec<Target>,
    /// The manifest's key.
    pub manifest: Option<String>,
    /// The failure record's key.
    pub failure: String,
}

/// The key of one variant in one format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The variant's name.
    pub variant: String,
    /// The format.
    pub format: OutputFormat,
    /// Where it is written.
    pub key: String,
}

impl Targets {
    /// An object of the output bucket.
    pub fn object(&self, key: &str) -> ObjectRef {
        ObjectRef { bucket: self.bucket.clone(), key: key.to_owned() }
    }

    /// Where a variant goes.
    ///
    /// # Panics
    /// For a variant or format that the rule does not have.
    pub fn key_of(&self, variant: &str, format: OutputFormat) -> &str {
        let mut targets = self.variants.iter();
        let target = targets.find(|target| target.variant == variant && target.format == format);
        &target.expect("targets hold every format that a variant of the rule can have").key
    }

    /// Every key but those to keep and those that S3 cannot hold.
    pub fn all_but(&self, keep: &[&str]) -> Vec<String> {
        let can_be = |key: &&String| key.len() <= MAX_KEY_BYTES && !keep.contains(&key.as_str());
        self.keys().filter(can_be).cloned().collect()
    }

    /// Bytes of the longest key that a good source would need.
    pub fn longest_key_bytes(&self) -> usize {
        self.keys().map(String::len).max().unwrap_or(0)
    }

    fn keys(&self) -> impl Iterator<Item = &String> {
        let variants = self.variants.iter().map(|target| &target.key);
        variants.chain(&self.manifest).chain([&self.failure])
    }
}

impl SourceFilter {
    /// Whether the filter takes this object.
    pub fn takes(&self, object: &ObjectRef) -> bool {
        self.bucket.as_ref().is_none_or(|bucket| *bucket == object.bucket)
            && object.key.starts_with(&self.prefix)
            && object.key.ends_with(&self.suffix)
            && self.globs.iter().any(|glob| glob.matches(&object.key))
    }
}

impl Rule {
    /// Every key that this rule may write for `object`, whatever the object turns out to be.
    pub fn targets(&self, object: &ObjectRef) -> Targets {
        let source = SourceName { bucket: &object.bucket, key: &object.key };
        let render = |template: &Template| template.render(source, VariantName::default());
        let variants = self.variant_names().map(|(spec, format, name)| Target {
            variant: spec.name.clone(),
            format,
            key: self.output.key.render(source, name),
        });
        Targets {
            bucket: render(&self.output.bucket),
            variants: variants.collect(),
            manifest: self.output.manifest.as_ref().map(render),
            failure: render(&self.output.failure),
        }
    }

    /// The keys that this rule may write for any source, as patterns.
    pub fn output_patterns(&self) -> impl Iterator<Item = Pattern> + '_ {
        let others = self.output.manifest.iter().chain([&self.output.failure]);
        let variants = self.variant_names().map(|(_, _, name)| self.output.key.pattern(name));
        variants.chain(others.map(|template| template.pattern(VariantName::default())))
    }

    /// Whether this rule could have written an object of that name.
    pub fn could_have_written(&self, object: &ObjectRef) -> bool {
        self.output.bucket.pattern(VariantName::default()).matches(&object.bucket)
            && self.output_patterns().any(|pattern| pattern.matches(&object.key))
    }

    /// Each variant in each format that it could have, with the values for its key.
    fn variant_names(&self) -> impl Iterator<Item = (&VariantSpec, OutputFormat, VariantName<'_>)> {
        self.variants.iter().flat_map(|spec| {
            let all = spec.formats.contains(&FormatSpec::Source);
            let possible = OutputFormat::ALL
                .into_iter()
                .filter(move |format| all || spec.formats.contains(&FormatSpec::Fixed(*format)));
            possible.map(move |format| {
                let (width, height) = (spec.width, spec.height);
                let extension = format.extension();
                (
                    spec,
                    format,
                    VariantName { variant: &spec.name, width, height, format: extension },
                )
            })
        })
    }
}

/// The first rule that takes the object, unless it could be an output of any rule.
pub fn find<'a>(rules: &'a [Rule], object: &ObjectRef) -> Result<&'a Rule, Ignored> {
    let Some(rule) = rules.iter().find(|rule| rule.source.takes(object)) else {
        return Err(Ignored::NoRule);
    };
    if rules.iter().any(|rule| rule.could_have_written(object)) {
        return Err(Ignored::OwnKey);
    }
    Ok(rule)
}

/// Why an object gets no variants though nothing is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// No rule takes it.
    NoRule,
    /// Its key is one that the function writes itself.
    OwnKey,
    /// Its metadata says that the function wrote it.
    OwnMark,
}

impl Ignored {
    /// The stable name used in logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoRule => "ignored_no_rule",
            Self::OwnKey => "ignored_own_key",
            Self::OwnMark => "ignored_own_mark",
        }
    }
}
