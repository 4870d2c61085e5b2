//! Patterns of keys, and templates that keys are made of.

use serde_json::{Value as Json, json};

use super::{Given, Kind, either};
use crate::config::problems::Told;
use crate::config::similar::similar;
use crate::pattern::Pattern;
use crate::template::{Field, Template, TemplateError};

/// A pattern of whole keys, as one for each of its alternatives.
pub(in crate::config) struct Glob;

impl Kind for Glob {
    type Value = Vec<Pattern>;

    fn takes(&self) -> String {
        "a pattern of whole keys in quotes".to_owned()
    }

    fn read(&self, given: &Given<'_>) -> Result<Vec<Pattern>, Told> {
        let Some(text) = given.text().filter(|text| !text.is_empty()) else {
            return Err(given.wrong(&self.takes()));
        };
        Pattern::parse_glob(text).map_err(|reason| {
            let (name, example) = (&given.name, &given.example);
            given.problem(format!("`{name}` is {text:?}, which {reason}; as in {name} = {example}"))
        })
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}

/// A template that may name these fields.
pub(in crate::config) struct KeyTemplate(pub(in crate::config) &'static [Field]);

impl KeyTemplate {
    /// Reads a text that stands in the file, or for one.
    pub(in crate::config) fn parse(&self, name: &str, text: &str) -> Result<Template, String> {
        let told = |field: &str| self.unknown(name, field);
        let template = Template::parse(text).map_err(|error| match error {
            TemplateError::Unclosed => format!("`{name}` is {text:?}, which {error}"),
            TemplateError::Unknown(field) => told(&field),
        })?;
        match Field::ALL.into_iter().find(|field| template.names(*field) && !self.0.contains(field))
        {
            Some(field) => Err(told(field.name())),
            None => Ok(template),
        }
    }

    fn unknown(&self, name: &str, field: &str) -> String {
        let source = Field::SourceExt.name();
        if field == "format" && self.0.contains(&Field::Ext) {
            return format!(
                "`{name}` names {{format}}, which is called {{ext}}: the extension of the \
                 variant's file; that of the upload is {{{source}}}"
            );
        }
        if field == Field::Ext.name() && self.0.contains(&Field::SourceExt) {
            return format!(
                "`{name}` names {{ext}}, the extension of a variant's file; that of the upload is \
                 {{{source}}}"
            );
        }
        let may = self.0.iter().map(|field| format!("{{{}}}", field.name())).collect::<Vec<_>>();
        let near = similar(field, self.0.iter().map(|field| field.name()));
        let hint = near.map(|near| format!("; did you mean {{{near}}}?")).unwrap_or_default();
        let only = if may.len() == 1 { "only " } else { "" };
        format!("`{name}` names {{{field}}}; it may name {only}{}{hint}", either(&may))
    }
}

impl Kind for KeyTemplate {
    type Value = Template;

    fn takes(&self) -> String {
        let fields: Vec<String> =
            self.0.iter().map(|field| format!("{{{}}}", field.name())).collect();
        format!("a text in quotes that may name {}", either(&fields))
    }

    fn read(&self, given: &Given<'_>) -> Result<Template, Told> {
        let Some(text) = given.text().filter(|text| !text.is_empty()) else {
            return Err(given.wrong(&self.takes()));
        };
        self.parse(&given.name, text).map_err(|problem| given.problem(problem))
    }

    fn schema(&self) -> Json {
        json!({ "type": "string", "minLength": 1 })
    }
}
