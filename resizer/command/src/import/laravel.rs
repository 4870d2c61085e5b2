//! A model's PHP with the conversions of Spatie's laravel-medialibrary in, a configuration out.

use super::php::{self, Call};
use super::toml::{Draft, Settings};

/// The conversions and what all of them share.
#[derive(Debug, Default)]
struct Conversions {
    notes: Vec<String>,
    variants: Vec<Settings>,
}

/// The configuration.
///
/// # Errors
/// A sentence about a text in which no conversion is found.
pub(crate) fn draft(text: &str) -> Result<Draft, String> {
    let calls = php::calls(text);
    let mut conversions = Conversions::default();
    for (at, call) in calls.iter().enumerate() {
        if call.name == "addMediaConversion" {
            let chain = calls[at + 1..].iter();
            let chain = chain.take_while(|next| next.statement == call.statement);
            conversions.add(call.text(0), chain);
        }
    }
    if conversions.variants.is_empty() {
        return Err("no conversion in it; give a model with addMediaConversion('name')".to_owned());
    }
    let origin = "the conversions of laravel-medialibrary".to_owned();
    let mut draft = Draft { origin, ..Draft::default() };
    draft.note(
        "Results are stored in the output bucket, not beside the uploads. Their keys stay the \
         same. Make that bucket the disk of conversions (`storingConversionsOnDisk`).",
    );
    draft.note(
        "Every upload gets every conversion, whatever its collection. `match` in a rule limits it \
         to some keys. The database of the application does not learn of the conversions \
         (`hasGeneratedConversion`).",
    );
    draft.note(
        "A variant is never larger than its upload. `enlarge = true` enlarges it, as the \
         conversions of some `Fit` values do.",
    );
    draft.notes.extend(conversions.notes);
    draft.output.set_text("naming", "laravel");
    draft.variants = conversions.variants;
    Ok(draft)
}

impl Conversions {
    fn add<'a>(&mut self, name: Option<&str>, chain: impl Iterator<Item = &'a Call>) {
        let Some(name) = name else {
            self.notes
                .push("A conversion whose name is not a literal string is left out.".to_owned());
            return;
        };
        let (mut width, mut height, mut format) = (None, None, "jpeg");
        let mut settings = Settings::default();
        for call in chain {
            let known = match call.name.as_str() {
                "width" => replace(&mut width, call.number(0)),
                "height" => replace(&mut height, call.number(0)),
                "fit" => {
                    replace(&mut width, call.number(1));
                    replace(&mut height, call.number(2));
                    fit(&mut settings, call.word(0).unwrap_or_default())
                }
                "crop" => {
                    // The position came first once, and comes last now.
                    let first = usize::from(call.number(0).is_none());
                    replace(&mut width, call.number(first));
                    replace(&mut height, call.number(first + 1));
                    settings.set_text("fit", "cover");
                    if first == 0 {
                        self.notes.push(format!(
                            "Conversion {name:?}: `crop` cuts a piece out of the upload in its \
                             full size. Here, the picture is first made as small as the box allows."
                        ));
                    }
                    gravity(&mut settings, call.word(if first == 1 { 0 } else { 2 }))
                }
                "format" => known_format(call.word(0)).is_some_and(|known| {
                    format = known;
                    true
                }),
                "keepOriginalImageFormat" => {
                    format = "source";
                    true
                }
                "quality" => set_number(&mut settings, "quality", call),
                "sharpen" => set_number(&mut settings, "sharpen", call),
                "background" => call.text(0).is_some_and(|color| {
                    settings.set_text("background", color);
                    true
                }),
                "nonQueued" | "queued" | "performOnCollections" | "optimize" | "nonOptimized" => {
                    true
                }
                _ => false,
            };
            if !known {
                let call = &call.name;
                self.notes.push(format!("Conversion {name:?}: `{call}` cannot be kept as it is."));
            }
        }
        let mut variant = Settings::default();
        variant.set_text("name", name);
        for (side, value) in [("width", width), ("height", height)] {
            value.iter().for_each(|value| {
                variant.set(side, value);
            });
        }
        variant.set_texts("formats", &[format]);
        self.variants.push(variant.and(&settings));
    }
}

/// Whether there is a value.
fn replace(side: &mut Option<u32>, value: Option<u32>) -> bool {
    *side = value.or(*side);
    value.is_some()
}

fn set_number(settings: &mut Settings, name: &'static str, call: &Call) -> bool {
    call.number(0).is_some_and(|number| {
        settings.set(name, number);
        true
    })
}

/// Constants of `Fit`, and the older ones of `Manipulations` with their values.
fn fit(settings: &mut Settings, word: &str) -> bool {
    match word.trim_start_matches("FIT_").to_lowercase().as_str() {
        "contain" | "max" => {}
        "fill" | "fillmax" | "fill-max" => {
            settings.set_text("fit", "pad");
        }
        "stretch" => {
            settings.set_text("fit", "exact");
        }
        "crop" => {
            settings.set_text("fit", "cover");
        }
        _ => return false,
    }
    true
}

/// Constants of `CropPosition`, and the older ones with their values.
fn gravity(settings: &mut Settings, word: Option<&str>) -> bool {
    let word = word.unwrap_or("center").to_lowercase();
    let word = word.trim_start_matches("crop_").trim_start_matches("crop-").replace(['_', '-'], "");
    let gravity = match word.as_str() {
        "center" => return true,
        "top" => "north",
        "topright" => "northeast",
        "right" => "east",
        "bottomright" => "southeast",
        "bottom" => "south",
        "bottomleft" => "southwest",
        "left" => "west",
        "topleft" => "northwest",
        _ => return false,
    };
    settings.set_text("gravity", gravity);
    true
}

fn known_format(word: Option<&str>) -> Option<&'static str> {
    let word = word?.trim_start_matches("FORMAT_").to_lowercase();
    match word.as_str() {
        "jpg" | "jpeg" | "pjpg" => Some("jpeg"),
        "png" => Some("png"),
        "webp" => Some("webp"),
        "avif" => Some("avif"),
        "gif" => Some("gif"),
        _ => None,
    }
}
