//! A source in, the region inside a border of one color out, row by row as they are decoded.

use crate::decode::{Band, Decoder};
use crate::error::RenderError;
use crate::plan::{Plan, Stream};
use crate::raster::{Layout, Rect, Size};
use crate::source::Source;
use crate::spec::{FormatSpec, Light, OutputFormat, Request, Truncated, VariantSpec};
use crate::stop::Stop;

/// Everything that differs from the first pixel by more than `tolerance` in some channel, and what
/// lies between, as stored; all of the source where nothing differs. Decodes the source once, as it
/// will be decoded again for its pictures: their sizes follow from what is found.
///
/// # Errors
/// The decoder's; `Stopped`.
pub(crate) fn inside_of_border(
    source: &Source<'_>,
    truncated: Truncated,
    tolerance: u8,
    stop: &Stop,
) -> Result<Rect, RenderError> {
    let mut decoder = Decoder::new(source, &all_pixels(source, truncated), stop)?;
    let mut band = Band::default();
    let mut found: Option<[usize; 4]> = None;
    let (mut border, mut y) = (Vec::new(), 0);
    while decoder.next_band(&mut band)? {
        for row in band.rows(Stream::Pixels) {
            let channels: Vec<&[u8]> = row.collect();
            if border.is_empty() {
                border.extend(channels.iter().map(|channel| channel[0]));
            }
            if let Some([first, last]) = differing(&channels, &border, source.layout(), tolerance) {
                let [left, top, right, _] = found.unwrap_or([first, y, last, y]);
                found = Some([left.min(first), top, right.max(last), y]);
            }
            y += 1;
        }
    }
    let region = found.and_then(|[left, top, right, bottom]| {
        let side = |first: usize, last: usize| (last - first + 1) as u32;
        let size = Size::new(side(left, right), side(top, bottom))?;
        Some(Rect { x: left as u32, y: top as u32, size })
    });
    Ok(region.unwrap_or(Rect::whole(source.picture().size)))
}

/// The first and the last pixel of a row that do not belong to the border.
fn differing(
    channels: &[&[u8]],
    border: &[u8],
    layout: Layout,
    tolerance: u8,
) -> Option<[usize; 2]> {
    let alpha = layout.has_alpha().then(|| channels.len() - 1);
    let differs = |&x: &usize| {
        let is_unseen = alpha.is_some_and(|alpha| channels[alpha][x] == 0 && border[alpha] == 0);
        let is_far = |(channel, border): (&&[u8], &u8)| channel[x].abs_diff(*border) > tolerance;
        !is_unseen && channels.iter().zip(border).any(is_far)
    };
    let width = channels.first()?.len();
    let first = (0..width).find(differs)?;
    let last = (first..width).rev().find(differs)?;
    Some([first, last])
}

/// A plan that needs every pixel as it is.
fn all_pixels(source: &Source<'_>, truncated: Truncated) -> Plan {
    let as_is = VariantSpec {
        formats: vec![FormatSpec::Fixed(OutputFormat::Png)],
        light: Light::Gamma,
        ..VariantSpec::default()
    };
    let all = Request { truncated, ..vec![as_is].into() };
    Plan::new(source, &all)
}
