//! `resizer check`: a configuration in; its problems, its warnings, and what each rule would write
//! out.

use std::fmt::Write;
use std::process::ExitCode;

use resizer::config::Config;
use resizer::event::ObjectRef;
use resizer::example;
use resizer::made::unfit_keys;
use resizer::reason::reason;
use resizer::rules::{Originals, Rule};
use resizer_engine::spec::{Fit, FormatSpec, OutputFormat, VariantSpec};

use crate::Misuse;
use crate::command_line::CheckArguments;
use crate::configuration;
use crate::output::{complain, counted, print, shown, subtype};
use crate::table::{Align, Table};

/// Runs the command.
///
/// # Errors
/// `Misuse` where the file cannot be read.
pub(crate) fn run(arguments: &CheckArguments) -> Result<ExitCode, Misuse> {
    let config = match configuration::load(Some(&arguments.config), &arguments.function)? {
        Ok(config) => config,
        Err(error) => {
            complain(&format!("{error}\n"));
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut text = format!(
        "{} can be used: {}, {}.\n",
        arguments.config.display(),
        counted(config.rules.len(), "rule", "rules"),
        counted(config.warnings.len(), "warning", "warnings")
    );
    for (index, rule) in config.rules.iter().enumerate() {
        match example::upload(&config.rules, index, &arguments.function.upload_bucket) {
            Some(upload) => describe(&mut text, &config, &upload),
            None => writeln!(
                text,
                "\nRule {:?}: no key comes to mind that it takes; name one with --key.",
                rule.name
            )
            .expect("a String takes every write"),
        }
    }
    for key in &arguments.keys {
        describe(&mut text, &config, &named(key, &arguments.function.upload_bucket));
    }
    let warnings = config.warnings.iter().map(|warning| format!("warning: {warning}\n"));
    complain(&warnings.collect::<String>());
    print(&text);
    let is_refused = arguments.strict && !config.warnings.is_empty();
    Ok(if is_refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// `KEY`, or `s3://BUCKET/KEY`.
fn named(name: &str, bucket: &str) -> ObjectRef {
    let other = name.strip_prefix("s3://").and_then(|name| name.split_once('/'));
    let (bucket, key) = other.unwrap_or((bucket, name));
    ObjectRef { bucket: bucket.to_owned(), key: key.to_owned() }
}

fn describe(text: &mut String, config: &Config, upload: &ObjectRef) {
    let said = match config.rule_for(upload) {
        Ok(rule) => format!("rule {:?}\n{}", rule.name, results(rule, upload)),
        Err(ignored) => {
            let reason = reason(&config.rules, upload, ignored);
            let reason = reason.as_deref().unwrap_or(ignored.reason());
            format!("nothing ({}): {reason}\n", ignored.code())
        }
    };
    write!(text, "\n{} -> {said}", place(upload)).expect("a String takes every write");
}

/// What the rule would write for the upload, a line each.
fn results(rule: &Rule, upload: &ObjectRef) -> String {
    let targets = rule.targets(upload);
    if let Some(refusal) = unfit_keys(&targets) {
        return format!("  refused ({}): {refusal}\n", refusal.code());
    }
    let columns = ["result", "size", "fit", "format", "key"].map(|name| (name, Align::Left));
    let mut table = Table::new(columns);
    for spec in &rule.request.variants {
        for asked in &spec.formats {
            let possible = asked.possible(rule.request.animation);
            let named = possible.iter().find(|format| format.is_named_by(&upload.key));
            let Some(&format) = named.or(possible.first()) else { continue };
            let key = targets.key_of(&spec.name, format);
            table.add([
                shown(&spec.name),
                size(spec),
                fit(spec).to_owned(),
                format_name(*asked, format),
                place(&targets.object(key)),
            ]);
        }
    }
    let mut record = |what: &str, object: &ObjectRef| {
        let [size, fit, format] = std::array::from_fn(|_| String::new());
        table.add([what.to_owned(), size, fit, format, place(object)]);
    };
    if let Some(key) = &targets.manifest {
        record("(manifest)", &targets.object(key));
    }
    record("(if refused)", &targets.object(&targets.failure));
    if let Some(object) = &targets.moved {
        record("(original)", object);
    }
    let deleted = "  The original is deleted once all of this is stored.\n";
    table.text("  ") + if rule.originals == Originals::Delete { deleted } else { "" }
}

fn format_name(asked: FormatSpec, format: OutputFormat) -> String {
    let format = subtype(format.media_type());
    match asked {
        FormatSpec::Source => format!("source ({format})"),
        FormatSpec::Auto => "auto (avif or webp)".to_owned(),
        FormatSpec::Fixed(_) => format.to_owned(),
    }
}

fn size(spec: &VariantSpec) -> String {
    let side = |side: Option<u32>| side.map_or_else(|| "?".to_owned(), |side| side.to_string());
    match (spec.width, spec.height) {
        (None, None) => "full".to_owned(),
        (width, height) => format!("{}x{}", side(width), side(height)),
    }
}

fn fit(spec: &VariantSpec) -> &'static str {
    match spec.fit {
        Fit::Inside => "inside",
        Fit::Cover => "cover",
        Fit::Pad => "pad",
        Fit::Exact => "exact",
    }
}

fn place(object: &ObjectRef) -> String {
    shown(&format!("s3://{}/{}", object.bucket, object.key))
}
