//! Every setting of the configuration, declared beside the code that reads it; one file for each
//! table.

pub(super) mod completion;
pub(super) mod endpoint;
pub(super) mod limits;
pub(super) mod metrics;
pub(super) mod naming;
pub(super) mod originals;
pub(super) mod output;
pub(super) mod rule;
pub(super) mod source;
pub(super) mod storage;
pub(super) mod variant;

use super::declare::Table;

/// The file itself.
pub(super) static FILE: Table = Table {
    path: "",
    is_list: false,
    doc: "A file without any text is a good one: it has one rule, which takes every upload.",
    example: "[[rule]]",
    settings: &[
        &limits::LIMITS,
        &completion::COMPLETION,
        &metrics::METRICS,
        &endpoint::ENDPOINT,
        &rule::RULE,
    ],
    shared: &[],
    inherits: None,
    renamed: &[],
};
