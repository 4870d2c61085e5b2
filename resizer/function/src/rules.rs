//! Which variants a key gets, and the keys of everything that may be written for it.

use std::collections::{BTreeMap, BTreeSet};

use resizer_engine::spec::{FormatSpec, OutputFormat, Request, VariantSpec};

use crate::digest;
use crate::event::ObjectRef;
use crate::filter::SourceFilter;
use crate::layout::{Layouts, Place};
use crate::ledger::LEDGER_KEY;
use crate::object_properties::ObjectProperties;
use crate::pattern::Pattern;
use crate::refusal::Refusal;
use crate::responsive;
use crate::template::{Ending, SourceName, Template, VariantName};

/// The longest key that S3 takes.
pub const MAX_KEY_BYTES: usize = 1024;

/// What becomes of an original once all of its variants are stored and verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Originals {
    /// It stays, and its deletion deletes the variants.
    Keep,
    /// It goes there.
    Move {
        /// The bucket.
        bucket: Template,
        /// The key in it.
        key: Template,
    },
    /// It is deleted.
    Delete,
}

/// Keys that match get these variants, written there.
#[derive(Debug, Clone)]
pub struct Rule {
    /// For logs and messages.
    pub name: String,
    /// Which objects it is for.
    pub source: SourceFilter,
    /// What is made of each.
    pub request: Request,
    /// Where it goes.
    pub output: Output,
    /// What becomes of the source.
    pub originals: Originals,
    /// Fingerprint of variants, output and engine revision: 16 hexadecimal digits.
    pub fingerprint: String,
    /// Fingerprint of what a refusal depends on: all that, limits and decoders.
    pub refusal_fingerprint: String,
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
    /// What stands before the keys in URLs, if they are not relative.
    pub base_url: Option<String>,
    /// Whether URLs end in a version of the variant's bytes.
    pub versioned_urls: bool,
    /// How variants are kept, and their records as far as it is for them.
    pub storage: ObjectProperties,
    /// How variants are kept that are not kept as the others are, by their names.
    pub variants: BTreeMap<String, ObjectProperties>,
}

impl Output {
    /// Whether some variant takes along what the uploader said of its source.
    pub fn copies_metadata(&self) -> bool {
        [&self.storage].into_iter().chain(self.variants.values()).any(|one| one.copies_metadata)
    }

    /// Where a variant of these bytes is found.
    pub fn url(&self, key: &str, bytes: &[u8]) -> String {
        let url = responsive::url(self.base_url.as_deref(), key);
        if self.versioned_urls { responsive::versioned(&url, &digest::md5(bytes)) } else { url }
    }

    /// How a variant is kept.
    pub fn storage_of(&self, variant: &str) -> &ObjectProperties {
        self.variants.get(variant).unwrap_or(&self.storage)
    }
}

/// The keys of one source's results, in one bucket.
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
    /// Where the original goes in the end, if it is moved; no result, so that nothing deletes it.
    pub moved: Option<ObjectRef>,
}

/// All that a delivery may write and delete for one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// What is written.
    pub targets: Targets,
    /// Every place where a result of the source may lie, those of other layouts among them.
    pub places: Vec<Place>,
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

/// What one round writes and deletes: puts and deletes in any order, then the last put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changes {
    /// Keys of the variants, in the order of what was made, or that of the failure record.
    pub puts: Vec<String>,
    /// Everything else that an earlier source, format or configuration could have left.
    pub deletes: Vec<Place>,
    /// The manifest, which says that all others are there.
    pub last_put: Option<String>,
}

impl Scope {
    /// The variants that were made take the place of everything.
    ///
    /// # Panics
    /// For a variant or format that the rule does not have.
    pub fn of_variants(&self, made: &[(&str, OutputFormat)]) -> Changes {
        let puts =
            made.iter().map(|(variant, format)| self.targets.key_of(variant, *format).to_owned());
        self.changes(puts.collect(), self.targets.manifest.clone())
    }

