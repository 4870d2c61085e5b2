//! What is wrong with a rule as a whole, though each of its settings is good: keys that several
//! results or uploads would share, sides that keys name and no variant has, and formats that `auto`
//! may become too.

use resizer_engine::spec::{FormatSpec, VariantSpec};

use super::problems::Problems;
use crate::endpoint::Endpoint;
use crate::endpoint::options::SIGNED_SEGMENT;
use crate::event::ObjectRef;
use crate::ledger::LEDGER_KEY;
use crate::pattern::{Pattern, overlap};
use crate::rules::{Rule, Target};
use crate::template::{Field, VariantName};

/// A rule and the bytes of the text at which its parts stand.
pub(super) struct PlacedRule {
    pub(super) rule: Rule,
    /// Its header.
    pub(super) at: usize,
    /// What says which uploads it takes.
    pub(super) source_at: usize,
    /// What says where its results go.
    pub(super) output_at: usize,
    /// What says the keys of its variants.
    pub(super) key_at: usize,
    /// What says the key of its manifest, or of its failure record.
    pub(super) records_at: usize,
    /// The tables of its variants, which are its last ones.
    pub(super) variant_ats: Vec<usize>,
    /// The naming preset that its keys come from, if one is named.
    pub(super) naming: Option<String>,
}

/// Lists all that is wrong; one problem has no second one as its consequence.
pub(super) fn check(placed: &PlacedRule, problems: &Problems) {
    let names = has_two_of_one_name(placed, problems);
    let sides = lacks_sides(placed, problems);
    let sources = shares_keys_of_uploads(placed, problems);
    let formats = could_double_formats(placed, problems);
    if !names && !sides && !sources && !formats {
        check_keys(placed, problems);
    }
}

/// What the endpoint stores must not lie where a rule writes, or each would delete the other's.
pub(super) fn check_endpoint(
    (endpoint, at): (&Endpoint, usize),
    rules: &[PlacedRule],
    problems: &Problems,
) {
    let results = &endpoint.results;
    if results.bucket == endpoint.bucket && endpoint.prefix.starts_with(&results.prefix) {
        let problem = format!(
            "`results_prefix` {:?} of [endpoint] is where its uploads lie, and objects there are \
             never uploads; choose another `results_prefix` or `results_bucket`",
            results.prefix
        );
        problems.add(at, problem);
    }
    if LEDGER_KEY.starts_with(&results.prefix) {
        let problem = format!(
            "`results_prefix` {:?} of [endpoint] has {LEDGER_KEY:?} below it, which must not \
             expire with results; choose another one",
            results.prefix
        );
        problems.add(at, problem);
    }
    warn_of_signed(rules, problems);
    let places = Pattern::literal(&results.prefix).then(&Pattern::everything());
    for placed in rules {
        let is_shared = placed.rule.outputs().any(|(bucket, key)| {
            let bucket = bucket.pattern(VariantName::default());
            bucket.matches(&results.bucket) && overlap(&[&key, &places])
        });
        if is_shared {
            let (name, prefix) = (&placed.rule.name, &results.prefix);
            let problem = format!(
                "rule {name:?} may write keys that begin with {prefix:?}, where [endpoint] stores \
                 its results; choose another `results_prefix`"
            );
            problems.add(placed.output_at, problem);
        }
    }
}

/// Paths whose first segment is `signed` are those of free options.
fn warn_of_signed(rules: &[PlacedRule], problems: &Problems) {
    let beginning = format!("{SIGNED_SEGMENT}/");
    for placed in rules {
        let Rule { request, output, .. } = &placed.rule;
        if request.variants.iter().any(|spec| spec.name == SIGNED_SEGMENT) {
            let warning = format!(
                "the endpoint cannot serve the variant {SIGNED_SEGMENT:?} by its name, because its \
                 URLs would be those of signed URLs with options; give it another `name`"
            );
            problems.warn(placed.at, warning);
        }
        if output.key.to_string().starts_with(&beginning) {
            let warning = format!(
                "the endpoint cannot serve variants by keys that begin with {beginning:?}, because \
                 their URLs would be those of signed URLs with options; begin `key` otherwise"
            );
            problems.warn(placed.key_at, warning);
        }
    }
}

fn has_two_of_one_name(placed: &PlacedRule, problems: &Problems) -> bool {
    let specs = &placed.rule.request.variants;
    let of_widths = specs.len().saturating_sub(placed.variant_ats.len());
    let mut found = false;
    for (index, spec) in specs.iter().enumerate() {
        if specs[..index].iter().any(|earlier| earlier.name == spec.name) {
            let table = index.checked_sub(of_widths).and_then(|at| placed.variant_ats.get(at));
            let name = &spec.name;
            let problem = format!(
                "an earlier variant of the rule is named {name:?} too; give this one another `name`"
            );
            problems.add(*table.unwrap_or(&placed.at), problem);
            found = true;
        }
    }
    found
}

