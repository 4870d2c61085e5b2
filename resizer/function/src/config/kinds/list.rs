//! One value, or a list of such values.

use serde_json::{Value as Json, json};
use toml::de::DeValue;

use super::{Given, Kind};
use crate::config::problems::Told;

/// At least one of another kind; a single one needs no brackets.
pub(in crate::config) struct OneOrMany<K>(pub(in crate::config) K);

impl<K: Kind> Kind for OneOrMany<K> {
    type Value = Vec<K::Value>;

    fn takes(&self) -> String {
        format!("{}, or a list of such", self.0.takes())
    }

    fn read(&self, given: &Given<'_>) -> Result<Vec<K::Value>, Told> {
        let DeValue::Array(values) = given.value.get_ref() else {
            if matches!(given.value.get_ref(), DeValue::String(_) | DeValue::Integer(_)) {
                return self.0.read(given).map(|value| vec![value]);
            }
            return Err(given.wrong(&self.takes()));
        };
        if values.is_empty() {
            let name = &given.name;
            let problem = format!("`{name}` is an empty list; leave it out, or give it a value");
            return Err(given.problem(problem));
        }
        // All of them, before the first wrong one counts.
        let values: Vec<_> = values.iter().map(|value| self.0.read(&given.part(value))).collect();
        values.into_iter().collect()
    }

    fn schema(&self) -> Json {
        let one = self.0.schema();
        json!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }

    fn words(&self) -> Vec<(String, &'static str)> {
        self.0.words()
    }
}
