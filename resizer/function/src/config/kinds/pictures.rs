//! Values that say something of a picture: a color, a place in it, a quality.

use resizer_engine::spec::{Gravity, Quality, Rgba};
use serde_json::{Value as Json, json};
use toml::Spanned;
use toml::de::DeValue;

use super::{Given, Kind, Whole, Words};
use crate::config::problems::Told;
use crate::config::similar::similar;
use crate::store::share;

/// A color of sRGB.
pub(in crate::config) struct Color;

impl Kind for Color {
    type Value = Rgba;

    fn takes(&self) -> String {
        "\"#rgb\", \"#rrggbb\", \"#rrggbbaa\", \"white\", \"black\" or \"transparent\"".to_owned()
    }

    fn read(&self, given: &Given<'_>) -> Result<Rgba, Told> {
        given.text().and_then(Rgba::parse).ok_or_else(|| given.wrong(&self.takes()))
    }

    fn schema(&self) -> Json {
        let digits = "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$";
        json!({ "anyOf": [
            { "enum": ["white", "black", "transparent"] },
            { "type": "string", "pattern": digits },
        ] })
    }
}

/// A place in a picture: a word, or a point as two shares of width and height.
pub(in crate::config) struct Place(pub(in crate::config) Words<Gravity>);

impl Kind for Place {
    type Value = Gravity;

    fn takes(&self) -> String {
        format!("{}, or a point such as [0.3, 0.5], shares of width and height", self.0.takes())
    }

    fn read(&self, given: &Given<'_>) -> Result<Gravity, Told> {
        let value = given.value.get_ref();
        if value.is_str() {
            return self.0.read(given);
        }
        let values = value.as_array().map(|values| values.iter().map(share_of).collect::<Vec<_>>());
        match values.as_deref() {
            Some(&[Some(x), Some(y)]) => Ok(Gravity::Focal(x, y)),
            _ => Err(given.wrong_as_in(
                "a word, or a point: two numbers from 0 to 1, shares of width and height",
                "[0.3, 0.5]",
            )),
        }
    }

    fn schema(&self) -> Json {
        let share = json!({ "type": "number", "minimum": 0, "maximum": 1 });
        let point = json!({ "type": "array", "items": share, "minItems": 2, "maxItems": 2 });
        json!({ "anyOf": [self.0.schema(), point] })
    }

    fn words(&self) -> Vec<(String, &'static str)> {
        self.0.words()
    }
}

/// A number that is a share.
fn share_of(value: &Spanned<DeValue<'_>>) -> Option<u16> {
    let number = match value.get_ref() {
        DeValue::Float(number) => number.as_str(),
        DeValue::Integer(number) if number.radix() == 10 => number.as_str(),
        _ => return None,
    };
    share(number.parse().ok()?)
}

/// A quality for each format that has one, those that are given.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::config) struct Qualities {
    jpeg: Option<u8>,
    webp: Option<u8>,
    avif: Option<u8>,
    png: Option<u8>,
}

impl Qualities {
    /// Those that are given, else those of `default`.
    pub(in crate::config) fn or(self, default: Quality) -> Quality {
        Quality {
            jpeg: self.jpeg.unwrap_or(default.jpeg),
            webp: self.webp.unwrap_or(default.webp),
            avif: self.avif.unwrap_or(default.avif),
            png: self.png.unwrap_or(default.png),
        }
    }
}

/// One quality for all formats, or a table of them.
pub(in crate::config) struct FormatQualities;

const ONE: Whole<u8> = Whole { min: 1, max: 100, unit: "" };

const FORMATS: [&str; 5] = ["jpeg", "jpg", "webp", "avif", "png"];

impl Kind for FormatQualities {
    type Value = Qualities;

    fn takes(&self) -> String {
        format!("{}, or a table of one for each of jpeg, webp, avif and png", ONE.takes())
    }

    fn read(&self, given: &Given<'_>) -> Result<Qualities, Told> {
        let values = match given.value.get_ref() {
            DeValue::Table(values) => values,
            DeValue::Integer(_) | DeValue::String(_) => {
                let one = Given { example: "80".into(), ..given.part(given.value) };
                let all = Some(ONE.read(&one)?);
                return Ok(Qualities { jpeg: all, webp: all, avif: all, png: all });
            }
            _ => return Err(given.wrong(&self.takes())),
        };
        let mut qualities = Qualities::default();
        let mut result = Ok(());
        for (format, value) in values {
            let name = format.get_ref().as_ref();
            let place = match name {
                "jpeg" | "jpg" => &mut qualities.jpeg,
                "webp" => &mut qualities.webp,
                "avif" => &mut qualities.avif,
                "png" => &mut qualities.png,
                _ => {
                    result = Err(given.problems.add(format.span().start, unknown(given, name)));
                    continue;
                }
            };
            let part = Given { name: format!("{}.{name}", given.name).into(), ..given.part(value) };
            match ONE.read(&Given { example: "80".into(), ..part }) {
                Ok(quality) => *place = Some(quality),
                Err(told) => result = Err(told),
            }
        }
        result.map(|()| qualities)
    }

    fn schema(&self) -> Json {
        let one = ONE.schema();
        let formats = FORMATS.iter().map(|format| ((*format).to_owned(), one.clone()));
        let formats: serde_json::Map<String, Json> = formats.collect();
        let table =
            json!({ "type": "object", "properties": formats, "additionalProperties": false });
        json!({ "anyOf": [one, table] })
    }
}

fn unknown(given: &Given<'_>, format: &str) -> String {
    let setting = &given.name;
    if format == "gif" {
        return format!("`{setting}` has `gif`, a format without a quality; leave it out");
    }
    let hint = similar(format, FORMATS.into_iter()).map(|near| format!("; did you mean `{near}`?"));
    let hint = hint.unwrap_or_default();
    format!("`{setting}` has `{format}`; it takes jpeg, webp, avif and png{hint}")
}
