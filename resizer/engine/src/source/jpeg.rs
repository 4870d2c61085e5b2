//! The seam to our JPEG crate's header: frame, EXIF, color profile and scans of a file.

use resizer_jpeg::frame::{ColorModel, Component};
use resizer_jpeg::{DecodeError, Header as JpegHeader, Scale};

use super::{CMYK_TABLE_BYTES, Memory, Parsed, StoredPicture, nonzero_size, profile_bytes};
use crate::error::{Quantity, Reject};
use crate::format::ImageFormat;
use crate::orientation::Orientation;
use crate::raster::Layout;

/// The markers of a JPEG.
#[derive(Debug)]
pub(crate) struct Jpeg<'a> {
    pub(crate) file: JpegHeader<'a>,
    /// Pixels that one chroma sample covers, across and down, where the planes can be used as they
    /// are.
    pub(crate) chroma: Option<[u32; 2]>,
}

/// What is known of a color profile before it is put together.
#[derive(Debug, Default)]
struct Profile {
    length_bytes: usize,
    is_there: bool,
    /// Whether it says what colors CMYK stands for. Source: ICC.1, 7.2.6.
    is_of_cmyk: bool,
}

pub(super) fn parse(source: &[u8]) -> Result<Parsed<Jpeg<'_>>, Reject> {
    let file = JpegHeader::read(source).map_err(reject)?;
    let size = nonzero_size(ImageFormat::Jpeg, file.frame.width, file.frame.height)?;
    let profile = Profile::of(&file);
    let layout = match file.frame.color {
        ColorModel::Gray => Layout::Gray,
        ColorModel::Cmyk | ColorModel::Ycck if profile.is_of_cmyk => Layout::Cmyk,
        _ => Layout::Rgb,
    };
    let orientation = file.exif.map_or(Orientation::UPRIGHT, Orientation::from_exif);
    let table_bytes = if layout == Layout::Cmyk { CMYK_TABLE_BYTES } else { 0 };
    Ok(Parsed {
        picture: StoredPicture { size, orientation, layout },
        memory: Memory {
            decoder_bytes: file.decoding_bytes(Scale::Full),
            lasting_bytes: profile_bytes(profile.length_bytes) + table_bytes,
        },
        container: Jpeg { chroma: chroma(&file).filter(|_| !profile.is_there), file },
    })
}

impl Profile {
    fn of(file: &JpegHeader<'_>) -> Self {
        let mut profile = Self::default();
        let mut first_seen = false;
        for (number, _, part) in file.icc_chunks() {
            profile.is_there = true;
            profile.length_bytes += part.len();
            if number == 1 && !first_seen {
                first_seen = true;
                profile.is_of_cmyk = part.get(16..20) == Some(b"CMYK");
            }
        }
        profile
    }
}

fn chroma(file: &JpegHeader<'_>) -> Option<[u32; 2]> {
    let &[luma, blue, red] = file.frame.components() else { return None };
    let of = |component: Component| [component.horizontal, component.vertical];
    let [most, least] = [of(luma), of(blue)];
    let usable = file.frame.color == ColorModel::YCbCr
        && least == of(red)
        && std::iter::zip(most, least).all(|(most, least)| most.is_multiple_of(least));
    usable.then(|| [0, 1].map(|side| u32::from(most[side] / least[side])))
}

/// The crate's refusals in the engine's terms.
pub(crate) fn reject(error: DecodeError) -> Reject {
    match error {
        DecodeError::Unsupported(feature) => Reject::Unsupported { what: feature.name() },
        // All other limits of the crate are open, because the engine has its own.
        DecodeError::TooLarge { value, limit, .. } => {
            Reject::TooLarge { quantity: Quantity::ScanBlocks, value, limit }
        }
        error => Reject::malformed(ImageFormat::Jpeg, error),
    }
}
