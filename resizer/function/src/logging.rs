//! Diagnostics as JSON lines on standard output: time, level, the invocation's request id.
//! The line per upload is made by `log_line`; this is for everything else.

use std::fmt::Debug;
use std::io::{Write, stdout};
use std::time::SystemTime;

use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Scope};

/// Installs the layer for the whole process. `AWS_LAMBDA_LOG_LEVEL` sets the level, INFO without.
pub fn install() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").ok();
    let level = level.and_then(|level| level.parse().ok()).unwrap_or(LevelFilter::INFO);
    // The runtime crate repeats every failed answer as a Debug text; `lambda` says it readably.
    let targets =
        Targets::new().with_default(level).with_target("lambda_runtime", LevelFilter::OFF);
    let subscriber = tracing_subscriber::registry().with(JsonLines.with_filter(targets));
    // A second installation in one process changes nothing, and that is fine.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// A moment as logs write it.
pub fn timestamp(time: SystemTime) -> String {
    OffsetDateTime::from(time).format(&Rfc3339).unwrap_or_default()
}

struct JsonLines;

struct Members(Map<String, Value>);

impl<S> Layer<S> for JsonLines
where
    S: Subscriber + for<'lookup> LookupSpan<'lookup>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut members = Members(Map::new());
        attributes.record(&mut members);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(members);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut line = Members(Map::new());
        line.insert("timestamp", timestamp(SystemTime::now()));
        line.insert("level", event.metadata().level().to_string());
        for span in context.event_scope(event).into_iter().flat_map(Scope::from_root) {
            if let Some(members) = span.extensions().get::<Members>() {
                line.0.extend(members.0.clone());
            }
        }
        event.record(&mut line);
        print(&Value::Object(line.0).to_string());
    }
}

/// Prints a line of the log. One that cannot be written is lost: the work goes on.
pub(crate) fn print(line: &str) {
    let _ = writeln!(stdout().lock(), "{line}");
}

impl Members {
    fn insert(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }
}

impl Visit for Members {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.insert(field.name(), value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.insert(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.insert(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.insert(field.name(), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.insert(field.name(), format!("{value:?}"));
    }
}
