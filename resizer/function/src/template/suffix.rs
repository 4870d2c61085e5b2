//! Extensions of pictures: what a variant's name ends with where it keeps that of its upload.

/// Extensions that name a format which is written; the first of each is its usual one.
const WRITTEN: [&[&str]; 5] = [&["jpg", "jpeg"], &["png"], &["webp"], &["gif"], &["avif"]];

/// Extensions of other pictures.
const OTHER_PICTURES: [&str; 7] = ["bmp", "heic", "heif", "jfif", "jxl", "tif", "tiff"];

/// All that [`Field::Suffix`](super::Field::Suffix) can become for an output format.
pub(super) fn suffixes(format: &str) -> Vec<String> {
    let mut out = vec![String::new(), format!(".{format}")];
    for extension in extensions_of(format) {
        for spelled in spellings(extension) {
            let suffix = format!(".{spelled}");
            if !out.contains(&suffix) {
                out.push(suffix);
            }
        }
    }
    out
}

/// What it is for an upload with this extension.
pub(super) fn suffix(extension: &str, format: &str) -> String {
    if !is_of_pictures(extension) {
        return String::new();
    }
    let is_own = extensions_of(format).iter().any(|own| spellings(own).contains(&extension.into()));
    format!(".{}", if is_own { extension } else { format })
}

/// As names have them: small, in capitals, or with one capital.
fn spellings(extension: &str) -> [String; 3] {
    let capitals = extension.to_ascii_uppercase();
    let one_capital = format!("{}{}", &capitals[..1], &extension[1..]);
    [extension.to_owned(), capitals, one_capital]
}

fn extensions_of(format: &str) -> &'static [&'static str] {
    WRITTEN.into_iter().find(|extensions| extensions[0] == format).unwrap_or_default()
}

/// Whether it is an extension of pictures.
pub(super) fn is_of_pictures(extension: &str) -> bool {
    let mut known = WRITTEN.iter().copied().flatten().chain(&OTHER_PICTURES);
    known.any(|known| known.eq_ignore_ascii_case(extension))
}
