//! How much the encoder tries, by effort.

use crate::options::Effort;
use crate::predict::Prediction;
use crate::transform::TransformType;

/// What is tried for each block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Search {
    /// Whether the partition is chosen with directional modes.
    pub(crate) has_directions_in_partition: bool,
    /// Whether luma can have directional modes.
    pub(crate) has_directions: bool,
    /// Whether all directional modes are tried for luma. Otherwise, blocks of 8 x 8 try only those
    /// next to the best of the angles 45, 90, 135, and 180.
    pub(crate) tries_all_directions: bool,
    /// Whether luma can have filter-intra modes.
    pub(crate) has_filters: bool,
    /// The number of predictions of luma whose residual is transformed.
    pub(crate) finalists: usize,
    /// Whether all transform types are tried for each of them.
    pub(crate) tries_all_transforms: bool,
    /// The only prediction of luma and chroma, where it is possible. Tests force each in turn.
    pub(crate) only: Option<Prediction>,
    /// Whether the picture is screen content. If it is None, its samples decide.
    pub(crate) is_screen_content: Option<bool>,
    /// The only transform of luma, where it is possible. Tests force each in turn.
    pub(crate) only_transform: Option<TransformType>,
    /// The only number of colors of palettes, which replace other modes where they are possible.
    pub(crate) only_colors: Option<usize>,
}

impl Search {
    const FAST: Self = Self {
        has_directions_in_partition: false,
        has_directions: false,
        tries_all_directions: false,
        has_filters: false,
        finalists: 1,
        tries_all_transforms: false,
        only: None,
        is_screen_content: None,
        only_transform: None,
        only_colors: None,
    };

    pub(crate) const fn new(effort: Effort) -> Self {
        match effort {
            Effort::Fast => Self::FAST,
            Effort::Balanced => Self { has_directions: true, finalists: 2, ..Self::FAST },
            Effort::Small => Self {
                has_directions_in_partition: true,
                has_directions: true,
                tries_all_directions: true,
                has_filters: true,
                finalists: 4,
                tries_all_transforms: true,
                ..Self::FAST
            },
        }
    }
}
