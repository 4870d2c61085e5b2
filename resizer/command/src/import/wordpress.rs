//! The image sizes of a WordPress site in, a configuration out. They come as what
//! `wp media image-size --format=json` or `--format=csv` prints, or as a theme's PHP with
//! `add_image_size`.

use serde_json::Value;

use super::php;
use super::toml::{Draft, Settings};

/// What themes write for a side without a limit.
const NO_LIMIT: u32 = 9999;

/// A registered size.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ImageSize {
    name: String,
    /// 0 where there is no limit.
    width: u32,
    height: u32,
    crop: Crop,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Crop {
    /// Fitted inside.
    Soft,
    /// Cropped to the whole box, around this place.
    Hard(&'static str),
}

/// The sizes of a text, and the names of those that cannot be read.
#[derive(Debug, Default)]
struct Found {
    sizes: Vec<ImageSize>,
    left_out: Vec<String>,
}

/// The configuration.
///
/// # Errors
/// A sentence about a text in which no size is found.
pub(crate) fn draft(text: &str) -> Result<Draft, String> {
    let start = text.trim_start();
    let Found { sizes, left_out } = match start.chars().next() {
        Some('[') => of_json(start)?,
        _ if start.lines().next().is_some_and(|line| line.starts_with("name,")) => of_csv(start)?,
        _ => of_php(start),
    };
    if sizes.is_empty() {
        return Err(
            "no image size in it; give what `wp media image-size --format=json` prints, or \
                    a PHP file with add_image_size"
                .to_owned(),
        );
    }
    let origin = "the image sizes of WordPress".to_owned();
    let mut draft = Draft { origin, ..Draft::default() };
    draft.note(
        "Results are stored in the output bucket, not beside the uploads. Whatever shows the \
         pictures must read that bucket.",
    );
    for name in left_out {
        draft.note(format!("The size {name:?} is left out: its sides are no plain numbers."));
    }
    let soft: Vec<&str> =
        sizes.iter().filter(|size| size.crop == Crop::Soft).map(|size| &*size.name).collect();
    if !soft.is_empty() {
        draft.note(format!(
            "Names contain the sides of the box. In WordPress, they contain the sides of the \
             finished file. Both are equal for sizes that are cropped. They differ for: {}.",
            soft.join(", ")
        ));
    }
    if sizes.iter().any(|size| size.width == 0 || size.height == 0) {
        draft.note(format!(
            "A side without a limit becomes a limit of {NO_LIMIT} pixels, also in names."
        ));
    }
    draft.note(
        "WordPress leaves out sizes that are larger than the upload. Here, these variants are as \
         large as the upload. The file NAME-scaled, which WordPress makes of uploads above 2560 \
         pixels, is not written.",
    );
    draft.note(
        "Variants have the usual extension of their format: photo.jpeg becomes \
         photo-150x150.jpg. Variants of a GIF are PNG files.",
    );
    draft.rule.set_texts("suffix", &[".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"]);
    draft.rule.set("quality", "{ jpeg = 82, webp = 86 }");
    draft.output.set_text("naming", "wordpress");
    for size in sizes {
        let side = |side: u32| if side == 0 { NO_LIMIT } else { side };
        let mut variant = Settings::default();
        variant.set_text("name", &size.name);
        variant.set("width", side(size.width)).set("height", side(size.height));
        if let Crop::Hard(gravity) = size.crop {
            variant.set_text("fit", "cover");
            if gravity != "center" {
                variant.set_text("gravity", gravity);
            }
        }
        draft.variants.push(variant);
    }
    Ok(draft)
}

impl Found {
    /// Adds a size, unless it has no sides, as `full` has none.
    fn add(&mut self, [name, width, height, crop]: [&str; 4]) {
        let side = |text: &str| match text.trim() {
            "" => Some(0),
            text => text.parse::<u32>().ok(),
        };
        let (Some(width), Some(height)) = (side(width), side(height)) else {
            self.left_out.push(name.to_owned());
            return;
        };
        let is_hard = ["hard", "1", "true"].contains(&crop.trim()) && width > 0 && height > 0;
        let crop = if is_hard { Crop::Hard("center") } else { Crop::Soft };
        if width > 0 || height > 0 {
            self.sizes.push(ImageSize { name: name.to_owned(), width, height, crop });
        }
    }
}

fn of_json(text: &str) -> Result<Found, String> {
    let rows: Vec<Value> =
        serde_json::from_str(text).map_err(|error| format!("no JSON list: {error}"))?;
    let cell = |row: &Value, name: &str| match &row[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let mut found = Found::default();
    for row in &rows {
        let cells = ["name", "width", "height", "crop"].map(|at| cell(row, at));
        found.add(cells.each_ref().map(String::as_str));
    }
    Ok(found)
}

fn of_csv(text: &str) -> Result<Found, String> {
    let mut lines = text.lines().map(cells);
    let columns = lines.next().unwrap_or_default();
    let column = |name: &str| {
        let found = columns.iter().position(|column| column.trim() == name);
        found.ok_or_else(|| format!("the table has no column {name:?}"))
    };
    let at = [column("name")?, column("width")?, column("height")?, column("crop")?];
    let mut found = Found::default();
    for cells in lines {
        found.add(at.map(|at| cells.get(at).map_or("", String::as_str)));
    }
    Ok(found)
}

/// The cells of a line of CSV. A quoted cell may contain commas, and doubled quotes.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut is_quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        let cell = cells.last_mut().expect("there is one from the start");
        match character {
            '"' if is_quoted && characters.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => cells.push(String::new()),
            other => cell.push(other),
        }
    }
    cells
}

fn of_php(text: &str) -> Found {
    let mut found = Found::default();
    for call in php::calls(text) {
        let (name, first) = match call.name.as_str() {
            "add_image_size" => (call.text(0).unwrap_or_default(), 1),
            "set_post_thumbnail_size" => ("post-thumbnail", 0),
            _ => continue,
        };
        let side = |at: usize| match call.arguments.get(at) {
            None => Some(0),
            Some(_) => call.number(at),
        };
        let (Some(width), Some(height)) = (side(first), side(first + 1)) else {
            found.left_out.push(name.to_owned());
            continue;
        };
        let crop = match call.word(first + 2) {
            Some(word) if word.eq_ignore_ascii_case("true") => Crop::Hard("center"),
            Some(word) if word.starts_with(['[', 'a']) => Crop::Hard(place(word)),
            _ => Crop::Soft,
        };
        let crop = if width == 0 || height == 0 { Crop::Soft } else { crop };
        if !name.is_empty() && (width > 0 || height > 0) {
            found.sizes.retain(|size| size.name != name);
            found.sizes.push(ImageSize { name: name.to_owned(), width, height, crop });
        }
    }
    found
}

/// `array('left','top')` as a place.
fn place(array: &str) -> &'static str {
    let has = |word: &str| array.contains(&format!("'{word}'"));
    match (has("left"), has("right"), has("top"), has("bottom")) {
        (true, _, true, _) => "northwest",
        (true, _, _, true) => "southwest",
        (true, ..) => "west",
        (_, true, true, _) => "northeast",
        (_, true, _, true) => "southeast",
        (_, true, ..) => "east",
        (_, _, true, _) => "north",
        (_, _, _, true) => "south",
        _ => "center",
    }
}
