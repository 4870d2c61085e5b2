//! The page's own files, which are part of the program.

/// Each by its name, as they lie beside this file.
macro_rules! files {
    ($($name:literal)*) => {
        &[$(($name, include_str!($name))),*]
    };
}

/// Names with contents. `/` is `index.html`.
const FILES: &[(&str, &str)] = files![
    "api.js" "crop.js" "details.css" "details.js" "dom.js" "drop.js" "entry.js" "feed.js"
    "files.js" "form.js" "icon.svg" "index.html" "main.js" "outcomes.js" "queue.js" "result.js"
    "rule.js" "sending.js" "slider.js" "style.css" "text.js" "timeline.js" "totals.js"
    "trial.css" "trial.js" "uploads.css" "uploads.js" "variants.js"
];

/// The media type and the content of what a path names.
pub(super) fn find(path: &str) -> Option<(&'static str, &'static str)> {
    let name = if path == "/" { "index.html" } else { path.strip_prefix('/')? };
    let (name, content) = FILES.iter().find(|(known, _)| *known == name)?;
    let media_type = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    Some((media_type, content))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{FILES, find};

    #[test]
    fn every_file_in_the_folder_is_served() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page");
        let entries = std::fs::read_dir(folder).expect("the page's folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        let names = names.map(|name| name.into_string().expect("UTF-8"));
        let mut names: Vec<String> = names.filter(|name| !name.ends_with(".rs")).collect();
        names.sort();
        let served: Vec<&str> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(served, names);
    }

    #[test]
    fn paths_name_files_and_nothing_else() {
        assert_eq!(find("/").map(|(kind, _)| kind), Some("text/html; charset=utf-8"));
        assert_eq!(find("/icon.svg").map(|(kind, _)| kind), Some("image/svg+xml"));
        for path in ["", "/..", "/api.rs", "//index.html", "/page/index.html"] {
            assert!(find(path).is_none(), "{path}");
        }
    }
}
