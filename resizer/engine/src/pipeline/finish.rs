//! A resampled picture in, what is encoded out: upright, cropped, in its colors, sharpened, on its
//! canvas; and the metadata of its file.

use std::borrow::Cow;

use crate::color::{ColorDescription, ToSrgb};
use crate::encode::Extras;
use crate::metadata::{FileMetadata, SourceMetadata};
use crate::orientation::Orientation;
use crate::overview::overview;
use crate::plan::{FilePlan, Geometry, Plan, VariantPlan};
use crate::raster::{Layout, Raster, Rect, Size, crop, pad, widen};
use crate::resize::Picture;
use crate::saliency::SaliencyMap;
use crate::sharpen::sharpen;
use crate::source::Source;
use crate::spec::{Hdr, Metadata, OutputColor};

/// What all files of a source have in common.
pub(super) struct Finish<'a> {
    orientation: Orientation,
    colors: &'a [ColorDescription],
    to_srgb: Option<ToSrgb>,
    /// The source's profile, where a file may carry it along.
    icc: Option<&'a [u8]>,
    metadata: SourceMetadata<'a>,
    /// Variants whose gain map needs the profile as well.
    pub(super) variants_of_map: Vec<usize>,
    /// Where something is cropped by what is seen.
    pub(super) attention: Option<SaliencyMap>,
}

impl<'a> Finish<'a> {
    /// `colors` is what the decoder says of its rows.
    pub(super) fn new(source: &'a Source<'_>, colors: &'a [ColorDescription], plan: &Plan) -> Self {
        let has_metadata = plan.variants.iter().any(|variant| variant.metadata != Metadata::None);
        let keeps =
            |variant: &VariantPlan| variant.color == OutputColor::Keep || variant.hdr == Hdr::Keep;
        let keeps = plan.variants.iter().any(keeps);
        Self {
            orientation: plan.orientation,
            colors,
            to_srgb: ToSrgb::new(colors, plan.rows.layout),
            icc: keeps.then(|| ToSrgb::carried(colors, plan.rows.layout)).flatten(),
            metadata: if has_metadata {
                SourceMetadata::new(source)
            } else {
                SourceMetadata::default()
            },
            variants_of_map: Vec::new(),
            attention: None,
        }
    }

    /// The same for pixels of another layout.
    pub(super) fn of_layout(self, layout: Layout) -> Self {
        let to_srgb = ToSrgb::new(self.colors, layout);
        let icc = self.icc.and_then(|_| ToSrgb::carried(self.colors, layout));
        Self { to_srgb, icc, ..self }
    }

    /// Upright, in its file's colors, on its canvas.
    pub(super) fn picture<'p>(
        &self,
        picture: &'p Picture,
        variant: &VariantPlan,
        file: &FilePlan,
    ) -> Cow<'p, Picture> {
        match picture {
            Picture::Planes(_) if self.orientation == Orientation::UPRIGHT => {
                Cow::Borrowed(picture)
            }
            Picture::Planes(planes) => Cow::Owned(Picture::Planes(
                planes.each_ref().map(|plane| self.orientation.apply(plane)),
            )),
            Picture::Pixels(raster) => match self.raster(raster, variant, file) {
                Cow::Borrowed(_) => Cow::Borrowed(picture),
                Cow::Owned(raster) => Cow::Owned(Picture::Pixels(raster)),
            },
        }
    }

    /// The same of pixels; borrowed where nothing is to be done.
    pub(super) fn raster<'p>(
        &self,
        raster: &'p Raster,
        variant: &VariantPlan,
        file: &FilePlan,
    ) -> Cow<'p, Raster> {
        let geometry = &variant.geometry;
        let mut finished = Cow::Borrowed(raster);
        if self.orientation != Orientation::UPRIGHT {
            finished = Cow::Owned(self.orientation.apply(&finished));
        }
        if let Some(window) = self.window(geometry, finished.size()) {
            finished = Cow::Owned(crop(&finished, window));
        }
        if self.icc_of(file).is_none() {
            finished = self.in_srgb(finished);
        }
        if variant.sharpen > 0 {
            finished = Cow::Owned(sharpen(finished.into_owned(), variant.sharpen));
        }
        if let Some((left, top)) = geometry.offset {
            let canvas = pad(&finished, geometry.output, [left, top], variant.background);
            finished = Cow::Owned(canvas);
        }
        finished
    }

    /// What is cropped of an upright picture of this size, where that is decided by what is seen.
    fn window(&self, geometry: &Geometry, whole: Size) -> Option<Rect> {
        let window = geometry.window?;
        let centered = || Rect::placed(window, whole, [0.5; 2]);
        Some(self.attention.as_ref().map_or_else(centered, |map| map.window(window, whole)))
    }

    /// The part of the upright source that a variant shows, in pixels of the source: x, y, width,
    /// height. `stored` is the source's size as stored.
    pub(super) fn shown(&self, geometry: &Geometry, stored: Size) -> [f64; 4] {
        let resampled = self.orientation.upright_size(geometry.resampled);
        geometry.shown(self.orientation, stored, self.window(geometry, resampled))
    }

    /// The same to the nearest pixel.
    pub(super) fn crop(&self, geometry: &Geometry, stored: Size) -> [u32; 4] {
        let [x, y, width, height] = self.shown(geometry, stored);
        [x, y, width.max(1.0), height.max(1.0)].map(|pixels| pixels.round() as u32)
    }

    /// The numbers of sRGB; inks without a profile by the usual formula.
    fn in_srgb<'p>(&self, raster: Cow<'p, Raster>) -> Cow<'p, Raster> {
        let converted = match &self.to_srgb {
            Some(to_srgb) => Cow::Owned(to_srgb.apply(raster.into_owned())),
            None => raster,
        };
        if converted.layout() == Layout::Cmyk {
            return Cow::Owned(widen(&converted, Layout::Rgb).into_owned());
        }
        converted
    }

    /// The plan's overview, to be looked at.
    pub(super) fn overview(&self, picture: &Picture) -> Raster {
        overview(picture, self.orientation, self.to_srgb.as_ref())
    }

    /// What goes into a file beside its pixels.
    pub(super) fn extras<'m>(&self, file: &FilePlan, metadata: &'m FileMetadata) -> Extras<'m>
    where
        'a: 'm,
    {
        let FileMetadata { exif, xmp } = metadata;
        Extras { icc: self.icc_of(file), exif: exif.as_deref(), xmp: xmp.as_deref() }
    }

    /// Whether a gain map means the same to the pictures that are made here. One of gray samples
    /// multiplies all channels alike, which it may do in any primaries. One of colors needs those
    /// of the source. Neither fits to a picture that was mapped from HDR.
    pub(super) fn takes_gain_map(&self, is_gray: bool) -> bool {
        match &self.to_srgb {
            Some(to_srgb) if to_srgb.maps_tones() => false,
            Some(_) => is_gray || self.icc.is_some(),
            None => true,
        }
    }

    /// The profile that goes into a file.
    fn icc_of(&self, file: &FilePlan) -> Option<&'a [u8]> {
        let is_of_map = self.variants_of_map.contains(&file.variant) && file.keeps_gain_map;
        self.icc.filter(|_| file.keeps_profile || is_of_map)
    }

    /// What a file says beside its pixels.
    pub(super) fn metadata(&self, variant: &VariantPlan) -> FileMetadata {
        self.metadata.for_file(variant.metadata, variant.geometry.output)
    }
}
