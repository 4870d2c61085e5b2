//! Any text as a configuration: rules, or all problems in one message that says where they are.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizer::config::{Config, Settings};

fuzz_target!(|text: &str| {
    let settings = Settings {
        text: Some(text.to_owned()),
        output_bucket: Some("variants".to_owned()),
        memory_size_mib: Some(1024),
        ..Settings::default()
    };
    if let Err(error) = Config::load(&settings) {
        assert!(!error.problems.is_empty(), "a refusal says why");
        assert!(error.problems.iter().all(|problem| !problem.is_empty()), "{error}");
    }
});
