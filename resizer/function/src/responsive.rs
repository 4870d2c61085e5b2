//! Variants in, what a page puts into its HTML out: `srcset` strings for each format and a whole
//! `<picture>`. Pure text.
//!
//! A browser may take any candidate of a `srcset` for any other, so that all of them must show the
//! same: variants are put into sets by their aspect ratio, and those that move apart from those
//! that do not. What has the source's own ratio comes first; a square cut of a landscape is in a
//! set of its own.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::manifest::ManifestVariant;
use crate::percent::encoded;

/// What browsers are offered first, the best one first; the others are for all browsers.
const MODERN: [&str; 2] = ["image/avif", "image/webp"];

/// What the `<img>` is made of, the first one that is there.
const FOR_ALL: [&str; 3] = ["image/jpeg", "image/png", "image/gif"];

/// Variants that show the same in different sizes and formats.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResponsiveSet {
    /// Of the largest, in pixels.
    pub width: u32,
    /// Of the largest, in pixels.
    pub height: u32,
    /// For the attribute `srcset` of each media type: every width once, the smallest first.
    pub srcset: BTreeMap<String, String>,
    /// For the attribute `sizes`: as wide as the window, up to the largest.
    pub sizes: String,
    /// A `<picture>` with all of that; its `alt` is empty and for the page to fill.
    pub picture: String,
}

/// Where a key is found: below `base`, or relative without one. A browser that resolves it takes
/// `.` and `..` between slashes for folders, however they are written; no URL can name such a key.
pub fn url(base: Option<&str>, key: &str) -> String {
    let path = encoded(key);
    match base {
        Some(base) => format!("{}/{path}", base.trim_end_matches('/')),
        // Relative to the page's folder, as all others are, and not to its host.
        None if key.starts_with('/') => format!("./{path}"),
        None => path,
    }
}

/// Digits of an ETag in a URL: enough to tell the versions of one key apart.
pub(crate) const VERSION_DIGITS: usize = 8;

/// A URL that is another one when the object's bytes are: with the beginning of its ETag.
pub fn versioned(url: &str, etag: &str) -> String {
    format!("{url}?v={}", &etag[..VERSION_DIGITS.min(etag.len())])
}

/// All sets, those that move first: that of the `source`'s own aspect ratio, if there is one, then
/// each other in the order of its first variant. The largest of a set says what its ratio is;
/// others have it where one of their sides is what follows from the other, to the nearest pixel.
pub fn sets(source: (u32, u32), variants: &[ManifestVariant]) -> Vec<ResponsiveSet> {
    let (moving, still) = variants.iter().partition(|variant| variant.animated);
    [moving, still].into_iter().flat_map(|alike| sets_by_aspect(source, alike)).collect()
}

fn sets_by_aspect(source: (u32, u32), mut rest: Vec<&ManifestVariant>) -> Vec<ResponsiveSet> {
    let mut sets = Vec::new();
    let mut like = source;
    loop {
        let (members, others): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|one| has_aspect((one.width, one.height), like));
        if !members.is_empty() {
            sets.push(set(&members));
        }
        let Some(&first) = others.first() else { return sets };
        // The largest that is like the first: a small one says less.
        let first = (first.width, first.height);
        let alike = others.iter().map(|one| (one.width, one.height));
        let alike = alike.filter(|&size| has_aspect(first, size) || has_aspect(size, first));
        like = alike.max_by_key(|size| size.0).unwrap_or(first);
        rest = others;
    }
}

/// Whether one side of a size follows from its other side and the ratio of `like`.
fn has_aspect((width, height): (u32, u32), like: (u32, u32)) -> bool {
    let scaled = |side: u32, numerator: u32, denominator: u32| {
        let (side, denominator) = (u64::from(side), u64::from(denominator).max(1));
        (side * u64::from(numerator) * 2 + denominator) / (denominator * 2)
    };
    let follows = |side: u32, from: u64| u64::from(side) == from.max(1);
    follows(height, scaled(width, like.1, like.0)) || follows(width, scaled(height, like.0, like.1))
}

fn set(members: &[&ManifestVariant]) -> ResponsiveSet {
    let mut formats: BTreeMap<&str, BTreeMap<u32, &ManifestVariant>> = BTreeMap::new();
    for &variant in members {
        // Where two have one width the first of the rule counts.
        let widths = formats.entry(&variant.media_type).or_default();
        widths.entry(variant.width).or_insert(variant);
    }
    let largest = members.iter().max_by_key(|one| one.width);
    let (width, height) = largest.map_or((0, 0), |one| (one.width, one.height));
    let sizes = format!("(max-width: {width}px) 100vw, {width}px");
    let srcset = |widths: &BTreeMap<u32, &ManifestVariant>| {
        let candidates = widths.values().map(|one| format!("{} {}w", one.url, one.width));
        candidates.collect::<Vec<String>>().join(", ")
    };
    let srcsets = formats.iter().map(|(format, widths)| ((*format).to_owned(), srcset(widths)));
    let srcset: BTreeMap<String, String> = srcsets.collect();
    // Formats that no list names are for all browsers too.
    let known = FOR_ALL.into_iter().chain(MODERN.into_iter().rev());
    let fallback = known.chain(formats.keys().copied()).find(|format| formats.contains_key(format));
    let last = fallback.and_then(|format| formats.get(format)?.last_key_value());
    let mut picture = "<picture>".to_owned();
    let text = last.map_or(Ok(()), |(_, &largest)| {
        write_sources(&mut picture, &srcset, &sizes, &largest.media_type)?;
        write_image(&mut picture, &srcset, &sizes, largest)
    });
    text.expect("a String takes every write");
    picture.push_str("</picture>");
    ResponsiveSet { width, height, srcset, sizes, picture }
}

fn write_sources(
    html: &mut String,
    srcset: &BTreeMap<String, String>,
    sizes: &str,
    fallback: &str,
) -> std::fmt::Result {
    for format in MODERN.into_iter().filter(|format| *format != fallback) {
        let Some(candidates) = srcset.get(format) else { continue };
        let candidates = escaped(candidates);
        write!(html, r#"<source type="{format}" srcset="{candidates}" sizes="{sizes}">"#)?;
    }
    Ok(())
}

fn write_image(
    html: &mut String,
    srcset: &BTreeMap<String, String>,
    sizes: &str,
    largest: &ManifestVariant,
) -> std::fmt::Result {
    let (width, height, url) = (largest.width, largest.height, escaped(&largest.url));
    let candidates = escaped(&srcset[&largest.media_type]);
    write!(html, r#"<img src="{url}" srcset="{candidates}" sizes="{sizes}" "#)?;
    write!(html, r#"width="{width}" height="{height}" alt="">"#)
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}
