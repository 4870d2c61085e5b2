//! The parameters of Firebase's extension Resize Images in, a configuration out. They come as the
//! `.env` file that `firebase ext:export` writes, or as the defaults of an `extension.yaml`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::toml::{Draft, Settings};
use super::{env, extension, paths, sharp};

/// Parameters that say nothing of what is made.
const OF_NO_MATTER: [&str; 10] = [
    "LOCATION",
    "IMG_BUCKET",
    "FUNCTION_MEMORY",
    "PROJECT_ID",
    "STORAGE_BUCKET",
    "EXT_INSTANCE_ID",
    "DATABASE_INSTANCE",
    "DATABASE_URL",
    "BACKFILL_BATCH_SIZE",
    "CUSTOM_FILTER_PROMPT",
];

/// The parameters, each taken out as it is read.
struct Parameters(BTreeMap<String, String>);

impl Parameters {
    /// `None` where it is not set.
    fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn is_true(&mut self, name: &str) -> bool {
        self.take(name).is_some_and(|value| value == "true")
    }

    fn list(&mut self, name: &str) -> Vec<String> {
        let value = self.take(name).unwrap_or_default();
        let items = value.split(',').map(|item| item.trim().to_owned());
        items.filter(|item| !item.is_empty()).collect()
    }

    /// The members of a JSON object; none where it is not set.
    fn object(&mut self, name: &str) -> Result<Map<String, Value>, String> {
        let Some(text) = self.take(name) else { return Ok(Map::new()) };
        match serde_json::from_str(&text) {
            Ok(Value::Object(members)) => Ok(members),
            _ => Err(format!("{name} is no JSON object: {text}")),
        }
    }
}

/// The configuration.
///
/// # Errors
/// A sentence about what cannot be read.
pub(crate) fn draft(text: &str) -> Result<Draft, String> {
    let is_extension = extension::is_extension(text);
    let parameters = if is_extension { extension::defaults(text)? } else { env::variables(text)? };
    let mut parameters = Parameters(parameters);
    let origin = "the parameters of Firebase's Resize Images".to_owned();
    let mut draft = Draft { origin, ..Draft::default() };
    draft.note(
        "Results are stored in the output bucket, not beside the uploads. Their keys stay the \
         same. Whatever shows the pictures must read that bucket.",
    );
    let sizes = sizes(&mut parameters)?;
    folders(&mut draft, &mut parameters)?;
    let formats = formats(&mut draft, &mut parameters);
    let sharp_options = parameters.object("SHARP_OPTIONS")?;
    sharp::qualities(&mut draft, &parameters.object("OUTPUT_OPTIONS")?);
    let has_animation = parameters.is_true("IS_ANIMATED");
    if has_animation || sharp_options.get("animated") == Some(&Value::Bool(true)) {
        draft.rule.set_text("animation", "animate");
    }
    let common = sharp::resize_options(&mut draft, &sharp_options);
    draft.rule.set_text("metadata", "none");
    draft.note(
        "Downscaling averages linear light, which keeps the brightness of fine details. \
         `light = \"gamma\"` in the rule gives the result of sharp.",
    );
    originals(&mut draft, &mut parameters)?;
    output(&mut draft, &mut parameters);
    notes(&mut draft, &mut parameters);
    for (width, height) in sizes {
        let mut variant = Settings::default();
        variant.set_text("name", &format!("{width}x{height}"));
        variant.set("width", width).set("height", height);
        draft.variants.push(variant.and(&common));
    }
    draft.rule.set_texts("formats", &formats);
    for (name, value) in parameters.0 {
        if !OF_NO_MATTER.contains(&name.as_str()) && !value.is_empty() {
            draft.note(format!("{name} = {value:?} is an unknown parameter and left out."));
        }
    }
    Ok(draft)
}

fn sizes(parameters: &mut Parameters) -> Result<Vec<(u32, u32)>, String> {
    let mut sizes = Vec::new();
    for size in parameters.list("IMG_SIZES") {
        let sides = size.split_once('x').and_then(|(width, height)| {
            Some((width.parse::<u32>().ok()?, height.parse::<u32>().ok()?))
        });
        let sides = sides.filter(|(width, height)| size == format!("{width}x{height}"));
        let sides = sides.ok_or_else(|| format!("IMG_SIZES: {size:?} is no WIDTHxHEIGHT"))?;
        if !sizes.contains(&sides) {
            sizes.push(sides);
        }
    }
    if sizes.is_empty() {
        return Err("IMG_SIZES is not set, such as IMG_SIZES=200x200,800x800".to_owned());
    }
    Ok(sizes)
}

