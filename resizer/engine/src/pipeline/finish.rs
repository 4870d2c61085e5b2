//! A resampled picture in, what is encoded out: upright, in its colours, cut, sharpened, on its
//! canvas; and what its file tells besides.

use std::borrow::Cow;

use crate::color::{ColorDescription, ToSrgb};
use crate::header::Header;
use crate::metadata::{Retold, Told};
use crate::orientation::Orientation;
use crate::overview::overview;
use crate::plan::{Plan, VariantPlan};
use crate::raster::{Layout, Raster, Rect, crop, pad, widen};
use crate::resize::Picture;
use crate::saliency::SaliencyMap;
use crate::sharpen::sharpen;
use crate::spec::{Metadata, OutputColor, OutputFormat};

/// What all files of a source have in common.
pub(super) struct Finish<'a> {
    orientation: Orientation,
    colours: &'a [ColorDescription],
    to_srgb: Option<ToSrgb>,
    /// The source's profile, where a file may carry it along.
    icc: Option<&'a [u8]>,
    told: Told<'a>,
    /// Where something is cut by what is seen.
    pub(super) attention: Option<SaliencyMap>,
}

impl<'a> Finish<'a> {
    /// `colours` is what the source says of its own.
    pub(super) fn new(
        source: &'a [u8],
        header: &Header,
        colours: &'a [ColorDescription],
        plan: &Plan,
    ) -> Self {
        let tells = plan.variants.iter().any(|variant| variant.metadata != Metadata::None);
        let keeps = plan.variants.iter().any(|variant| variant.color == OutputColor::Keep);
        Self {
            orientation: header.orientation,
            colours,
            to_srgb: ToSrgb::new(colours, header.layout),
            icc: keeps.then(|| ToSrgb::carried(colours, header.layout)).flatten(),
            told: if tells { Told::read(header.format, source) } else { Told::default() },
            attention: None,
        }
    }

    /// The same for pixels of another layout.
    pub(super) fn of_layout(self, layout: Layout) -> Self {
        let to_srgb = ToSrgb::new(self.colours, layout);
        let icc = self.icc.and_then(|_| ToSrgb::carried(self.colours, layout));
        Self { to_srgb, icc, ..self }
    }

    /// Upright, in its file's colours, on its canvas.
    pub(super) fn picture<'p>(
        &self,
        picture: &'p Picture,
        variant: &VariantPlan,
        format: OutputFormat,
    ) -> Cow<'p, Picture> {
        match picture {
            Picture::Planes(_) if self.orientation == Orientation::UPRIGHT => {
                Cow::Borrowed(picture)
            }
            Picture::Planes(planes) => Cow::Owned(Picture::Planes(
                planes.each_ref().map(|plane| self.orientation.apply(plane)),
            )),
            Picture::Pixels(raster) => match self.raster(raster, variant, format) {
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
        format: OutputFormat,
    ) -> Cow<'p, Raster> {
        let geometry = &variant.geometry;
        let mut finished = Cow::Borrowed(raster);
        if self.orientation != Orientation::UPRIGHT {
            finished = Cow::Owned(self.orientation.apply(&finished));
        }
        if let Some(window) = geometry.window {
            let whole = finished.size();
            let centered = || Rect::placed(window, whole, [0.5; 2]);
            let attention = self.attention.as_ref();
            let window = attention.map_or_else(centered, |map| map.window(window, whole));
            finished = Cow::Owned(crop(&finished, window));
        }
        if self.icc_of(variant, format).is_none() {
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

    /// The profile that goes into a file.
    pub(super) fn icc_of(&self, variant: &VariantPlan, format: OutputFormat) -> Option<&'a [u8]> {
        self.icc.filter(|_| variant.color == OutputColor::Keep && format.holds_profile())
    }

    /// What a file tells besides.
    pub(super) fn retold(&self, variant: &VariantPlan) -> Retold {
        self.told.retold(variant.metadata, variant.geometry.output)
    }
}
