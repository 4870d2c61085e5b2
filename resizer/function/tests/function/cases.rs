//! Configurations in files, and the whole message that each of them gets. RESIZER_ACCEPT=1 writes
//! what is said today; read it before you commit it.

use std::fs;
use std::path::{Path, PathBuf};

use resizer::config::{Config, Settings, reference, schema};

/// `NAME.toml` and, beside it, what is said of it.
fn cases(folder: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configurations").join(folder);
    let entries = fs::read_dir(&folder).expect("a folder of cases");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).expect("a readable case");
        (path.with_extension("txt"), text)
    };
    paths.map(read).collect()
}

fn load(text: &str) -> Result<Config, String> {
    let settings = Settings { text: Some(text.to_owned()), ..Settings::default() };
    Config::load(&settings).map_err(|error| error.to_string())
}

/// What is committed is what the code says.
fn assert_committed(path: &Path, said: &str) {
    if std::env::var_os("RESIZER_ACCEPT").is_some() {
        fs::write(path, said).expect("a place to write to");
    }
    let expected = fs::read_to_string(path).unwrap_or_default();
    assert!(
        expected == said,
        "{} is not what the code says; RESIZER_ACCEPT=1 writes it:\n{said}",
        path.display()
    );
}

#[test]
fn every_mistake_has_its_whole_message() {
    let cases = cases("refused");
    assert_eq!(cases.len(), 32);
    for (path, text) in cases {
        let message = load(&text).expect_err(&path.display().to_string());
        assert_committed(&path, &format!("{message}\n"));
        for unclear in ["expected", "struct", "u64", "u32", "string", "Table"] {
            let is_toml = message.contains("no TOML");
            assert!(is_toml || !message.contains(unclear), "{unclear:?} in {message}");
        }
    }
}

#[test]
fn every_doubtful_setting_has_its_warning() {
    let cases = cases("warned");
    assert_eq!(cases.len(), 12);
    for (path, text) in cases {
        let config = load(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!config.warnings.is_empty(), "{}", path.display());
        assert_committed(&path, &format!("{}\n", config.warnings.join("\n")));
    }
}

/// Configurations that end anywhere or lack a line: read, or refused with a reason, in any case
/// without a panic.
#[test]
fn damaged_configurations_are_refused_with_a_reason() {
    for (path, text) in cases("refused").into_iter().chain(cases("warned")) {
        let lines: Vec<&str> = text.lines().collect();
        let without = (0..lines.len()).map(|left_out| {
            let kept = lines.iter().enumerate().filter(|(index, _)| *index != left_out);
            kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
        });
        let truncated = text.char_indices().step_by(5).map(|(end, _)| text[..end].to_owned());
        for damaged in without.chain(truncated) {
            let settings = Settings { text: Some(damaged.clone()), ..Settings::default() };
            if let Err(error) = Config::load(&settings) {
                let is_told = !error.problems.is_empty();
                let mut problems = error.problems.iter();
                assert!(is_told && problems.all(|one| !one.is_empty()), "{}", path.display());
            }
        }
    }
}

fn document(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

#[test]
fn the_committed_reference_is_that_of_the_code() {
    assert_committed(&document("configuration.md"), &reference());
}

#[test]
fn the_committed_schema_is_that_of_the_code() {
    assert_committed(&document("configuration.schema.json"), &schema());
}
