//! The function's configuration, checked before anything starts, and the buckets that it names.

use std::path::{Path, PathBuf};

use resizer::config::{Config, ConfigError, Secret, Settings};
use resizer::rules::Originals;
use resizer::template::{SourceName, Template, VariantName};

use crate::commands::CommandError;

/// The upload bucket unless an option or the configuration names one.
const DEFAULT_BUCKET: &str = "uploads";

/// How a configuration is read.
#[derive(Debug, Clone)]
pub struct ConfigSource {
    /// The file; without one, the built-in configuration applies.
    pub path: Option<PathBuf>,
    /// The function's memory, on which some limits depend.
    pub memory_size_mb: u32,
    /// What signs URLs of the endpoint.
    pub signing_keys: Option<String>,
}

/// A valid configuration.
#[derive(Debug, Clone)]
pub struct CheckedConfig {
    /// As it was written; empty for the built-in one.
    pub text: String,
    /// As the function understands it.
    pub config: Config,
}

/// The buckets of a configuration, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Buckets {
    /// Those whose uploads become variants; the first one is that of examples.
    pub uploads: Vec<String>,
    /// Those of variants.
    pub outputs: Vec<String>,
    /// Those of moved originals, and of the endpoint.
    pub others: Vec<String>,
}

impl ConfigSource {
    /// Reads and checks the file.
    ///
    /// # Errors
    /// `File` where it cannot be read, `Config` with all of its problems.
    pub fn read(&self) -> Result<CheckedConfig, CommandError> {
        let text = match &self.path {
            Some(path) => std::fs::read_to_string(path).map_err(CommandError::file(path))?,
            None => String::new(),
        };
        self.check(text)
            .map_err(|error| CommandError::Config(ConfigError { origin: self.name(), ..error }))
    }

    /// Checks a text that stands for the file's.
    ///
    /// # Errors
    /// All problems of the text.
    pub fn check(&self, text: String) -> Result<CheckedConfig, ConfigError> {
        let settings = Settings {
            text: (!text.trim().is_empty()).then(|| text.clone()),
            memory_size_mib: Some(self.memory_size_mb.into()),
            signing_keys: self.signing_keys.clone().map(Secret),
            ..Settings::default()
        };
        Ok(CheckedConfig { config: Config::load(&settings)?, text })
    }

    /// For messages.
    pub fn name(&self) -> String {
        self.path.as_deref().map_or("built-in".into(), |path: &Path| path.display().to_string())
    }
}

impl Buckets {
    /// Those of a configuration; `chosen` is an upload bucket besides those that rules name.
    pub fn of(config: &Config, chosen: Option<&str>) -> Self {
        let mut buckets = Self::default();
        let named = config.rules.iter().filter_map(|rule| rule.source.bucket.as_deref());
        chosen.into_iter().chain(named).for_each(|name| add(&mut buckets.uploads, name));
        if buckets.uploads.is_empty() {
            let endpoint = config.endpoint.as_ref().map(|endpoint| endpoint.bucket.as_str());
            buckets.uploads.push(endpoint.unwrap_or(DEFAULT_BUCKET).to_owned());
        }
        for rule in &config.rules {
            let uploads = match &rule.source.bucket {
                Some(bucket) => vec![bucket.clone()],
                None => buckets.uploads.clone(),
            };
            for upload in uploads {
                let filled = |template: &Template| {
                    let source = SourceName { bucket: &upload, key: "" };
                    template.render(source, VariantName::default())
                };
                add(&mut buckets.outputs, &filled(&rule.output.bucket));
                if let Originals::Move { bucket, .. } = &rule.originals {
                    add(&mut buckets.others, &filled(bucket));
                }
            }
        }
        if let Some(endpoint) = &config.endpoint {
            add(&mut buckets.others, &endpoint.bucket);
            add(&mut buckets.outputs, &endpoint.results.bucket);
        }
        let Self { uploads, outputs, others } = &mut buckets;
        others.retain(|name| !uploads.contains(name) && !outputs.contains(name));
        buckets
    }

    /// All of them, each once.
    pub fn all(&self) -> Vec<String> {
        let mut all = Vec::new();
        let groups = [&self.uploads, &self.outputs, &self.others];
        groups.into_iter().flatten().for_each(|name| add(&mut all, name));
        all
    }
}

fn add(list: &mut Vec<String>, name: &str) {
    if !list.iter().any(|known| known == name) {
        list.push(name.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::{Buckets, ConfigSource};

    fn buckets(text: &str, chosen: Option<&str>) -> Buckets {
        let source = ConfigSource { path: None, memory_size_mb: 1769, signing_keys: None };
        let checked = source.check(text.to_owned()).expect("a valid configuration");
        Buckets::of(&checked.config, chosen)
    }

    #[test]
    fn the_built_in_configuration_takes_the_bucket_that_is_chosen() {
        let built_in = buckets("", None);
        assert_eq!(built_in.uploads, ["uploads"]);
        assert_eq!(built_in.outputs, ["uploads-variants"]);
        assert_eq!(buckets("", Some("photos")).all(), ["photos", "photos-variants"]);
    }
}
