//! Declarations in, a JSON Schema out, by which editors complete and check a configuration.

use serde_json::{Map, Value as Json, json};
use toml::de::DeValue;

use super::declare::{Table, Without};
use super::settings::FILE;

/// The schema of a whole file, as JSON text with a newline at its end. Draft 7, which editors'
/// plug-ins for TOML know.
pub fn schema() -> String {
    let mut schema = of_table(&FILE);
    schema["$schema"] = "http://json-schema.org/draft-07/schema#".into();
    schema["title"] = "Configuration of the image resizer".into();
    format!("{schema:#}\n")
}

/// The schema of a table, or of a list of such tables.
pub(super) fn of_table(table: &Table) -> Json {
    let properties = table.all_settings().map(|setting| {
        let mut schema = setting.schema();
        schema["description"] = setting.doc().into();
        let is_inherited = table.inherits.is_some() && table.is_shared(setting.name());
        if let (Some(Without::Value(text)), false) = (setting.without(), is_inherited) {
            schema["default"] = from_toml(text);
        }
        if let (Some(example), None) = (setting.example(), setting.table()) {
            schema["examples"] = json!([from_toml(example)]);
        }
        (setting.name().to_owned(), schema)
    });
    let properties: Map<String, Json> = properties.collect();
    let one = json!({
        "type": "object",
        "description": table.doc,
        "properties": properties,
        "additionalProperties": false,
    });
    if table.is_list { json!({ "type": "array", "items": one }) } else { one }
}

/// # Panics
/// For what is no TOML: declarations are.
fn from_toml(text: &str) -> Json {
    let value = DeValue::parse(text).expect("declarations are TOML");
    to_json(value.get_ref())
}

fn to_json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => json!(text),
        DeValue::Integer(number) => {
            let number = number.to_string();
            number.parse::<u64>().map_or_else(|_| json!(number), |number| json!(number))
        }
        DeValue::Float(number) => {
            number.as_str().parse::<f64>().map_or(Json::Null, |number| json!(number))
        }
        DeValue::Boolean(flag) => json!(flag),
        DeValue::Datetime(date) => json!(date.to_string()),
        DeValue::Array(values) => values.iter().map(|value| to_json(value.get_ref())).collect(),
        DeValue::Table(values) => {
            let members = values.iter();
            members
                .map(|(name, value)| (name.get_ref().to_string(), to_json(value.get_ref())))
                .collect()
        }
    }
}