/// Which uploads are taken.
fn folders(draft: &mut Draft, parameters: &mut Parameters) -> Result<(), String> {
    for (name, setting) in [("INCLUDE_PATH_LIST", "match"), ("EXCLUDE_PATH_LIST", "exclude")] {
        let folders = parameters.list(name);
        let globs: Result<Vec<String>, String> =
            folders.iter().map(|path| paths::pattern(path)).collect();
        let globs = globs.map_err(|problem| format!("{name}: {problem}"))?;
        if !globs.is_empty() {
            draft.rule.set_texts(setting, &globs);
        }
        if folders.iter().any(|path| path.contains('*')) {
            draft.note(format!(
                "{name}: `*` stands for any characters. In Firebase, it stands for letters from \
                 a to z, digits, `_`, `-`, `.`, `/` and spaces."
            ));
        }
    }
    Ok(())
}

fn formats(draft: &mut Draft, parameters: &mut Parameters) -> Vec<&'static str> {
    let mut types = parameters.list("IMAGE_TYPE");
    types.extend(parameters.list("IMG_TYPE"));
    let mut formats: Vec<&str> = Vec::new();
    for name in &types {
        let format = match name.as_str() {
            "false" | "original" => "source",
            "jpeg" | "jpg" => "jpeg",
            "png" => "png",
            "webp" => "webp",
            "avif" => "avif",
            "gif" => "gif",
            other => {
                draft.note(format!("IMAGE_TYPE: {other} is not supported and left out."));
                continue;
            }
        };
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    if formats.is_empty() {
        formats.push("source");
    }
    let keeps = formats.contains(&"source");
    if keeps {
        draft.note(
            "Variants in the original type are JPEG, PNG or WebP files, also those of a TIFF, an \
             AVIF or a still GIF. If it is the only type, their names do not change.",
        );
    }
    if keeps && formats.len() > 1 {
        draft.note(
            "If a type is also the upload's own, one variant is written, with the extension of the \
             type. Of photo.jpg, Firebase writes photo_200x200.jpg and photo_200x200.jpeg; here, \
             only the second is written.",
        );
    }
    if formats.len() > 1 {
        draft.note(
            "Variants of uploads without an extension have the extension of their type. Firebase \
             writes all types to one key.",
        );
    }
    if formats != ["source"] {
        draft.note(
            "Two uploads whose names differ only in the extension lead to the same names. The \
             second upload is refused (key_taken). Firebase overwrites the first one's variants.",
        );
    }
    formats
}

fn originals(draft: &mut Draft, parameters: &mut Parameters) -> Result<(), String> {
    let deletion = parameters.take("DELETE_ORIGINAL_FILE");
    match deletion.as_deref() {
        None | Some("false") => draft
            .note("Deleting an upload deletes its variants too, and replacing it replaces them."),
        Some(when @ ("true" | "on_success")) => {
            draft.rule.set("originals", "{ after = \"delete\" }");
            if when == "true" {
                draft.note("DELETE_ORIGINAL_FILE: an original without variants is never deleted.");
            }
        }
        Some(other) => {
            return Err(format!(
                "DELETE_ORIGINAL_FILE is {other:?}; it may be true, false or on_success"
            ));
        }
    }
    Ok(())
}

fn output(draft: &mut Draft, parameters: &mut Parameters) {
    draft.output.set_text("naming", "firebase");
    if let Some(folder) = parameters.take("RESIZED_IMAGES_PATH") {
        draft.output.set_text("folder", folder.trim_matches('/'));
    }
    match parameters.take("CACHE_CONTROL_HEADER") {
        Some(header) => {
            draft.output.set_text("cache_control", &header);
        }
        None => draft.note(
            "CACHE_CONTROL_HEADER is not set: variants have no Cache-Control header. They do not \
             take that of the upload.",
        ),
    }
    draft.output.set("copy_metadata", true);
}

/// What has no setting here.
fn notes(draft: &mut Draft, parameters: &mut Parameters) {
    draft.note(
        "The bytes of a file determine its format, not its Content-Type. An upload that is no \
         picture, or is damaged, gets a failure record: failures/KEY.json.",
    );
    if let Some(folder) = parameters.take("FAILED_IMAGES_PATH") {
        draft.note(format!("FAILED_IMAGES_PATH: refused uploads are not copied to {folder:?}."));
    }
    if parameters.is_true("MAKE_PUBLIC") {
        draft.note(
            "MAKE_PUBLIC: the policy of the output bucket, or a CDN, decides who may read it.",
        );
    }
    if parameters.is_true("REGENERATE_TOKEN") {
        draft.note("REGENERATE_TOKEN: S3 has no download tokens. Presign URLs instead.");
    }
    if parameters.is_true("DO_BACKFILL") {
        draft.note(
            "DO_BACKFILL: existing uploads get no variants by themselves. Run `resizer backfill`.",
        );
    }
    let filter = parameters.take("CONTENT_FILTER_LEVEL").filter(|level| level != "OFF");
    let placeholder = parameters.take("PLACEHOLDER_IMAGE_PATH");
    if filter.is_some() || parameters.0.get("CUSTOM_FILTER_PROMPT").is_some_and(|p| !p.is_empty()) {
        draft.note("CONTENT_FILTER_LEVEL: content is not filtered. Every picture gets variants.");
    }
    if placeholder.is_some() {
        draft.note("PLACEHOLDER_IMAGE_PATH: no picture is replaced by the placeholder.");
    }
}
