//! The text of an `extension.yaml` in, the defaults of its parameters out.

use std::collections::BTreeMap;

use yaml_rust2::parser::{Event, EventReceiver, Parser};
use yaml_rust2::{Yaml, YamlLoader};

/// Whether a YAML text has aliases, of which a few lines can make gigabytes.
struct Aliases(bool);

impl EventReceiver for Aliases {
    fn on_event(&mut self, event: Event) {
        self.0 |= matches!(event, Event::Alias(_));
    }
}

/// Whether a text looks like one, and not like variables.
pub(crate) fn is_extension(text: &str) -> bool {
    text.lines().any(|line| line.trim_end() == "params:")
}

/// Defaults by the names of their parameters.
///
/// # Errors
/// A sentence about a text that is no such file.
pub(crate) fn defaults(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut aliases = Aliases(false);
    let parsed = Parser::new_from_str(text).load(&mut aliases, true);
    parsed.map_err(|error| format!("no YAML: {error}"))?;
    if aliases.0 {
        return Err("it has aliases (`*name`); write out what they stand for".to_owned());
    }
    let documents = YamlLoader::load_from_str(text).map_err(|error| format!("no YAML: {error}"))?;
    let parameters = documents.first().map(|document| &document["params"]);
    let parameters = parameters.and_then(Yaml::as_vec).ok_or("no list of `params` in it")?;
    let default = |parameter: &Yaml| {
        let name = parameter["param"].as_str()?.to_owned();
        let value = match &parameter["default"] {
            Yaml::String(text) | Yaml::Real(text) => text.clone(),
            Yaml::Integer(number) => number.to_string(),
            Yaml::Boolean(flag) => flag.to_string(),
            _ => return None,
        };
        // Firebase fills in what stands for something of the project.
        (!value.contains("${")).then_some((name, value))
    };
    Ok(parameters.iter().filter_map(default).collect())
}
