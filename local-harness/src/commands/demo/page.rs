//! An HTML page of the demo: one section for each upload, with the upload and its variants.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use resizer::event::ObjectRef;
use resizer::manifest::ManifestVariant;

use super::table::{Row, equal_files};
use crate::commands::CommandError;
use crate::commands::units::size;

const HEAD: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>Uploads and their variants</title>\
<style>:root{color-scheme:light dark;--ground:#f4f4f2;--box:#fff;--ink:#222;--quiet:#666;\
--line:#ddd;--bad:#a33;--check:#ddd}\
@media(prefers-color-scheme:dark){:root{--ground:#16181a;--box:#1f2225;--ink:#e6e6e3;\
--quiet:#9a9a94;--line:#3a3e42;--bad:#f08a80;--check:#33373b}}\
body{font:15px/1.5 system-ui,sans-serif;margin:2rem;background:var(--ground);color:var(--ink)}\
section{background:var(--box);border:1px solid var(--line);border-radius:8px;padding:1rem;\
margin:1rem 0}h2{font-size:1rem;margin:0;overflow-wrap:anywhere}\
p{margin:.2rem 0 .8rem;color:var(--quiet)}\
.row{display:flex;gap:1rem;flex-wrap:wrap;align-items:end}figure{margin:0;max-width:240px}\
.source{padding-right:1rem;border-right:1px solid var(--line)}\
img{max-width:240px;max-height:240px;display:block;background:\
repeating-conic-gradient(var(--check) 0 25%,transparent 0 50%) 0 0/16px 16px}\
figcaption{font-size:.8rem;color:var(--quiet)}.refused{color:var(--bad)}</style></head><body>\n\
<h1>Uploads and their variants</h1>\n<p>The upload is on the left. Pictures are shown at up to \
240 pixels; a click opens one at its own size. Equal files are shown once. Percentages compare a \
variant with its upload.</p>\n";

/// Why the demo's own photographs have marks.
const MARKS: &str = "<p>The photographs have a red bar along the top and a blue bar at the bottom \
left, so that you can see that each variant is upright and not mirrored.</p>\n";

/// The characters that are escaped in a relative URL.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Writes `index.html` into the folder that holds uploads and variants, and returns its path.
///
/// # Errors
/// `File` where it cannot be written.
pub(super) fn write(rows: &[Row], folder: &Path) -> Result<PathBuf, CommandError> {
    let mut html = HEAD.to_owned();
    if rows.iter().any(|row| !row.note.is_empty()) {
        html.push_str(MARKS);
    }
    for row in rows {
        section(&mut html, row).expect("a String takes every write");
    }
    html.push_str("</body></html>\n");
    let path = folder.join("index.html");
    std::fs::write(&path, html).map_err(CommandError::file(&path))?;
    Ok(path)
}

fn section(html: &mut String, row: &Row) -> std::fmt::Result {
    let key = escaped(&row.object.key);
    let (bytes, source) = (row.bytes as u64, row.source());
    let facts = [row.note, &size(bytes), &source].map(escaped);
    let facts: Vec<&str> =
        facts.iter().map(String::as_str).filter(|fact| !fact.is_empty()).collect();
    write!(html, "<section><h2>{key}</h2><p>{}</p>", facts.join(" · "))?;
    let Some(line) = &row.line else {
        return writeln!(html, "<p class=\"refused\">no outcome</p></section>");
    };
    if let Some(message) = row.message() {
        write!(html, "<p class=\"refused\">{}: {}</p>", row.outcome(), escaped(message))?;
    } else if line.variants.is_empty() {
        write!(html, "<p class=\"refused\">{}</p>", line.outcome)?;
    }
    html.push_str("<div class=\"row\">");
    let is_shown = line.source.as_ref().is_some_and(|source| BROWSERS.contains(&&*source.format));
    if is_shown {
        let url = url(&source_path(&row.object));
        write!(
            html,
            "<figure class=\"source\"><a href=\"{url}\"><img src=\"{url}\" alt=\"the upload\"></a>\
             <figcaption>upload<br>{}</figcaption></figure>",
            size(bytes)
        )?;
    }
    for equal in equal_files(&line.variants) {
        figure(html, &equal, bytes)?;
    }
    writeln!(html, "</div></section>")
}

fn figure(html: &mut String, equal: &[&ManifestVariant], source_bytes: u64) -> std::fmt::Result {
    let Some(variant) = equal.first() else { return Ok(()) };
    let names: Vec<String> = equal.iter().map(|variant| escaped(&variant.name)).collect();
    let (names, url) = (names.join(", "), url(&variant_path(variant)));
    let (width, height) = (variant.width, variant.height);
    let format = escaped(variant.media_type.trim_start_matches("image/"));
    let change = (variant.bytes as f64 / source_bytes.max(1) as f64 - 1.0) * 100.0;
    writeln!(
        html,
        "<figure><a href=\"{url}\"><img src=\"{url}\" alt=\"{names}\"></a>\
         <figcaption>{names} · {format}<br>{width}x{height} · {} · {change:+.1}%</figcaption>\
         </figure>",
        size(variant.bytes)
    )
}

/// The formats that browsers show.
const BROWSERS: [&str; 6] = ["JPEG", "PNG", "WebP", "GIF", "AVIF", "BMP"];

/// Where the demo keeps a copy of an upload, in its folder.
pub(super) fn source_path(object: &ObjectRef) -> String {
    format!("uploads/{}/{}", object.bucket, safe(&object.key))
}

/// Where the demo keeps a copy of a variant, in its folder.
pub(super) fn variant_path(variant: &ManifestVariant) -> String {
    format!("variants/{}/{}", variant.bucket, safe(&variant.key))
}

/// A key as a path that stays in its folder.
fn safe(key: &str) -> String {
    let part =
        |part: &str| if part.chars().all(|c| c == '.') { "_".to_owned() } else { part.to_owned() };
    key.split('/').map(part).collect::<Vec<String>>().join("/")
}

fn url(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
