//! Which tests a plain `cargo test` leaves out: those that are ignored because they need something
//! from outside the repository, and those behind a build feature. Read from the sources.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::{Text, manifest, members, rust};

/// What is needed, and how many tests need it.
pub type Needs = BTreeMap<String, usize>;

/// A test program that is built with a feature only.
struct Gated {
    /// `PACKAGE/tests/NAME`, without an extension.
    path: String,
    /// What is said of it.
    need: String,
}

/// The tests of this repository that are left out.
pub fn needs() -> Needs {
    let gated: Vec<Gated> = members().iter().flat_map(|member| gated(member)).collect();
    let mut needs = Needs::new();
    for text in rust() {
        match gated.iter().find(|gated| is_part_of(&text, &gated.path)) {
            Some(gated) => {
                let tests = text.content.lines().filter(|line| line.trim() == "#[test]");
                add(&mut needs, &gated.need, tests.count());
            }
            None => text.content.lines().filter_map(need).for_each(|need| add(&mut needs, need, 1)),
        }
    }
    needs
}

/// The summary, or nothing where no test is left out.
pub fn summary(needs: &Needs) -> String {
    let total: usize = needs.values().sum();
    if total == 0 {
        return String::new();
    }
    let mut out = format!("\n{total} tests were left out. They need\n");
    for (need, count) in needs {
        writeln!(out, "{count:>6}  {need}").expect("strings take everything");
    }
    out + "CONTRIBUTING.md says how to run them.\n"
}

fn add(needs: &mut Needs, need: &str, count: usize) {
    if count > 0 {
        *needs.entry(need.to_owned()).or_default() += count;
    }
}

/// What an ignored test says that it needs.
fn need(line: &str) -> Option<&str> {
    line.trim().strip_prefix(r#"#[ignore = "needs "#)?.strip_suffix("\"]")
}

fn is_part_of(text: &Text, program: &str) -> bool {
    let rest = text.path.strip_prefix(program);
    rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// The test programs of a member that are built with features only.
fn gated(member: &str) -> Vec<Gated> {
    let (_, table) = manifest(&format!("{member}/Cargo.toml"));
    let package = table["package"]["name"].as_str().expect("a name");
    let tests = table.get("test").and_then(toml::Value::as_array);
    let gated = tests.into_iter().flatten().filter_map(|test| {
        let features = test.get("required-features")?.as_array()?;
        let features: Vec<&str> = features.iter().filter_map(toml::Value::as_str).collect();
        Some(Gated {
            path: format!("{member}/tests/{}", test.get("name")?.as_str()?),
            need: format!("the feature `{}` of {package}", features.join(",")),
        })
    });
    gated.collect()
}

#[cfg(test)]
mod tests {
    use super::{Needs, need, needs, summary};

    #[test]
    fn what_an_ignored_test_needs_is_what_it_says() {
        assert_eq!(need(r#"    #[ignore = "needs a printer"]"#), Some("a printer"));
        assert_eq!(need("#[test]"), None);
    }

    #[test]
    fn the_summary_counts() {
        let needs = Needs::from([("a printer".to_owned(), 2), ("rain".to_owned(), 10)]);
        let lines = "\n12 tests were left out. They need\n     2  a printer\n    10  rain\n";
        assert!(summary(&needs).starts_with(lines), "{}", summary(&needs));
        assert_eq!(summary(&Needs::new()), "");
    }

    #[test]
    fn the_tests_of_this_repository_are_found() {
        let needs = needs();
        assert!(needs.keys().any(|need| need.starts_with("the feature ")), "{needs:?}");
        assert!(needs.contains_key("RESIZER_CORPUS"), "{needs:?}");
    }
}
