//! A table of the file with its declaration in, typed values out, by setting. What the declaration
//! does not know is a problem at once, with the setting that was probably meant.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::declare::{Key, Setting, Table};
use super::kinds::{Kind, shown};
use super::problems::{Problems, Told};
use super::settings::FILE;
use super::similar::similar;

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Placed<T> {
    pub(super) value: T,
    /// The byte of the text at which it begins.
    pub(super) at: usize,
}

/// A table that is being read.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    declared: &'static Table,
    values: Option<&'a DeTable<'a>>,
    /// The byte of the text at which the table begins.
    pub(super) at: usize,
    pub(super) problems: &'a Problems,
}

impl<'a> Reader<'a> {
    /// Looks through the names of a table.
    pub(super) fn new(
        declared: &'static Table,
        values: &'a DeTable<'a>,
        at: usize,
        problems: &'a Problems,
    ) -> Self {
        let reader = Self { declared, values: Some(values), at, problems };
        for (name, value) in values {
            if declared.find(name.get_ref()).is_none() {
                problems.add(name.span().start, reader.unknown(name.get_ref(), value.get_ref()));
            }
        }
        reader
    }

    /// A table in which nothing is set.
    pub(super) fn empty(declared: &'static Table, at: usize, problems: &'a Problems) -> Self {
        Self { declared, values: None, at, problems }
    }

    /// The value of a setting, if it is given; an error if it is wrong.
    pub(super) fn sound<K: Kind>(&self, key: &Key<K>) -> Result<Option<Placed<K::Value>>, Told> {
        debug_assert!(
            self.declared.find(key.name).is_some(),
            "{} is read from {} and not declared there",
            key.name,
            self.declared.header()
        );
        let Some((_, value)) = self.find(key.name) else { return Ok(None) };
        let at = value.span().start;
        key.read(value, self.problems).map(|value| Some(Placed { value, at }))
    }

    /// The value of a setting, if it is given and good.
    pub(super) fn given<K: Kind>(&self, key: &Key<K>) -> Option<Placed<K::Value>> {
        self.sound(key).ok().flatten()
    }

    /// The value of a setting, or what counts without it.
    pub(super) fn value<K: Kind>(&self, key: &Key<K>) -> K::Value {
        self.given(key).map_or_else(|| key.default(), |placed| placed.value)
    }

    /// Where a setting stands, good or not.
    pub(super) fn at_of(&self, name: &str) -> Option<usize> {
        self.find(name).map(|(name, _)| name.span().start)
    }

    /// The text of a setting, if it is one.
    pub(super) fn text_of(&self, name: &str) -> Option<&'a str> {
        self.find(name)?.1.get_ref().as_str()
    }

    /// The table of that name, an empty one if there is none; an error if it is no table.
    pub(super) fn section_or_told(&self, table: &'static Table) -> Result<Reader<'a>, Told> {
        let Some((name, value)) = self.find(table.name()) else {
            return Ok(Self::empty(table, self.at, self.problems));
        };
        let at = name.span().start;
        match value.get_ref() {
            DeValue::Table(values) => Ok(Reader::new(table, values, at, self.problems)),
            other => Err(self.wrong_table(at, table, other)),
        }
    }

    /// The same, and an empty one for what is no table.
    pub(super) fn section(&self, table: &'static Table) -> Reader<'a> {
        let section = self.section_or_told(table);
        section.unwrap_or_else(|_| Self::empty(table, self.at, self.problems))
    }

    /// Every table of that name.
    pub(super) fn sections(&self, table: &'static Table) -> Result<Vec<Reader<'a>>, Told> {
        let Some((name, value)) = self.find(table.name()) else { return Ok(Vec::new()) };
        let at = name.span().start;
        let DeValue::Array(values) = value.get_ref() else {
            return Err(self.wrong_table(at, table, value.get_ref()));
        };
        let read = |value: &'a Spanned<DeValue<'a>>| match value.get_ref() {
            DeValue::Table(values) => {
                Ok(Reader::new(table, values, value.span().start, self.problems))
            }
            other => Err(self.wrong_table(value.span().start, table, other)),
        };
        // All of them, before the first wrong one counts.
        let readers: Vec<_> = values.iter().map(read).collect();
        readers.into_iter().collect()
    }

    fn find(
        &self,
        name: &str,
    ) -> Option<(&'a Spanned<toml::de::DeString<'a>>, &'a Spanned<DeValue<'a>>)> {
        self.values?.get_key_value(name)
    }

    fn wrong_table(&self, at: usize, table: &Table, value: &DeValue<'_>) -> Told {
        let (path, header) = (table.path, table.header());
        let problem = match value {
            DeValue::Table(_) => format!("[{path}] stands in single brackets; write {header}"),
            DeValue::Array(list) if list.iter().any(|one| one.get_ref().is_table()) => {
                format!("[[{path}]] stands in double brackets; there is one: write {header}")
            }
            other => {
                let (name, shown, example) = (table.name(), shown(other), table.example);
                format!("`{name}` is {shown}; it takes {}, as in {example}", table.takes())
            }
        };
        self.problems.add(at, problem)
    }

    fn unknown(&self, name: &str, value: &DeValue<'_>) -> String {
        let here = self.declared;
        let shown_name = match value {
            DeValue::Table(_) => format!("[{}]", here.path_of(name)),
            DeValue::Array(list) if list.iter().any(|one| one.get_ref().is_table()) => {
                format!("[[{}]]", here.path_of(name))
            }
            _ => format!("`{name}`"),
        };
        if let Some((_, new)) = here.renamed.iter().find(|(old, _)| *old == name) {
            let line = match value {
                DeValue::Table(_) | DeValue::Array(_) => String::new(),
                value => format!(": {new} = {}", shown(value)),
            };
            return format!("{shown_name} is called `{new}`{line}");
        }
        if let Some(elsewhere) = elsewhere(name) {
            return format!("{shown_name} does not belong to {}; {elsewhere}", here.header());
        }
        if let Some(near) = similar(name, here.all_settings().map(Setting::name))
            && let Some(near) = here.find(near)
        {
            let place = here.header();
            return format!("{place} has no {shown_name}; did you mean {}?", near.shown());
        }
        let names: Vec<&str> = here.all_settings().map(Setting::name).collect();
        format!("{} has no {shown_name}; it has {}", here.header(), names.join(", "))
    }
}

/// Where a setting belongs.
fn elsewhere(name: &str) -> Option<String> {
    let tables = FILE.all();
    let has = |table: &&&Table| table.find(name).is_some();
    let owners: Vec<&&Table> = tables.iter().filter(has).collect();
    let first = owners.first()?;
    let inner = first.find(name)?.table();
    if let Some(table) = inner {
        return Some(format!("write {}", table.header()));
    }
    let headers: Vec<String> = owners.iter().map(|table| table.header()).collect();
    Some(format!("it is a setting of {}", headers.join(" and ")))
}
