//! The `image` crate as a rival: its worker.

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageFormat};
use std::io::Cursor;

use crate::Outcome;
use crate::protocol::{self, Order};

/// Answers orders until standard input ends.
///
/// # Errors
/// If the pipes break.
pub(crate) fn work() -> Outcome<()> {
    protocol::serve("image 0.25", |order, source| Ok(variants(order, source)?.into()))
        .map_err(|error| error.to_string())
}

fn variants(order: &Order, source: &[u8]) -> Outcome<Vec<Vec<u8>>> {
    match order.format.as_str() {
        "webp" => return Err("writes only lossless WebP".into()),
        "avif" => return Err("built without AVIF".into()),
        _ => {}
    }
    let picture = image::load_from_memory(source).map_err(|error| error.to_string())?;
    order.widths.iter().map(|&width| variant(order, &picture, width)).collect()
}

fn variant(order: &Order, picture: &DynamicImage, width: u32) -> Outcome<Vec<u8>> {
    let small = picture.resize(width, u32::MAX, FilterType::Lanczos3);
    let mut out = Cursor::new(Vec::new());
    let written = match order.format.as_str() {
        "jpeg" => {
            let encoder = JpegEncoder::new_with_quality(&mut out, order.quality);
            small.write_with_encoder(encoder)
        }
        _ => small.write_to(&mut out, ImageFormat::Png),
    };
    written.map_err(|error| error.to_string())?;
    Ok(out.into_inner())
}
