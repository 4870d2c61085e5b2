//! A file in, the function's configuration out, read as the function reads it at its start.

use std::path::Path;

use resizer::config::{Config, ConfigError, Settings};

use crate::Misuse;
use crate::command_line::FunctionArguments;

/// The configuration of a text, by the rules of the function's start.
///
/// # Errors
/// All that is wrong with it.
pub(crate) fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::load(&Settings { text: Some(text.to_owned()), ..Settings::default() })
}

/// The configuration of a file, or the function's default without one.
///
/// # Errors
/// The outer one where the file cannot be read, the inner one where its text cannot be used.
pub(crate) fn load(
    file: Option<&Path>,
    function: &FunctionArguments,
) -> Result<Result<Config, ConfigError>, Misuse> {
    let text = file.map(|file| {
        let text = std::fs::read_to_string(file);
        text.map_err(|error| Misuse(format!("{} cannot be read: {error}", file.display())))
    });
    let settings = Settings {
        text: text.transpose()?,
        file: None,
        output_bucket: function.output_bucket.clone(),
        upload_bucket: Some(function.upload_bucket.clone()),
        memory_size_mib: function.memory,
        processors: None,
        signing_keys: Settings::from_env().signing_keys,
    };
    Ok(Config::load(&settings).map_err(|error| ConfigError {
        origin: file.map_or(error.origin, |file| file.display().to_string()),
        problems: error.problems,
    }))
}
