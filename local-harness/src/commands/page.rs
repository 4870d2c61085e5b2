//! An HTML page of the demo's variants: one section per upload.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::CommandError;
use super::table::{Row, size};

const HEAD: &str = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>Uploads and their variants</title>\
<style>body{font:15px/1.5 system-ui,sans-serif;margin:2rem;background:#f4f4f2;color:#222}\
section{background:#fff;border:1px solid #ddd;border-radius:8px;padding:1rem;margin:1rem 0}\
h2{font-size:1rem;margin:0}p{margin:.2rem 0 .8rem;color:#666}\
.row{display:flex;gap:1rem;flex-wrap:wrap;align-items:end}figure{margin:0}\
img{max-width:240px;max-height:240px;display:block;background:\
repeating-conic-gradient(#ddd 0 25%,#fff 0 50%) 0 0/16px 16px}\
figcaption{font-size:.8rem;color:#666}.refused{color:#a33}</style></head><body>\n\
<h1>Uploads and their variants</h1>\n<p>Variants are shown at up to 240 pixels; a click opens one \
at its own size.</p>\n";

/// The characters that are escaped in a relative URL.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_');

/// Writes `index.html` into the folder that holds the variants, and returns its path.
///
/// # Errors
/// `File` where it cannot be written.
pub fn write(rows: &[Row], folder: &Path) -> Result<PathBuf, CommandError> {
    let mut html = HEAD.to_owned();
    for row in rows {
        section(&mut html, row).expect("a String takes every write");
    }
    html.push_str("</body></html>\n");
    let path = folder.join("index.html");
    std::fs::write(&path, html).map_err(CommandError::file(&path))?;
    Ok(path)
}

fn section(html: &mut String, row: &Row) -> std::fmt::Result {
    let (key, note) = (escaped(&row.key), escaped(row.note));
    let source = row.source();
    write!(html, "<section><h2>{key}</h2><p>{note} · {} {source}</p>", size(row.bytes as u64))?;
    let Some(line) = &row.line else {
        return writeln!(html, "<p class=\"refused\">no outcome</p></section>");
    };
    if let Some(message) = &line.message {
        write!(html, "<p class=\"refused\">{}: {}</p>", line.outcome, escaped(message))?;
    }
    html.push_str("<div class=\"row\">");
    for variant in &line.variants {
        let url = utf8_percent_encode(&variant.key, PATH);
        let (width, height) = (variant.width, variant.height);
        write!(
            html,
            "<figure><a href=\"{url}\"><img src=\"{url}\" alt=\"{}\"></a>\
             <figcaption>{} · {width}x{height} · {}</figcaption></figure>",
            escaped(&variant.name),
            escaped(&variant.name),
            size(variant.bytes)
        )?;
    }
    writeln!(html, "</div></section>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
