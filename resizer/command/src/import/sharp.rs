//! Options of sharp as JSON in, settings out.

use serde_json::{Map, Value};

use super::toml::{Draft, Settings};

/// What options of `resize` say of every variant, and of the rule.
pub(crate) fn resize_options(draft: &mut Draft, options: &Map<String, Value>) -> Settings {
    let mut variant = Settings::default();
    for (name, value) in options {
        let text = value.as_str().unwrap_or_default();
        let known = match name.as_str() {
            "animated" => true,
            "fit" => fit(&mut variant, text),
            "position" | "gravity" => gravity(&mut variant, value),
            "background" => background(&mut variant, value),
            "kernel" => kernel(draft, text),
            "withoutEnlargement" => {
                if value == &Value::Bool(false) {
                    variant.set("enlarge", true);
                }
                value.is_boolean()
            }
            _ => false,
        };
        if !known {
            draft.note(format!("SHARP_OPTIONS: {name:?} = {value} cannot be kept."));
        }
    }
    variant
}

fn fit(variant: &mut Settings, fit: &str) -> bool {
    let fit = match fit {
        "inside" => return true,
        "cover" => "cover",
        "contain" => "pad",
        "fill" => "exact",
        _ => return false,
    };
    variant.set_text("fit", fit);
    true
}

/// Words, or the numbers of sharp's constants.
fn gravity(variant: &mut Settings, value: &Value) -> bool {
    let numbered = value.as_u64().and_then(|number| usize::try_from(number).ok());
    let word = numbered.and_then(|number| {
        let words = [
            "center",
            "north",
            "east",
            "south",
            "west",
            "northeast",
            "southeast",
            "southwest",
            "northwest",
        ];
        words.get(number).copied().or((number == 16 || number == 17).then_some("attention"))
    });
    let Some(word) = word.or(value.as_str()) else { return false };
    let word = match word {
        "centre" | "center" => "center",
        "top" => "north",
        "right top" => "northeast",
        "right" => "east",
        "right bottom" => "southeast",
        "bottom" => "south",
        "left bottom" => "southwest",
        "left" => "west",
        "left top" => "northwest",
        // The nearest that there is.
        "entropy" => "attention",
        "north" | "northeast" | "east" | "southeast" | "south" | "southwest" | "west"
        | "northwest" | "attention" => word,
        _ => return false,
    };
    variant.set_text("gravity", word);
    true
}

/// `#rgb`, or an object of channels from 0 to 255 with an alpha from 0 to 1.
fn background(variant: &mut Settings, value: &Value) -> bool {
    let is_known =
        |text: &str| text.starts_with('#') || ["white", "black", "transparent"].contains(&text);
    let color = match value {
        Value::String(text) => Some(text.to_lowercase()).filter(|text| is_known(text)),
        Value::Object(channels) => {
            let channel = |name: &str| channels.get(name).and_then(Value::as_f64);
            let level = |value: f64| value.clamp(0.0, 255.0).round() as u8;
            let rgb = ["r", "g", "b"].map(|name| level(channel(name).unwrap_or(0.0)));
            let alpha = level(channel("alpha").unwrap_or(1.0) * 255.0);
            let [r, g, b] = rgb;
            Some(format!("#{r:02x}{g:02x}{b:02x}{alpha:02x}"))
        }
        _ => None,
    };
    let is_color = color.is_some();
    color.iter().for_each(|color| {
        variant.set_text("background", color);
    });
    is_color
}

fn kernel(draft: &mut Draft, kernel: &str) -> bool {
    let filter = match kernel {
        "lanczos3" => return true,
        "cubic" => "catmull-rom",
        "mitchell" => "mitchell",
        _ => return false,
    };
    draft.rule.set_text("filter", filter);
    true
}

/// The qualities of sharp's output options, by format; 80 where they say nothing.
pub(crate) fn qualities(draft: &mut Draft, options: &Map<String, Value>) {
    let mut qualities: Vec<(&str, u64)> = Vec::new();
    for (format, options) in options {
        for (name, value) in options.as_object().into_iter().flatten() {
            let lossy = match format.as_str() {
                "jpeg" | "jpg" => Some("jpeg"),
                "webp" => Some("webp"),
                "avif" => Some("avif"),
                _ => None,
            };
            match (name.as_str(), lossy, value.as_u64()) {
                ("quality", Some(format), Some(quality @ 1..=100)) => {
                    qualities.retain(|(other, _)| *other != format);
                    qualities.push((format, quality));
                }
                _ => {
                    let option = format!("{format}.{name} = {value}");
                    draft.note(format!("OUTPUT_OPTIONS: {option} cannot be kept."));
                }
            }
        }
    }
    if !qualities.is_empty() {
        let all = qualities.iter().map(|(format, quality)| format!("{format} = {quality}"));
        draft.rule.set("quality", format!("{{ {} }}", all.collect::<Vec<_>>().join(", ")));
    }
}
