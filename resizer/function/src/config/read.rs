//! TOML text in, a configuration out, or all that is wrong with the text.

use toml::de::DeTable;

use super::checks::{self, PlacedRule};
use super::loops::find_loops;
use super::problems::Problems;
use super::reader::Reader;
use super::settings::{FILE, completion, endpoint, limits, metrics, output::OF_BUCKETS, rule};
use super::{Config, syntax, warnings};
use crate::rules::Rule;
use crate::template::Template;

/// What the environment says where the text does not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults<'a> {
    /// A template for the bucket of the results of rules that name none.
    pub(super) output_bucket: &'a str,
    /// The bucket of the uploads of rules that name none; any without it.
    pub(super) upload_bucket: Option<&'a str>,
    /// The most memory of an upload.
    pub(super) memory_bytes: u64,
    /// What signs URLs of the endpoint, as `RESIZER_SIGNING_KEYS` has it.
    pub(super) signing_keys: Option<&'a str>,
}

pub(super) fn parse(text: &str, defaults: Defaults<'_>) -> Result<Config, Vec<String>> {
    let output_bucket = OF_BUCKETS
        .parse("RESIZER_OUTPUT_BUCKET", defaults.output_bucket)
        .map_err(|problem| vec![problem])?;
    let problems = Problems::new(text);
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // What the rest of such a text says is anyone's guess.
        syntax::tell(text, &errors, &problems);
        return Err(problems.end().expect_err("a problem is listed"));
    }
    let file = Reader::new(&FILE, document.get_ref(), 0, &problems);
    let limits = limits::read(&file.section(&limits::LIMITS), defaults.memory_bytes);
    let completion = completion::read(&file.section(&completion::COMPLETION));
    let metrics_namespace = metrics::read(&file.section(&metrics::METRICS));
    let endpoint = endpoint::read(&file, defaults, &output_bucket);
    let mut rules = read_rules(&file, &output_bucket);
    for placed in &mut rules {
        let bucket = &mut placed.rule.source.bucket;
        *bucket = bucket.take().or_else(|| defaults.upload_bucket.map(str::to_owned));
        if completion.is_some() {
            // Whoever is told shows it too.
            placed.rule.request.placeholders = true;
        }
    }
    rules.iter().for_each(|placed| checks::check(placed, &problems));
    find_loops(&rules, &problems);
    if let Some(endpoint) = &endpoint {
        let at = file.at_of("endpoint").unwrap_or_default();
        checks::check_endpoint((endpoint, at), &rules, &problems);
    }
    warnings::warn(&rules, &problems);
    let warnings = problems.end()?;
    let rules: Vec<Rule> = rules.into_iter().map(|placed| placed.rule).collect();
    Ok(Config {
        limits: limits.limits,
        threads: 1,
        processor_share: 1.0,
        max_source_bytes: limits.max_source_bytes,
        s3_timeout: limits.s3_timeout,
        late_requests: limits.late_requests,
        completion,
        metrics_namespace,
        endpoint,
        warnings,
        rules,
    })
}

/// Those that are good as far as their keys and uploads go.
fn read_rules(file: &Reader<'_>, output_bucket: &Template) -> Vec<PlacedRule> {
    let Ok(mut tables) = file.sections(&rule::RULE) else { return Vec::new() };
    if tables.is_empty() {
        tables.push(Reader::empty(&rule::RULE, 0, file.problems));
    }
    let rules = tables.iter().enumerate();
    rules.filter_map(|(index, table)| rule::read(index, table, output_bucket).ok()).collect()
}