/// A key must not ask for a side that a variant leaves open: what the picture's turns out to be
/// does not follow from the rule.
fn lacks_sides(placed: &PlacedRule, problems: &Problems) -> bool {
    let rule = &placed.rule;
    let lacking = |field: Field| {
        let specs = rule.request.variants.iter();
        let lacks = specs.filter(move |spec| {
            (if field == Field::Width { spec.width } else { spec.height }).is_none()
        });
        lacks.map(|spec| format!("{:?}", spec.name)).collect::<Vec<_>>()
    };
    let mut found = false;
    for field in [Field::Width, Field::Height] {
        let variants = lacking(field);
        if !rule.output.key.names(field) || variants.is_empty() {
            continue;
        }
        let (side, variants) = (field.name(), variants.join(", "));
        let what = match &placed.naming {
            Some(naming) => {
                format!("`naming` {naming:?} puts the {side} of a variant into its key")
            }
            None => format!("`key` names {{{side}}}"),
        };
        let problem =
            format!("{what}, and these variants have no `{side}`: {variants}; give them one");
        problems.add(placed.key_at, problem);
        found = true;
    }
    found
}

/// `auto` must not stand beside a format that it can become.
fn could_double_formats(placed: &PlacedRule, problems: &Problems) -> bool {
    let is_doubled = |spec: &&VariantSpec| {
        let could_be = |format: &FormatSpec| match format {
            FormatSpec::Auto => false,
            FormatSpec::Source => true,
            FormatSpec::Fixed(format) => FormatSpec::AUTO.contains(format),
        };
        spec.formats.contains(&FormatSpec::Auto) && spec.formats.iter().any(could_be)
    };
    let specs = &placed.rule.request.variants;
    let Some(spec) = specs.iter().find(is_doubled) else { return false };
    let problem = format!(
        "the variant {:?} has \"auto\" among its `formats`, which becomes AVIF or WebP, and \
         another one that may be the same; write \"auto\" alone, or beside \"jpeg\", \"png\" or \
         \"gif\"",
        spec.name
    );
    problems.add(placed.at, problem);
    true
}

/// Two uploads must not be certain to share their keys.
fn shares_keys_of_uploads(placed: &PlacedRule, problems: &Problems) -> bool {
    let rule = &placed.rule;
    if rule.source.takes_one_key() {
        return false;
    }
    let output = &rule.output;
    let keys = [("key", &output.key), ("failure", &output.failure)].into_iter();
    let keys = keys.chain(output.manifest.as_ref().map(|manifest| ("manifest", manifest)));
    let mut found = false;
    for (name, template) in keys.filter(|(_, template)| !template.names_source()) {
        let key = template.to_string();
        let problem = format!(
            "`{name}` is {key:?}, the same key for every upload; name {{key}} in it, or let the \
             rule take a single key"
        );
        problems.add(placed.key_at, problem);
        found = true;
    }
    found
}

/// Two results must not share a key.
fn check_keys(placed: &PlacedRule, problems: &Problems) {
    let rule = &placed.rule;
    let example = ObjectRef { bucket: "bucket".to_owned(), key: "folder/photo.ext".to_owned() };
    let targets = rule.targets(&example);
    let mut variants: Vec<&Target> = targets.variants.iter().collect();
    if rule.output.key.names(Field::Suffix) {
        // A variant of one format is one file, whatever that format turns out to be.
        let has_one = |name: &str| {
            let mut specs = rule.request.variants.iter();
            specs.any(|spec| spec.name == name && spec.formats.len() == 1)
        };
        variants.dedup_by(|later, earlier| {
            (&later.key, &later.variant) == (&earlier.key, &earlier.variant)
                && has_one(&later.variant)
        });
    }
    let file = |target: &Target| format!("{:?} as .{}", target.variant, target.format.extension());
    for (index, one) in variants.iter().enumerate() {
        if let Some(other) = variants[..index].iter().find(|other| other.key == one.key) {
            let (first, second, key) = (file(other), file(one), &one.key);
            let problem = format!(
                "the variants {first} and {second} would have the same key, such as {key:?}; name \
                 {{variant}} and {{ext}} in `key`"
            );
            problems.add(placed.key_at, problem);
            return;
        }
    }
    let manifest = targets.manifest.iter().map(|key| ("manifest", key));
    let records: Vec<_> = manifest.chain([("failure", &targets.failure)]).collect();
    for (index, (name, key)) in records.iter().enumerate() {
        let variant = variants.iter().find(|target| target.key == **key);
        let variant = variant.map(|target| format!("the variant {}", file(target)));
        let record = records[..index].iter().find(|(_, other)| other == key);
        let other = variant.or(record.map(|(name, _)| format!("`{name}`")));
        if let Some(other) = other {
            let problem = format!(
                "`{name}` and {other} would have the same key, such as {key:?}; begin one of them \
                 otherwise"
            );
            problems.add(placed.records_at, problem);
        }
    }
}
