//! Pixels to an AVIF file.

use resizer_cpu::Cpu;

use crate::color::{self, luminance};
use crate::container::{self, Coded};
use crate::detect;
use crate::error::EncodeError;
use crate::frame::Frame;
use crate::headers;
use crate::options::{ColorCode, EncodeOptions, Sampling};
use crate::picture::{Chroma, Picture};
use crate::scan::Scans;
use crate::search::Search;
use crate::tile::{self, Shared};

/// The longest side in pixels. AV1 allows one pixel more.
pub(crate) const MAX_SIDE: u32 = 65_535;

/// Encodes a picture: `width * height` pixels of [`EncodeOptions::format`], rows from top to bottom
/// without gaps.
///
/// # Errors
/// `Size` if a side is 0 or above 65,535; `Length` if `pixels` has another length.
pub fn encode(
    pixels: &[u8],
    width: u32,
    height: u32,
    options: &EncodeOptions<'_>,
) -> Result<Vec<u8>, EncodeError> {
    encode_until(pixels, (width, height), options, &|| false)
}

/// As [`encode`], but asks `is_stopped` before each row of superblocks, which is 64 pixels high,
/// and ends if it returns true.
///
/// # Errors
/// Those of [`encode`]; `Stopped` if `is_stopped` returned true.
pub fn encode_until(
    pixels: &[u8],
    (width, height): (u32, u32),
    options: &EncodeOptions<'_>,
    is_stopped: &dyn Fn() -> bool,
) -> Result<Vec<u8>, EncodeError> {
    if [width, height].iter().any(|side| !(1..=MAX_SIDE).contains(side)) {
        return Err(EncodeError::Size { width, height });
    }
    let size = (width as usize, height as usize);
    let expected = size.0.saturating_mul(size.1).saturating_mul(options.format.channels());
    if pixels.len() != expected {
        return Err(EncodeError::Length { given: pixels.len(), expected });
    }
    encode_on(Cpu::detect(), (pixels, size), options, is_stopped)
}

/// Encodes pixels, whose number must be that of `size`.
fn encode_on(
    cpu: Cpu,
    (pixels, size): (&[u8], (usize, usize)),
    options: &EncodeOptions<'_>,
    is_stopped: &dyn Fn() -> bool,
) -> Result<Vec<u8>, EncodeError> {
    let mut picture = color::to_planes(cpu, pixels, size, options);
    // Luma alone decides, so that this holds for 4:4:4, too.
    let is_screen_content = detect::is_screen_content(&picture);
    if options.sampling == Sampling::Automatic
        && picture.chroma == Chroma::Half
        && is_screen_content
    {
        drop(picture);
        picture = color::to_planes(cpu, pixels, size, &options.with_sampling(Sampling::S444));
    }
    // In screen content, luma has to stay flat.
    if picture.chroma == Chroma::Half && !is_screen_content {
        luminance::keep(cpu, pixels, options.format.channels(), &mut picture);
    }
    let search =
        Search { is_screen_content: Some(is_screen_content), ..Search::new(options.effort) };
    let color = encode_with(cpu, &picture, (options, search), is_stopped)?.coded;
    drop(picture);
    let alpha = match color::alpha(pixels, size, options.format) {
        Some(alpha) => Some(encode_picture(cpu, &alpha, options, is_stopped)?.coded),
        None => None,
    };
    Ok(container::write(&color, alpha.as_ref(), options))
}

/// A coded picture, and its samples before the filters of the decoder.
pub(crate) struct Encoded {
    pub(crate) coded: Coded,
    #[cfg_attr(not(test), expect(dead_code, reason = "tests compare it with a decoder's samples"))]
    pub(crate) tiles: Vec<Picture>,
}

/// Encodes planes.
///
/// # Errors
/// `Stopped`.
pub(crate) fn encode_picture(
    cpu: Cpu,
    picture: &Picture,
    options: &EncodeOptions<'_>,
    is_stopped: &dyn Fn() -> bool,
) -> Result<Encoded, EncodeError> {
    encode_with(cpu, picture, (options, Search::new(options.effort)), is_stopped)
}

fn encode_with(
    cpu: Cpu,
    picture: &Picture,
    (options, search): (&EncodeOptions<'_>, Search),
    is_stopped: &dyn Fn() -> bool,
) -> Result<Encoded, EncodeError> {
    let is_screen_content =
        search.is_screen_content.unwrap_or_else(|| detect::is_screen_content(picture));
    let is_profiled = options.icc_profile.is_some();
    let frame = Frame {
        width: picture.width,
        height: picture.height,
        chroma: picture.chroma,
        color: if is_profiled { ColorCode::UNSPECIFIED } else { options.color },
        q_index: options.q_index((picture.width, picture.height)),
        has_matrix: true,
        has_delta_q: !is_screen_content,
        is_screen_content,
        has_filters: options.filters,
    };
    let shared = Shared { cpu, frame: &frame, search, scans: Scans::new(), is_stopped };
    let grid = frame.tiles();
    let (mut tiles, mut decoded) = (Vec::new(), Vec::new());
    for row in 0..grid.rows {
        for column in 0..grid.columns {
            let (x, y) = (column * grid.width, row * grid.height);
            let (width, height) =
                (grid.width.min(frame.width - x), grid.height.min(frame.height - y));
            let (bytes, samples) = if grid.columns * grid.rows == 1 {
                tile::encode(&shared, picture)?
            } else {
                tile::encode(&shared, &picture.part(x, y, width, height))?
            };
            tiles.push(bytes);
            decoded.push(samples);
        }
    }
    let sequence_header = headers::sequence_header(&frame);
    let data = [&sequence_header[..], &headers::frame_unit(&frame, &tiles)].concat();
    Ok(Encoded { coded: Coded { frame, sequence_header, data }, tiles: decoded })
}

impl Chroma {
    /// The number of channels in the container.
    pub(crate) const fn channels(self) -> u8 {
        if matches!(self, Self::None) { 1 } else { 3 }
    }
}

#[cfg(test)]
mod screen_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vector_tests;
