//! A source in, its gain map out: a second, smaller picture that says how much more light each
//! pixel of the first has on a screen with headroom, and what its samples mean. Nothing here
//! decodes a pixel. Source: ISO 21496-1; Ultra HDR Image Format 1.1; Adobe, Gain map 1.0.

mod apple;
mod curve;
mod iso;
mod jpeg;
mod multi_picture;
mod parameters;
mod xmp;

pub(crate) use self::curve::Curve;
pub(crate) use self::multi_picture::{joined, with_segment};
pub(crate) use self::parameters::Parameters;
pub(crate) use self::xmp::{of_map as xmp_of_map, of_primary as xmp_of_primary};
use crate::raster::Layout;
use crate::source::{HeifMapKind, Source};

/// What became of a source's gain map in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GainMapOutcome {
    /// The file carries it.
    Kept,
    /// The format of the file holds none.
    UnsupportedFormat,
    /// The map is of a kind that is not carried: to a picture that is HDR itself, in other colors
    /// than the picture, or of a headroom that the file does not say.
    UnsupportedMap,
    /// The map, or what is said of it, is damaged, missing, or does not fit to the picture.
    Damaged,
    /// The map would take more memory than the limit.
    TooLarge,
}

impl GainMapOutcome {
    /// A stable word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::UnsupportedFormat => "unsupported_format",
            Self::UnsupportedMap => "unsupported_map",
            Self::Damaged => "damaged",
            Self::TooLarge => "too_large",
        }
    }
}

/// A gain map that fits to its picture.
#[derive(Debug)]
pub(crate) struct GainMap<'a> {
    /// Its samples, gray or RGB. The orientation turns them as the picture is turned.
    pub(crate) source: Source<'a>,
    /// What the samples mean.
    pub(crate) parameters: Parameters,
    /// For a map with another scale: each sample on the scale of the parameters, from 0 to 1.
    pub(crate) shares: Option<[f64; 256]>,
}

/// A side of the map may differ from the picture's aspect by this part, besides its rounding.
const ASPECT_TOLERANCE: f64 = 0.01;

impl<'a> GainMap<'a> {
    /// The gain map of a source, or why it cannot go along; `None` where the source says nothing of
    /// one. At most `max_scans` are decoded.
    pub(crate) fn find(
        picture: &Source<'a>,
        max_scans: u32,
    ) -> Option<Result<Self, GainMapOutcome>> {
        let found = match picture.jpeg_header() {
            Some(header) => jpeg::find(picture, header)?,
            None => Self::of_heif(picture)?,
        };
        Some(found.and_then(|map| map.admitted(picture, max_scans)))
    }

    fn of_heif(picture: &Source<'a>) -> Option<Result<Self, GainMapOutcome>> {
        let (source, kind) = match picture.heif_gain_map()? {
            Ok(found) => found,
            Err(_) => return Some(Err(GainMapOutcome::Damaged)),
        };
        let parameters = match kind {
            HeifMapKind::ToneMap(body) => iso::read_item(&body),
            HeifMapKind::Apple(xmp) => {
                return Some(apple::map(picture, source, xmp.as_deref()));
            }
        };
        let map = parameters.map(|parameters| Self { source, parameters, shares: None });
        Some(map.ok_or(GainMapOutcome::Damaged))
    }

    /// The map, if it may go along.
    fn admitted(self, picture: &Source<'_>, max_scans: u32) -> Result<Self, GainMapOutcome> {
        let layout = self.source.layout();
        let is_plain = matches!(layout, Layout::Gray | Layout::Rgb);
        if !is_plain || !self.fits(picture) || self.source.scan_count() > max_scans {
            return Err(GainMapOutcome::Damaged);
        }
        // What multiplies all channels alike does so in any primaries.
        let is_of_base = self.parameters.uses_base_colors || self.shares_profile(picture);
        if self.parameters.base_is_hdr() || !(self.is_gray() || is_of_base) {
            return Err(GainMapOutcome::UnsupportedMap);
        }
        Ok(self)
    }

    /// Whether the map is no larger than the picture and has its aspect.
    fn fits(&self, picture: &Source<'_>) -> bool {
        let (map, whole) = (self.source.size(), picture.size());
        let [across, down] = [(map.width(), whole.width()), (map.height(), whole.height())]
            .map(|(map, whole)| f64::from(map) / f64::from(whole));
        let rounding = 1.0 / f64::from(whole.width()) + 1.0 / f64::from(whole.height());
        let tolerance = rounding + ASPECT_TOLERANCE * across.min(down);
        across.max(down) <= 1.0 && (across - down).abs() <= tolerance
    }

    /// Whether the colors in which a JPEG's map applies are those of the picture.
    fn shares_profile(&self, picture: &Source<'_>) -> bool {
        let profile = self.source.icc_profile();
        let is_jpeg = picture.jpeg_header().is_some();
        is_jpeg && (profile.is_none() || profile == picture.icc_profile())
    }

    /// Whether it multiplies all channels of the picture alike.
    pub(crate) fn is_gray(&self) -> bool {
        self.source.layout() == Layout::Gray && self.parameters.are_equal()
    }

    /// The samples that leave the picture as it is; `None` where there are none.
    pub(crate) fn neutral(&self) -> Option<[u8; 3]> {
        let [red, green, blue] = self.parameters.neutral()?;
        let is_gray = self.source.layout() == Layout::Gray;
        (!is_gray || red == green && red == blue).then_some([red, green, blue])
    }

    /// The curve of each channel of the map.
    pub(crate) fn curves(&self) -> Vec<Curve> {
        let shares = self.shares.unwrap_or_else(|| std::array::from_fn(|at| at as f64 / 255.0));
        let channels = self.parameters.channels.iter().take(self.source.layout().channels());
        channels.map(|channel| Curve::new(channel, &shares)).collect()
    }

    /// The base offset of each channel of the map, in linear light. It is added to the picture
    /// before the picture is multiplied.
    pub(crate) fn base_offsets(&self) -> Vec<f64> {
        let channels = self.parameters.channels.iter().take(self.source.layout().channels());
        channels.map(|channel| channel.base_offset).collect()
    }

    /// What is said of it in a segment of its own: the name and the body, for the file of the
    /// picture, and for that of the map.
    pub(crate) fn iso_segments(&self) -> [Vec<u8>; 2] {
        [iso::segment_of_picture(), iso::segment_of_map(&self.parameters, self.is_gray())]
    }
}
