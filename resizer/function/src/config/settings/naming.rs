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
//! are those asked for, where WordPress writes those of the file. `firebase` gives the names of
//! that tool letter by letter where a variant has one format: the upload's own extension in the
//! format `source`, `.jpeg`, `.png` or `.webp` in another one, and the size behind a name whose
//! extension is none of pictures (`x.la_200x150`). Several formats of a variant always have
//! extensions.

use super::output::KEY;
use crate::config::declare::{Key, Without};
use crate::config::kinds::{Text, Word, Words};
use crate::config::problems::Told;
use crate::config::reader::Reader;
use crate::template::Template;

/// How a tool names its variants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preset {
    /// Below the folder of the upload and the folder of the setting.
    file_name: &'static str,
    /// The folder where the setting names none.
    folder: Option<&'static str>,
}

const FIREBASE: Preset = Preset { file_name: "{base}_{width}x{height}{suffix}", folder: None };

const WORDPRESS: Preset = Preset { file_name: "{stem}-{width}x{height}.{ext}", folder: None };

const LARAVEL: Preset = Preset { file_name: "{stem}-{variant}.{ext}", folder: Some("conversions") };

pub(super) static NAMING: Key<Words<Option<Preset>>> = Key {
    name: "naming",
    kind: Words {
        words: &[
            Word::new("plain", None, "`variants/photos/lake.png/thumb.jpg`, the default `key`"),
            Word::new(
                "firebase",
                Some(FIREBASE),
                "`photos/lake_200x150.png` in the format `source` and `photos/lake_200x150.jpeg` \
                 in JPEG, as Firebase's Resize Images",
            ),
            Word::new(
                "wordpress",
                Some(WORDPRESS),
                "`photos/lake-200x150.jpg`, as WordPress, which writes the sides of the file: the \
                 same where `fit = \"cover\"` fills them",
            ),
            Word::new(
                "laravel",
                Some(LARAVEL),
                "`photos/conversions/lake-thumb.jpg`, as Spatie's media library",
            ),
        ],
        instead: &[],
    },
    without: Without::Value("\"plain\""),
    example: "\"wordpress\"",
    doc: "Replaces `key` by the naming scheme of another tool. If the scheme contains the sides, \
          every variant needs a `width` and a `height`. The examples are for `photos/lake.png` \
          and a JPEG variant named `thumb` of 200 by 150 pixels.",
};

pub(super) static FOLDER: Key<Text> = Key {
    name: "folder",
    kind: Text { takes: "a folder's name in quotes, without braces", is_good: is_folder },
    without: Without::Means("the folder that the tool itself uses"),
    example: "\"thumbs\"",
    doc: "With `naming`, variants are stored in this subfolder of the upload's folder.",
};

/// The key template of a rule's output, and the byte that it follows from, if any.
pub(super) fn read(table: &Reader<'_>) -> (Result<Template, Told>, Option<usize>) {
    let at_key = table.at_of(KEY.name);
    let at_naming = table.at_of(NAMING.name);
    let both = match (at_key, at_naming) {
        (Some(_), Some(at)) => {
            let problem = "`key` and `naming` both say what keys look like; choose one";
            Err(table.problems.add(at, problem))
        }
        _ => Ok(()),
    };
    let (key, folder) = (table.sound(&KEY), table.sound(&FOLDER));
    let naming = table.sound(&NAMING);
    let preset = naming.as_ref().ok().and_then(|naming| naming.as_ref()?.value);
    if let (Some(at), None, Ok(_)) = (table.at_of(FOLDER.name), preset, &naming) {
        let problem = "`folder` is for `naming`, and not for \"plain\"; put it into `key`";
        table.problems.add(at, problem);
    }
    let template = || {
        both?;
        match (key?, naming?.and_then(|naming| naming.value)) {
            (Some(key), _) => Ok(key.value),
            (None, None) => Ok(KEY.default()),
            (None, Some(preset)) => {
                let folder = folder?.map(|folder| folder.value);
                Ok(preset.template(folder.as_deref()))
            }
        }
    };
    (template(), at_key.or(at_naming))
}

impl Preset {
    /// Its key template, below this folder instead of the tool's own.
    fn template(&self, folder: Option<&str>) -> Template {
        let folder = folder.map(|folder| folder.trim_matches('/')).or(self.folder);
        let folder = folder.map(|folder| format!("{folder}/")).unwrap_or_default();
        let file_name = self.file_name;
        let text = format!("{{dir}}/{folder}{file_name}");
        Template::parse(&text).expect("presets are readable, and folders have no braces")
    }
}

fn is_folder(text: &str) -> bool {
    !text.trim_matches('/').is_empty() && !text.contains(['{', '}'])
}
