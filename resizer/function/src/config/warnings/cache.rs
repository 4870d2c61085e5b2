//! What is doubtful in a Cache-Control header.
//! Source: RFC 9111, section 5.2; RFC 5861; RFC 8246.

use crate::config::similar::similar;

/// Directives that need a number of seconds.
const OF_SECONDS: [&str; 4] = ["max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"];

/// Directives without a value, or with one that may be left out.
const PLAIN: [&str; 9] = [
    "public",
    "private",
    "no-cache",
    "no-store",
    "no-transform",
    "must-revalidate",
    "proxy-revalidate",
    "must-understand",
    "immutable",
];

/// Warns of directives that say nothing to a browser, and of `immutable` where URLs stay the same
/// when an upload is replaced.
pub(in crate::config) fn check(text: &str, versioned_urls: bool, mut warn: impl FnMut(String)) {
    for directive in text.split(',').map(str::trim).filter(|directive| !directive.is_empty()) {
        let (name, value) = match directive.split_once('=') {
            Some((name, value)) => (name.trim(), Some(value.trim().trim_matches('"'))),
            None => (directive, None),
        };
        let name = name.to_ascii_lowercase();
        if name == "immutable" && !versioned_urls {
            warn(
                "`cache_control` says immutable, and a replaced upload replaces its variants under \
                 the same keys: browsers would show the old ones; set versioned_urls = true and \
                 take URLs from the manifest, or leave out immutable"
                    .to_owned(),
            );
        }
        if let Some(warning) = of_directive(directive, &name, value) {
            warn(warning);
        }
    }
}

fn of_directive(directive: &str, name: &str, value: Option<&str>) -> Option<String> {
    let is_seconds =
        |value: &str| !value.is_empty() && value.chars().all(|digit| digit.is_ascii_digit());
    if let Some(known) = OF_SECONDS.iter().find(|known| name.starts_with(**known)) {
        let is_good = *known == name && value.is_some_and(is_seconds);
        return (!is_good).then(|| {
            format!(
                "`cache_control` says {directive:?}, which browsers pass over: it needs a number \
                 of seconds, as in {known}=86400"
            )
        });
    }
    if PLAIN.contains(&name) {
        return None;
    }
    let near = similar(name, OF_SECONDS.into_iter().chain(PLAIN))?;
    Some(format!("`cache_control` says {directive:?}; did you mean {near}?"))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn only_what_browsers_do_not_understand_is_warned_of() {
        let warnings = |text: &str, versioned: bool| {
            let mut warnings = Vec::new();
            check(text, versioned, |warning| warnings.push(warning));
            warnings
        };
        for good in [
            "public, max-age=31536000",
            "no-cache",
            "Max-Age=60, must-revalidate, stale-while-revalidate=30",
            "private=\"x\", max-age=\"5\"",
            "community=\"UCI\"",
        ] {
            assert!(warnings(good, false).is_empty(), "{good}");
        }
        for wrong in ["max-age", "max-age=1d", "max-age 3600", "max-age=", "pubic", "no_store"] {
            assert_eq!(warnings(wrong, false).len(), 1, "{wrong}");
        }
        assert_eq!(warnings("max-age=9, immutable", false).len(), 1);
        assert!(warnings("max-age=9, immutable", true).is_empty());
    }
}
