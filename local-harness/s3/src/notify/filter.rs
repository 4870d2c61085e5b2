//! Which keys a notification rule is about.

use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// The filter rules on the plain key, kept as they were put.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyFilter {
    pub(crate) rules: Vec<KeyFilterRule>,
}

/// One filter rule; `name` is `prefix` or `suffix` in any case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyFilterRule {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl KeyFilter {
    pub(crate) fn matches(&self, key: &str) -> bool {
        key.starts_with(self.value("prefix")) && key.ends_with(self.value("suffix"))
    }

    fn value(&self, name: &str) -> &str {
        let rule = self.rules.iter().find(|rule| rule.name.eq_ignore_ascii_case(name));
        rule.map_or("", |rule| rule.value.as_str())
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let (a, b) = (self.value("prefix"), other.value("prefix"));
        let (c, d) = (self.value("suffix"), other.value("suffix"));
        (a.starts_with(b) || b.starts_with(a)) && (c.ends_with(d) || d.ends_with(c))
    }

    /// Refuses names other than `prefix` and `suffix`, and two of either.
    ///
    /// Errors: `InvalidArgument`.
    pub(crate) fn check(&self) -> S3Result<()> {
        let count = |name: &str| {
            self.rules.iter().filter(|rule| rule.name.eq_ignore_ascii_case(name)).count()
        };
        let (prefixes, suffixes) = (count("prefix"), count("suffix"));
        if prefixes + suffixes != self.rules.len() {
            let message = "filter rule name must be either prefix or suffix";
            return Err(s3_error!(InvalidArgument, "{message}"));
        }
        if prefixes > 1 || suffixes > 1 {
            let message = "Cannot specify more than one prefix or suffix rule in a filter.";
            return Err(s3_error!(InvalidArgument, "{message}"));
        }
        Ok(())
    }
}
