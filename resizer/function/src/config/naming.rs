//! A naming preset in, a key template out: the names that other tools give to their variants, for
//! applications that ask for those.
//!
//! | preset | `photos/lake.jpg`, made 200 by 150 | the tool's own source |
//! |---|---|---|
//! | `plain` | `variants/photos/lake.jpg/thumb.jpg` | none: the default |
//! | `firebase` | `photos/lake_200x150.jpg` | firebase/extensions, `resize-image.ts` |
//! | `wordpress` | `photos/lake-200x150.jpg` | `WP_Image_Editor::generate_filename` |
//! | `laravel` | `photos/conversions/lake-thumb.jpg` | Spatie's `DefaultFileNamer` |
//!
//! What keys must follow from, the rule and the upload's key, is less than these tools know: sides
//! are those asked for, where WordPress writes those of the file. As Firebase does, `firebase`
//! keeps the upload's extension, `.JPG` as much as `.jpeg`, where it is one of the written format,
//! and puts the size behind a name whose extension is none of pictures (`x.la_200x150`); where a
//! variant has several formats, their usual extensions tell them apart.

use toml::Spanned;

use super::file::OutputTable;
use super::problems::Problems;

const PLAIN_KEY: &str = "variants/{key}/{variant}.{format}";

/// How a tool names its variants.
struct Preset {
    name: &'static str,
    /// Below the folder of the upload and the folder of the setting.
    file_name: &'static str,
    /// The folder where the setting names none.
    folder: Option<&'static str>,
    /// The same where a variant has several formats, if that makes a difference.
    of_several: Option<&'static str>,
}

const PRESETS: [Preset; 3] = [
    Preset {
        name: "firebase",
        file_name: "{base}_{width}x{height}{suffix}",
        folder: None,
        of_several: Some("{base}_{width}x{height}.{format}"),
    },
    Preset {
        name: "wordpress",
        file_name: "{stem}-{width}x{height}.{format}",
        folder: None,
        of_several: None,
    },
    Preset {
        name: "laravel",
        file_name: "{stem}-{variant}.{format}",
        folder: Some("conversions"),
        of_several: None,
    },
];

/// The key template of a rule's output, and the line that it follows from.
pub(super) fn read_key(
    table: &OutputTable,
    has_several_formats: bool,
    line: usize,
    problems: &mut Problems,
) -> (String, usize) {
    let line_of = |value: &Option<Spanned<String>>, problems: &Problems| {
        value.as_ref().map_or(line, |value| problems.line_of(value))
    };
    if let (Some(_), Some(naming)) = (&table.key, &table.naming) {
        let problem = "`key` and `naming` both say what keys look like; choose one";
        problems.add(problems.line_of(naming), problem.to_owned());
    }
    let naming = table.naming.as_ref().map(|naming| naming.as_ref().as_str());
    let preset = PRESETS.iter().find(|preset| Some(preset.name) == naming);
    if let (Some(text), None) = (naming, preset)
        && text != "plain"
    {
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        let names = names.join(", ");
        let line = line_of(&table.naming, problems);
        problems.add(line, format!("naming {text:?} is none of plain, {names}"));
    }
    let folder = table.folder.as_ref().map(|folder| folder.as_ref().trim_matches('/'));
    if let Some(folder) = folder {
        let line = line_of(&table.folder, problems);
        if preset.is_none() {
            let problem = "`folder` is for `naming`, and not for \"plain\"; put it into `key`";
            problems.add(line, problem.to_owned());
        }
        if folder.is_empty() || folder.contains(['{', '}']) {
            problems.add(line, format!("the folder {folder:?} is empty or names a field"));
        }
    }
    match (&table.key, preset) {
        (Some(key), _) => (key.as_ref().clone(), problems.line_of(key)),
        (None, None) => (PLAIN_KEY.to_owned(), line_of(&table.naming, problems)),
        (None, Some(preset)) => {
            let folder = folder.or(preset.folder).filter(|folder| !folder.contains(['{', '}']));
            let folder = folder.map(|folder| format!("{folder}/")).unwrap_or_default();
            let of_several = preset.of_several.filter(|_| has_several_formats);
            let file_name = of_several.unwrap_or(preset.file_name);
            let key = format!("{{dir}}/{folder}{file_name}");
            (key, line_of(&table.naming, problems))
        }
    }
}