    /// The failure record does, where its key is one that S3 can hold.
    pub fn of_refusal(&self) -> Changes {
        let record = Some(self.targets.failure.clone()).filter(|key| key.len() <= MAX_KEY_BYTES);
        self.changes(record.into_iter().collect(), None)
    }

    /// Nothing does; results that outlive their source stay where it is gone.
    pub fn of_nothing(&self, source_is_gone: bool) -> Changes {
        let mut changes = self.changes(Vec::new(), None);
        changes.deletes.retain(|place| !(source_is_gone && place.outlives));
        changes
    }

    fn changes(&self, puts: Vec<String>, last_put: Option<String>) -> Changes {
        let is_put = |place: &Place| {
            let is_here = place.bucket == self.targets.bucket;
            is_here && (puts.contains(&place.key) || last_put.as_ref() == Some(&place.key))
        };
        let deletes = self.places.iter().filter(|place| !is_put(place)).cloned().collect();
        Changes { puts, deletes, last_put }
    }

    /// Whether a key of the output bucket is this source's alone.
    pub fn is_exclusive(&self, key: &str) -> bool {
        let mut places = self.places.iter();
        let place = places.find(|place| place.bucket == self.targets.bucket && place.key == key);
        place.is_some_and(|place| place.is_exclusive)
    }
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

    /// Bytes of the longest key that a good source would need.
    pub fn longest_key_bytes(&self) -> usize {
        let moved = self.moved.iter().map(|object| &object.key);
        self.keys().chain(moved).map(String::len).max().unwrap_or(0)
    }

    /// The ledger, where a variant, the manifest or the moved original would lie in its place.
    pub fn ledger(&self) -> Option<ObjectRef> {
        let variants = self.variants.iter().map(|target| &target.key);
        let is_hit = variants.chain(&self.manifest).any(|key| key == LEDGER_KEY);
        let own = is_hit.then(|| self.object(LEDGER_KEY));
        own.or_else(|| self.moved.clone().filter(|object| object.key == LEDGER_KEY))
    }

    /// Every key, those among them that S3 cannot hold.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        let variants = self.variants.iter().map(|target| &target.key);
        variants.chain(&self.manifest).chain([&self.failure])
    }
}

