//! The fields that this reader knows, found in one walk over a directory.

use super::directory::{Directory, Values};

pub(super) const SUBFILE_TYPE: u16 = 254;
pub(super) const WIDTH: u16 = 256;
pub(super) const HEIGHT: u16 = 257;
pub(super) const BITS: u16 = 258;
pub(super) const COMPRESSION: u16 = 259;
pub(super) const PHOTOMETRIC: u16 = 262;
pub(super) const FILL_ORDER: u16 = 266;
pub(super) const MAKE: u16 = 271;
pub(super) const STRIP_OFFSETS: u16 = 273;
pub(super) const ORIENTATION: u16 = 274;
pub(super) const SAMPLES: u16 = 277;
pub(super) const ROWS_PER_STRIP: u16 = 278;
pub(super) const STRIP_BYTES: u16 = 279;
pub(super) const PLANAR: u16 = 284;
pub(super) const T4_OPTIONS: u16 = 292;
pub(super) const ARTIST: u16 = 315;
pub(super) const PREDICTOR: u16 = 317;
pub(super) const COLOR_MAP: u16 = 320;
pub(super) const TILE_WIDTH: u16 = 322;
pub(super) const TILE_HEIGHT: u16 = 323;
pub(super) const TILE_OFFSETS: u16 = 324;
pub(super) const TILE_BYTES: u16 = 325;
pub(super) const SUB_DIRECTORIES: u16 = 330;
pub(super) const INK_SET: u16 = 332;
pub(super) const EXTRA_SAMPLES: u16 = 338;
pub(super) const SAMPLE_FORMAT: u16 = 339;
pub(super) const JPEG_TABLES: u16 = 347;
pub(super) const YCBCR_COEFFICIENTS: u16 = 529;
pub(super) const YCBCR_SUBSAMPLING: u16 = 530;
pub(super) const REFERENCE_BLACK_WHITE: u16 = 532;
pub(super) const COPYRIGHT: u16 = 33_432;
pub(super) const IPTC: u16 = 33_723;
pub(super) const ICC: u16 = 34_675;
pub(super) const DNG_VERSION: u16 = 50_706;

/// Fields without which the pixels cannot be read as they were meant.
const OF_PIXELS: [u16; 23] = [
    WIDTH,
    HEIGHT,
    BITS,
    COMPRESSION,
    PHOTOMETRIC,
    FILL_ORDER,
    STRIP_OFFSETS,
    SAMPLES,
    ROWS_PER_STRIP,
    PLANAR,
    T4_OPTIONS,
    PREDICTOR,
    COLOR_MAP,
    TILE_WIDTH,
    TILE_HEIGHT,
    TILE_OFFSETS,
    INK_SET,
    EXTRA_SAMPLES,
    SAMPLE_FORMAT,
    JPEG_TABLES,
    YCBCR_COEFFICIENTS,
    YCBCR_SUBSAMPLING,
    REFERENCE_BLACK_WHITE,
];

/// Byte counts are among these because decoding can do without.
const OTHERS: [u16; 11] = [
    MAKE,
    ARTIST,
    SUB_DIRECTORIES,
    COPYRIGHT,
    IPTC,
    ICC,
    DNG_VERSION,
    STRIP_BYTES,
    TILE_BYTES,
    ORIENTATION,
    SUBFILE_TYPE,
];

/// The values of each known field.
#[derive(Debug)]
pub(crate) struct Tags<'a> {
    of_pixels: [Option<Values<'a>>; OF_PIXELS.len()],
    others: [Option<Values<'a>>; OTHERS.len()],
}

impl<'a> Tags<'a> {
    /// Of two fields with one tag the first counts.
    pub(super) fn read(directory: &Directory<'a>) -> Self {
        let mut tags = Self { of_pixels: [None; _], others: [None; _] };
        for (tag, values) in directory.fields() {
            if let Some(place) = tags.place(tag) {
                place.get_or_insert(values);
            }
        }
        tags
    }

    fn place(&mut self, tag: u16) -> Option<&mut Option<Values<'a>>> {
        let of_pixels = OF_PIXELS.iter().position(|&known| known == tag);
        match of_pixels {
            Some(index) => self.of_pixels.get_mut(index),
            None => self.others.get_mut(OTHERS.iter().position(|&known| known == tag)?),
        }
    }

    /// Whether the file holds all values of the fields that the pixels depend on.
    pub(super) fn are_whole(&self) -> bool {
        self.of_pixels.iter().flatten().all(Values::is_whole)
    }

    /// The values of a field that is there and not empty.
    pub(super) fn values(&self, tag: u16) -> Option<Values<'a>> {
        let of_pixels = OF_PIXELS.iter().position(|&known| known == tag);
        let values = match of_pixels {
            Some(index) => self.of_pixels[index],
            None => self.others[OTHERS.iter().position(|&known| known == tag)?],
        };
        values.filter(|values| values.count() > 0)
    }

    /// The first value.
    pub(super) fn number(&self, tag: u16) -> Option<u64> {
        self.values(tag)?.get(0)
    }

    /// The bytes of a text or of what is embedded.
    pub(super) fn bytes(&self, tag: u16) -> Option<&'a [u8]> {
        self.values(tag)?.bytes()
    }
}
