//! TOML text in, rules out: everything is checked, and every problem is kept with its line.

use std::time::Duration;

use resizer_engine::limits::Limits;
use resizer_engine::spec::{Animation, MAX_SIDE, Request, Truncated};
use toml::Spanned;

use super::Config;
use super::file::{CompletionTable, File, LimitsTable, OneOrMany, RuleTable};
use super::loops::{PlacedRule, find_loops};
use super::output::{read_originals, read_output};
use super::problems::Problems;
use super::{variant, warnings};
use crate::completion::Channel;
use crate::filter::SourceFilter;
use crate::pattern::Pattern;
use crate::rules::Rule;
use crate::template::Field;

const ANIMATIONS: [(&str, Animation); 2] =
    [("first-frame", Animation::FirstFrame), ("animate", Animation::Animate)];

const TRUNCATED: [(&str, Truncated); 2] =
    [("refuse", Truncated::Refuse), ("accept", Truncated::Accept)];

const DEFAULT_MAX_SOURCE_BYTES: u64 = 256 << 20;

/// Longer than S3 takes for the first byte of anything, and short enough to ask again in time.
const DEFAULT_S3_PATIENCE: Duration = Duration::from_secs(5);

/// S3 ends a connection on which nothing moves for 20 s, and answers what it has whole within
/// seconds. A request that is carried out a minute after its client gave it up was never seen.
const DEFAULT_LATE_REQUESTS: Duration = Duration::from_secs(60);

pub(super) fn parse(text: &str, output_bucket: &str) -> Result<Config, Vec<String>> {
    let file: File =
        toml::from_str(text).map_err(|error| vec![error.to_string().trim_end().to_owned()])?;
    let mut problems = Problems::new(text);
    problems.unknown(0, "the file", &file.unknown);
    let (limits, max_source_bytes) = read_limits(&file.limits, &mut problems);
    let s3_patience = file.limits.s3_patience_ms.map_or(DEFAULT_S3_PATIENCE, Duration::from_millis);
    let late_requests =
        file.limits.late_request_ms.map_or(DEFAULT_LATE_REQUESTS, Duration::from_millis);
    let completion = read_completion(&file.completion, &mut problems);

    let mut placed: Vec<PlacedRule> = Vec::new();
    for (index, table) in file.rule.iter().enumerate() {
        let line = problems.line_of(table);
        placed.push(read_rule(index, table.as_ref(), line, output_bucket, &mut problems));
    }
    if placed.is_empty() {
        placed.push(read_rule(0, &RuleTable::default(), 0, output_bucket, &mut problems));
    }
    if completion.is_some() {
        // Whoever is told shows it too.
        placed.iter_mut().for_each(|placed| placed.rule.request.placeholders = true);
    }
    find_loops(&placed, &mut problems);
    problems.none()?;
    let rules: Vec<Rule> = placed.into_iter().map(|placed| placed.rule).collect();
    Ok(Config {
        limits,
        threads: 1,
        processor_share: 1.0,
        max_source_bytes,
        s3_patience,
        late_requests,
        completion,
        warnings: warnings::of(&rules),
        rules,
    })
}

fn read_limits(table: &LimitsTable, problems: &mut Problems) -> (Limits, u64) {
    problems.unknown(0, "[limits]", &table.unknown);
    refuse_nothing_at_all(table, problems);
    let mut limits = Limits::default();
    if let Some(megapixels) = table.max_megapixels {
        limits.max_pixels = megapixels.saturating_mul(1 << 20);
    }
    if let Some(mebibytes) = table.max_memory_mib {
        limits.max_memory_bytes = mebibytes.saturating_mul(1 << 20);
    }
    if let Some(max_side) = table.max_side {
        if !(1..=MAX_SIDE).contains(&max_side) {
            problems.add(0, format!("max_side of [limits] is {max_side}, not 1 to {MAX_SIDE}"));
        }
        limits.max_side = max_side;
    }
    if let Some(megapixels) = table.max_animation_megapixels {
        limits.max_animation_pixels = megapixels.saturating_mul(1 << 20);
    }
    limits.max_frames = table.max_frames.unwrap_or(limits.max_frames);
    limits.max_scans = table.max_scans.unwrap_or(limits.max_scans);
    let max_source_bytes = table
        .max_source_mib
        .map_or(DEFAULT_MAX_SOURCE_BYTES, |mebibytes| mebibytes.saturating_mul(1 << 20));
    (limits, max_source_bytes)
}

