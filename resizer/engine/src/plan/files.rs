//! Variants in, files out: what is encoded, each file once, in which order, and where it is
//! delivered.

use std::cmp::Reverse;

use super::VariantPlan;
use crate::spec::{Hdr, OutputColor, OutputFormat};

/// One file to be encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePlan {
    /// Index in [`Plan::variants`](super::Plan::variants).
    pub variant: usize,
    /// One of its formats.
    pub format: OutputFormat,
    /// Whether lossless WebP takes the place of that format where it has no more bytes.
    pub or_lossless: bool,
    /// Whether it carries the source's profile along, if that can be.
    pub keeps_profile: bool,
    /// Whether it carries the source's gain map along, if that can be.
    pub keeps_gain_map: bool,
    /// Whether it holds all frames.
    pub is_animated: bool,
}

/// All files of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    /// Still pictures first; the largest comes first, so that no thread is left alone with it.
    pub encoded: Vec<FilePlan>,
    /// For each variant and each of its formats: the variant, and the index of its file. Variants
    /// that differ in nothing but their name share files.
    pub delivered: Vec<(usize, usize)>,
}

impl Files {
    pub(super) fn of(variants: &[VariantPlan], is_animated: bool) -> Self {
        let originals: Vec<usize> = (0..variants.len()).map(|at| original(variants, at)).collect();
        let mut order: Vec<usize> =
            (0..variants.len()).filter(|&variant| originals[variant] == variant).collect();
        order.sort_by_key(|&variant| Reverse(variants[variant].geometry.output.pixels()));
        let files = order.into_iter().flat_map(|variant| {
            let VariantPlan { formats, or_lossless, color, hdr, .. } = &variants[variant];
            formats.iter().map(move |&format| FilePlan {
                variant,
                format,
                or_lossless: *or_lossless == Some(format),
                keeps_profile: *color == OutputColor::Keep && format.holds_profile(),
                keeps_gain_map: *hdr == Hdr::Keep && format.holds_gain_map(),
                is_animated: is_animated && format.holds_animation(),
            })
        });
        let mut encoded: Vec<FilePlan> = files.collect();
        encoded.sort_by_key(|file| file.is_animated);
        let place = |variant: usize, format: OutputFormat| {
            let is_file =
                |file: &FilePlan| (file.variant, file.format) == (originals[variant], format);
            encoded.iter().position(is_file).map(|file| (variant, file))
        };
        let delivered = (0..variants.len()).flat_map(|variant| {
            variants[variant].formats.iter().filter_map(move |&format| place(variant, format))
        });
        Self { delivered: delivered.collect(), encoded }
    }

    /// Those that hold one picture.
    pub fn still(&self) -> &[FilePlan] {
        self.encoded.split_at(self.still_count()).0
    }

    /// Those that hold all frames.
    pub fn animated(&self) -> &[FilePlan] {
        self.encoded.split_at(self.still_count()).1
    }

    fn still_count(&self) -> usize {
        self.encoded.partition_point(|file| !file.is_animated)
    }
}

/// The first variant that differs from this one in nothing but its name; itself, mostly.
fn original(variants: &[VariantPlan], variant: usize) -> usize {
    let same = |one: &VariantPlan| one.makes_the_same_files(&variants[variant]);
    variants.iter().position(same).unwrap_or(variant)
}