impl Rule {
    /// What the record of a refusal carries. If the refusal follows from more than the file, that
    /// of results, which the up-to-date check does not recognize: the next event tries again.
    pub fn fingerprint_of(&self, refusal: &Refusal) -> &str {
        if refusal.follows_from_file() { &self.refusal_fingerprint } else { &self.fingerprint }
    }

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
            moved: match &self.originals {
                Originals::Move { bucket, key } => {
                    Some(ObjectRef { bucket: render(bucket), key: render(key) })
                }
                Originals::Keep | Originals::Delete => None,
            },
        }
    }

    /// The same, with all places that these layouts know of the object.
    pub fn scope(&self, object: &ObjectRef, layouts: &Layouts) -> Scope {
        Scope { targets: self.targets(object), places: layouts.places(object) }
    }

    /// What these keys are, when nothing else that this rule could write is there: `Some(true)`
    /// all results of a good source, `Some(false)` those of a refused one, `None` neither.
    pub fn recognizes(&self, targets: &Targets, present: &BTreeSet<&str>) -> Option<bool> {
        if *present == BTreeSet::from([targets.failure.as_str()]) {
            return Some(false);
        }
        // All variants of a source have the same format for `source`, and the same for `auto`.
        let possible = FormatSpec::Source.possible(self.request.animation).into_iter();
        let mut possible = possible.flat_map(|source| FormatSpec::AUTO.map(|auto| (source, auto)));
        let complete = possible.any(|(source, auto)| {
            let formats = self.request.variants.iter().flat_map(|spec| {
                spec.formats.iter().map(move |asked| (&spec.name, asked.chosen(source, auto)))
            });
            let keys = formats.map(|(name, format)| targets.key_of(name, format));
            keys.chain(targets.manifest.as_deref()).collect::<BTreeSet<&str>>() == *present
        });
        complete.then_some(true)
    }

    /// Everything that this rule may write for any source: buckets, and patterns of keys in them.
    pub fn outputs(&self) -> impl Iterator<Item = (&Template, Pattern)> {
        let plain = |template: &Template| template.pattern(VariantName::default());
        let bucket = &self.output.bucket;
        let variants = self.variant_names().flat_map(|(_, _, name)| self.output.key.patterns(name));
        let others = self.output.manifest.iter().chain([&self.output.failure]).map(plain);
        let moved = match &self.originals {
            Originals::Move { bucket, key } => Some((bucket, plain(key))),
            Originals::Keep | Originals::Delete => None,
        };
        variants.chain(others).map(move |pattern| (bucket, pattern)).chain(moved)
    }

    /// Whether it moves originals to objects of that name.
    pub fn could_have_moved(&self, object: &ObjectRef) -> bool {
        let Originals::Move { bucket, key } = &self.originals else { return false };
        let pattern = |template: &Template| template.pattern(VariantName::default());
        pattern(bucket).matches(&object.bucket) && pattern(key).matches(&object.key)
    }

    /// The key of every result with only what differs between sources left open.
    pub fn key_templates(&self) -> Vec<Template> {
        let variants = self.variant_names().map(|(_, _, name)| self.output.key.with_variant(name));
        let others = self.output.manifest.iter().chain([&self.output.failure]).cloned();
        let mut keys: Vec<Template> = Vec::new();
        for key in variants.chain(others) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// Whether originals go once they have done their work.
    pub fn retires_originals(&self) -> bool {
        self.originals != Originals::Keep
    }

    /// Whether this rule could have written an object of that name. What a rule for one bucket
    /// writes lies in buckets that follow from it.
    pub fn could_have_written(&self, object: &ObjectRef) -> bool {
        self.outputs().any(|(bucket, key)| {
            let is_its_bucket = match &self.source.bucket {
                Some(source) => {
                    let source = SourceName { bucket: source, key: "" };
                    bucket.render(source, VariantName::default()) == object.bucket
                }
                None => bucket.pattern(VariantName::default()).matches(&object.bucket),
            };
            is_its_bucket && key.matches(&object.key)
        })
    }

    /// Each variant in each format that it could have, with the values for its key.
    fn variant_names(&self) -> impl Iterator<Item = (&VariantSpec, OutputFormat, VariantName<'_>)> {
        self.request.variants.iter().flat_map(|spec| {
            let mut possible = Vec::new();
            for asked in &spec.formats {
                for format in asked.possible(self.request.animation) {
                    if !possible.contains(&format) {
                        possible.push(format);
                    }
                }
            }
            possible.into_iter().map(move |format| {
                let (width, height) = (spec.width, spec.height);
                let (extension, ending) = (format.extension(), Ending::of(&spec.formats, format));
                let variant = &*spec.name;
                (spec, format, VariantName { variant, width, height, extension, ending })
            })
        })
    }
}

/// The first rule that takes the object, unless it could be an output of any rule.
pub fn find<'a>(rules: &'a [Rule], object: &ObjectRef) -> Result<&'a Rule, Ignored> {
    if object.key == LEDGER_KEY {
        return Err(Ignored::OwnKey);
    }
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
    OwnResult,
    /// It is gone, and under its rule that says nothing: it may have been moved or deleted.
    NoOriginal,
    /// No bytes under a key that ends in a slash, as consoles make a folder.
    Folder,
}

impl Ignored {
    /// The stable name used in logs.
    pub fn code(self) -> &'static str {
        match self {
            Self::NoRule => "ignored_no_rule",
            Self::OwnKey => "ignored_own_key",
            Self::OwnResult => "ignored_own_result",
            Self::NoOriginal => "ignored_no_original",
            Self::Folder => "ignored_folder",
        }
    }

    /// Why, in a sentence.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoRule => "no rule takes this bucket and key",
            Self::OwnKey => "the function could have written an object of this name itself",
            Self::OwnResult => "the function wrote it: its metadata says so",
            Self::NoOriginal => "it is gone, as originals go under its rule",
            Self::Folder => "it is a folder: no bytes, and a key that ends in a slash",
        }
    }
}