/// A limit of 0 refuses every upload, and nobody means that.
fn refuse_nothing_at_all(table: &LimitsTable, problems: &mut Problems) {
    let settings = [
        ("max_megapixels", table.max_megapixels),
        ("max_animation_megapixels", table.max_animation_megapixels),
        ("max_frames", table.max_frames.map(u64::from)),
        ("max_scans", table.max_scans.map(u64::from)),
        ("max_source_mib", table.max_source_mib),
        ("max_memory_mib", table.max_memory_mib),
        ("s3_patience_ms", table.s3_patience_ms),
    ];
    for (name, _) in settings.into_iter().filter(|(_, value)| *value == Some(0)) {
        let problem = format!(
            "{name} of [limits] is 0, which no upload could keep to; leave it out for the default"
        );
        problems.add(0, problem);
    }
}

fn read_completion(table: &CompletionTable, problems: &mut Problems) -> Option<Channel> {
    problems.unknown(0, "[completion]", &table.unknown);
    match (&table.event_bus, &table.sns_topic) {
        (None, None) => None,
        (Some(bus), None) if !bus.is_empty() => Some(Channel::EventBus(bus.clone())),
        (None, Some(topic)) if topic.starts_with("arn:") => Some(Channel::SnsTopic(topic.clone())),
        (Some(_), Some(_)) => {
            problems.add(0, "[completion] has event_bus and sns_topic; choose one".to_owned());
            None
        }
        _ => {
            let problem = "[completion] needs the name or ARN of an event bus, or a topic's ARN";
            problems.add(0, problem.to_owned());
            None
        }
    }
}

fn read_rule(
    index: usize,
    table: &RuleTable,
    line: usize,
    output_bucket: &str,
    problems: &mut Problems,
) -> PlacedRule {
    let name = table.name.clone().unwrap_or_else(|| format!("rule {}", index + 1));
    problems.unknown(line, &format!("rule {name:?}"), &table.unknown);
    let request = read_request(table, problems);
    let source = read_source(table, problems);
    let (output, key_line) = read_output(table, line, output_bucket, problems);
    let originals = read_originals(table.originals.as_ref(), problems);
    let bucket_line = table.output.bucket.as_ref().map(|bucket| problems.line_of(bucket));
    let output_line = if key_line == line { bucket_line.unwrap_or(line) } else { key_line };
    let source_line = (table.globs.as_ref().map(|globs| globs.span().start))
        .or(table.prefix.as_ref().map(|prefix| prefix.span().start))
        .or(table.suffix.as_ref().map(|suffix| suffix.span().start))
        .map(|offset| problems.line(offset));
    let rule = Rule {
        // Once everything that they depend on is known.
        recipe: String::new(),
        refusal_fingerprint: String::new(),
        name,
        source,
        request,
        output,
        originals,
    };
    check_sides(&rule, table.output.naming.as_ref(), output_line, problems);
    check_keys(&rule, output_line, problems);
    check_sources(&rule, output_line, problems);
    PlacedRule { rule, source_line: source_line.unwrap_or(line), output_line }
}

fn read_request(table: &RuleTable, problems: &mut Problems) -> Request {
    let animation = variant::own_word(&table.animation, "animation", &ANIMATIONS, problems);
    let truncated = variant::own_word(&table.truncated, "truncated", &TRUNCATED, problems);
    Request {
        variants: variant::read_all(table, problems),
        animation: animation.unwrap_or_default(),
        truncated: truncated.unwrap_or_default(),
        trim: table.trim,
        // Whoever reads a manifest shows the picture.
        placeholders: table.output.manifest.is_some(),
    }
}

