//! How settings are declared: each once, with all that parsing, messages, the JSON Schema and the
//! reference say of it.

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::DeValue;

use super::kinds::{Given, Kind};
use super::problems::{Problems, Told};

/// What counts where a setting is left out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Without {
    /// This value, as TOML.
    Value(&'static str),
    /// What happens then, in words.
    Means(&'static str),
}

/// A setting of a table.
pub(super) struct Key<K> {
    /// As it stands in the file.
    pub(super) name: &'static str,
    /// What it takes.
    pub(super) kind: K,
    /// What counts without it.
    pub(super) without: Without,
    /// A value that it takes, as TOML.
    pub(super) example: &'static str,
    /// What it does: the sentences of the reference.
    pub(super) doc: &'static str,
}

/// A table of settings.
pub(super) struct Table {
    /// Between its brackets: `rule.output`; empty for the file itself.
    pub(super) path: &'static str,
    /// Whether there may be several, in double brackets.
    pub(super) is_list: bool,
    /// What it is for: the sentences of the reference.
    pub(super) doc: &'static str,
    /// How it may be written, in one line.
    pub(super) example: &'static str,
    /// What may stand in it, in the order of the reference.
    pub(super) settings: &'static [&'static dyn Setting],
    /// What may stand in it and in other tables too, behind that.
    pub(super) shared: &'static [&'static dyn Setting],
    /// The table whose shared settings count where this one does not say them.
    pub(super) inherits: Option<&'static str>,
    /// Names of earlier versions, and today's.
    pub(super) renamed: &'static [(&'static str, &'static str)],
}

/// A setting as the schema, the reference and messages see it, whatever its type.
pub(super) trait Setting: Sync {
    fn name(&self) -> &'static str;
    fn doc(&self) -> &'static str;
    fn takes(&self) -> String;
    fn schema(&self) -> Json;

    /// As messages show it.
    fn shown(&self) -> String {
        format!("`{}`", self.name())
    }

    fn example(&self) -> Option<&'static str> {
        None
    }

    fn without(&self) -> Option<Without> {
        None
    }

    fn words(&self) -> Vec<(String, &'static str)> {
        Vec::new()
    }

    /// The table, if it is one.
    fn table(&self) -> Option<&Table> {
        None
    }

    /// What is said of a value for it.
    #[cfg(test)]
    fn problems_of(&self, _toml: &str) -> Vec<String> {
        Vec::new()
    }
}

impl<K: Kind> Key<K> {
    /// Reads a value of the file.
    pub(super) fn read(
        &self,
        value: &Spanned<DeValue<'_>>,
        problems: &Problems,
    ) -> Result<K::Value, Told> {
        let (name, example) = (self.name.into(), self.example.into());
        self.kind.read(&Given { name, example, value, problems })
    }

    /// What counts without the setting.
    ///
    /// # Panics
    /// For a setting that declares no value, or one that it does not take.
    pub(super) fn default(&self) -> K::Value {
        let Without::Value(text) = self.without else {
            panic!("`{}` has no value where it is left out", self.name);
        };
        let value = DeValue::parse(text).expect("defaults are TOML");
        self.read(&value, &Problems::new(text)).expect("defaults are what settings take")
    }
}

impl<K: Kind> Setting for Key<K> {
    fn name(&self) -> &'static str {
        self.name
    }

    fn doc(&self) -> &'static str {
        self.doc
    }

    fn takes(&self) -> String {
        self.kind.takes()
    }

    fn schema(&self) -> Json {
        self.kind.schema()
    }

    fn example(&self) -> Option<&'static str> {
        Some(self.example)
    }

    fn without(&self) -> Option<Without> {
        Some(self.without)
    }

    fn words(&self) -> Vec<(String, &'static str)> {
        self.kind.words()
    }

    #[cfg(test)]
    fn problems_of(&self, toml: &str) -> Vec<String> {
        let value = DeValue::parse(toml).expect("TOML");
        let problems = Problems::new(toml);
        let is_good = self.read(&value, &problems).is_ok();
        let said = problems.end().err().unwrap_or_default();
        assert_eq!(is_good, said.is_empty(), "what is wrong is said: {toml}");
        said
    }
}

impl Table {
    /// With its brackets; `the file` for the file itself.
    pub(super) fn header(&self) -> String {
        match (self.path, self.is_list) {
            ("", _) => "the file".to_owned(),
            (path, true) => format!("[[{path}]]"),
            (path, false) => format!("[{path}]"),
        }
    }

    /// The path of something in it.
    pub(super) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// All that may stand in it.
    pub(super) fn all_settings(&self) -> impl Iterator<Item = &'static dyn Setting> {
        self.settings.iter().chain(self.shared).copied()
    }

    /// The setting of that name.
    pub(super) fn find(&self, name: &str) -> Option<&'static dyn Setting> {
        self.all_settings().find(|setting| setting.name() == name)
    }

    /// Whether the setting of that name stands in other tables too.
    pub(super) fn is_shared(&self, name: &str) -> bool {
        self.shared.iter().any(|setting| setting.name() == name)
    }

    /// It and all tables in it.
    pub(super) fn all(&self) -> Vec<&Self> {
        let inner = self.settings.iter().filter_map(|setting| setting.table());
        std::iter::once(self).chain(inner.flat_map(Self::all)).collect()
    }
}

impl Setting for Table {
    fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or_default()
    }

    fn doc(&self) -> &'static str {
        self.doc
    }

    fn takes(&self) -> String {
        if self.is_list { "tables".to_owned() } else { "a table".to_owned() }
    }

    fn schema(&self) -> Json {
        super::schema::of_table(self)
    }

    fn shown(&self) -> String {
        self.header()
    }

    fn example(&self) -> Option<&'static str> {
        Some(self.example)
    }

    fn table(&self) -> Option<&Table> {
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{Setting, Without};
    use crate::config::settings::FILE;

    #[test]
    fn every_setting_takes_its_example_and_its_default() {
        let mut count = 0;
        for table in FILE.all() {
            for setting in table.all_settings().filter(|setting| setting.table().is_none()) {
                let example = setting.example().expect("an example");
                let said = setting.problems_of(example);
                assert!(said.is_empty(), "{}: {said:?}", table.path_of(setting.name()));
                if let Some(Without::Value(default)) = setting.without() {
                    let said = setting.problems_of(default);
                    assert!(said.is_empty(), "{}: {said:?}", table.path_of(setting.name()));
                }
                count += 1;
            }
        }
        assert_eq!(count, 78);
    }

    #[test]
    fn no_setting_is_declared_twice_and_no_old_name_is_one() {
        for table in FILE.all() {
            let mut names: Vec<&str> = table.all_settings().map(Setting::name).collect();
            assert!(
                table
                    .renamed
                    .iter()
                    .all(|(old, new)| { !names.contains(old) && names.contains(new) })
            );
            names.sort_unstable();
            assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        }
    }

    #[test]
    fn no_value_of_another_type_is_taken() {
        let values = ["1979-05-27", "-1", "1.5", "\"\\u0000\"", "[[]]", "{ a = [] }"];
        for table in FILE.all() {
            for setting in table.all_settings().filter(|setting| setting.table().is_none()) {
                for value in values {
                    // Text is text: a pattern, a prefix or a template may have any character.
                    let said = setting.problems_of(value);
                    let is_text = value.starts_with('"');
                    let name = table.path_of(setting.name());
                    assert!(is_text || !said.is_empty(), "{name} = {value}");
                }
            }
        }
    }
}
