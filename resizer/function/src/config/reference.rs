//! Declarations in, the reference for people out: docs/configuration.md.

use super::declare::{Setting, Table, Without};
use super::settings::FILE;
use crate::template::Field;

const INTRODUCTION: &str = include_str!("reference/introduction.md");

const MAX_COLUMNS: usize = 100;

/// The whole reference as Markdown, with a newline at its end.
pub fn reference() -> String {
    let mut out = INTRODUCTION.to_owned();
    for table in FILE.all() {
        of_table(table, &mut out);
    }
    of_fields(&mut out);
    out
}

fn of_table(table: &Table, out: &mut String) {
    if table.path.is_empty() {
        return;
    }
    out.push_str(&format!("\n## `{}`\n\n", table.header()));
    paragraph(table.doc, out);
    let inherited = table.inherits.map(|_| table.shared).unwrap_or_default();
    let own =
        table.all_settings().take(table.settings.len() + table.shared.len() - inherited.len());
    own.filter(|setting| setting.table().is_none()).for_each(|setting| of_setting(setting, out));
    if let (Some(from), [first @ .., last]) = (table.inherits, inherited) {
        let first: Vec<String> = first.iter().map(|setting| setting.shown()).collect();
        out.push_str(&format!("\n### {} and {}\n\n", first.join(", "), last.shown()));
        paragraph(
            &format!("As in `{from}`, which counts where this table does not say them."),
            out,
        );
    }
}

fn of_setting(setting: &dyn Setting, out: &mut String) {
    out.push_str(&format!("\n### `{}`\n\n", setting.name()));
    paragraph(setting.doc(), out);
    out.push('\n');
    let words = setting.words();
    if words.is_empty() {
        item(&format!("Takes {}.", setting.takes()), out);
    } else {
        for (word, means) in words {
            item(&format!("{word}: {means}."), out);
        }
    }
    match setting.without() {
        Some(Without::Value(value)) => item(&format!("Default: `{value}`."), out),
        Some(Without::Means(means)) => item(&format!("Without it: {means}."), out),
        None => {}
    }
    if let Some(example) = setting.example() {
        item(&format!("Example: `{} = {example}`", setting.name()), out);
    }
}

fn of_fields(out: &mut String) {
    out.push_str("\n## Fields of key templates\n\n");
    paragraph(
        "The examples are those of the upload `photos/lake.png` and a variant of it as a JPEG. \
         Fields of variants are for `key` of `[rule.output]` alone.",
        out,
    );
    out.push_str("\n| field | of | stands for |\n|---|---|---|\n");
    for field in Field::ALL {
        let of = if Field::OF_SOURCE.contains(&field) { "the upload" } else { "a variant" };
        out.push_str(&format!("| `{{{}}}` | {of} | {} |\n", field.name(), field.doc()));
    }
}

fn item(text: &str, out: &mut String) {
    wrap(text, "- ", out);
}

fn paragraph(text: &str, out: &mut String) {
    wrap(text, "", out);
}

/// Words in lines, all but the first of them below the first word.
fn wrap(text: &str, bullet: &str, out: &mut String) {
    let mut line = bullet.to_owned();
    for word in text.split_whitespace() {
        let is_first = line.len() == bullet.len();
        if !is_first && line.chars().count() + 1 + word.chars().count() > MAX_COLUMNS {
            out.push_str(&format!("{line}\n"));
            line = " ".repeat(bullet.len());
        } else if !is_first {
            line.push(' ');
        }
        line.push_str(word);
    }
    out.push_str(&format!("{line}\n"));
}