fn read_source(table: &RuleTable, problems: &mut Problems) -> SourceFilter {
    let mut globs = Vec::new();
    if let Some(texts) = &table.globs {
        let line = problems.line_of(texts);
        let texts = match texts.as_ref() {
            OneOrMany::One(text) => std::slice::from_ref(text),
            OneOrMany::Many(texts) => texts,
        };
        for text in texts {
            match Pattern::parse_glob(text) {
                Ok(patterns) => globs.extend(patterns),
                Err(reason) => problems.add(line, format!("the glob {text:?} {reason}")),
            }
        }
        if texts.is_empty() {
            problems.add(line, "`match` has no glob; leave it out to take every key".to_owned());
        }
    } else {
        globs.push(Pattern::everything());
    }
    let text = |value: &Option<Spanned<String>>| {
        value.as_ref().map(|value| value.as_ref().clone()).unwrap_or_default()
    };
    SourceFilter {
        bucket: table.bucket.clone(),
        globs,
        prefix: text(&table.prefix),
        suffix: text(&table.suffix),
    }
}

/// A key must not ask for a side that a variant leaves open: what the picture's turns out to be
/// does not follow from the rule.
fn check_sides(
    rule: &Rule,
    naming: Option<&Spanned<String>>,
    line: usize,
    problems: &mut Problems,
) {
    let advice = naming.map_or(String::new(), |naming| {
        format!("; naming {:?} needs a width and a height of every variant", naming.as_ref())
    });
    for spec in &rule.request.variants {
        for (field, side) in [(Field::Width, spec.width), (Field::Height, spec.height)] {
            if rule.output.key.names(field) && side.is_none() {
                let (name, field) = (&spec.name, field.name());
                let problem = format!("variant {name:?} has no {{{field}}} for its key{advice}");
                problems.add(line, problem);
            }
        }
    }
}

/// Two sources must not be certain to share their keys.
fn check_sources(rule: &Rule, line: usize, problems: &mut Problems) {
    if rule.source.takes_one_key() {
        return;
    }
    let output = &rule.output;
    for template in [&output.key, &output.failure].into_iter().chain(&output.manifest) {
        if !template.names_source() {
            let key = template.to_string();
            let problem = format!(
                "the key {key:?} is the same for every upload; name {{key}} in it, or let the rule \
                 take a single key"
            );
            problems.add(line, problem);
        }
    }
}

/// Two results must not share a key.
fn check_keys(rule: &Rule, line: usize, problems: &mut Problems) {
    for (index, spec) in rule.request.variants.iter().enumerate() {
        if rule.request.variants[..index].iter().any(|earlier| earlier.name == spec.name) {
            problems.add(line, format!("{:?} has two variants named {:?}", rule.name, spec.name));
        }
    }
    let example =
        crate::event::ObjectRef { bucket: "bucket".to_owned(), key: "dir/stem.ext".to_owned() };
    let targets = rule.targets(&example);
    let mut keys: Vec<(&str, &str)> = targets
        .variants
        .iter()
        .map(|target| (target.key.as_str(), target.variant.as_str()))
        .collect();
    if rule.output.key.names(Field::Suffix) {
        // A variant of one format is one file, whatever that format turns out to be.
        let has_one = |name: &str| {
            let mut specs = rule.request.variants.iter();
            specs.any(|spec| spec.name == name && spec.formats.len() == 1)
        };
        keys.dedup_by(|later, earlier| later == earlier && has_one(later.1));
    }
    keys.extend(targets.manifest.as_deref().map(|key| (key, "the manifest")));
    keys.push((&targets.failure, "the failure record"));
    keys.sort_unstable();
    for pair in keys.windows(2) {
        if pair[0].0 == pair[1].0 {
            let (key, first, second) = (pair[0].0, pair[0].1, pair[1].1);
            let problem = format!("{first} and {second} of {:?} share the key {key:?}", rule.name);
            problems.add(line, problem);
        }
    }
}
