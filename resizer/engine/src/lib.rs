//! Image bytes in, variants out: pure and synchronous, without IO, clock or environment.
//!
//! Read [`pipeline`] first; its one function is the list of stages, and each stage is one file:
//!
//! | stage | file | hands over |
//! |---|---|---|
//! | recognize | [`format`] | the format, from the magic bytes alone |
//! | header | [`header`] | size, orientation, layout, scans; no pixels |
//! | limits | [`limits`] | nothing, or [`error`]'s `TooLarge`; the last gate before pixels |
//! | plan | [`plan`] | every choice, as numbers |
//! | decode | [`decode`] | a [`raster`] and its color description |
//! | resize | [`resize`], [`orientation`], [`color`] | a small upright raster in sRGB |
//! | look | [`overview`], [`placeholder`] | what stands for the picture until it is there |
//! | encode | [`encode`] | the bytes of one variant |
//!
//! [`spec`] is what a caller asks for; [`stop`] is how a caller ends it early, and [`guard`] what
//! keeps the panics of other people's code away from it.
//!
//! [`format`]: mod@format

/// Raised whenever the same source and request become other bytes than before, so that callers
/// know which of their results are out of date. `tests/revision.rs` fails when it was forgotten.
pub const ENGINE_REVISION: u32 = 2;

pub mod color;
pub mod decode;
pub mod encode;
pub mod error;
mod exif;
pub mod filter;
pub mod format;
pub mod guard;
pub mod header;
pub mod limits;
mod magic;
pub mod metadata;
pub mod orientation;
pub mod overview;
pub mod pipeline;
pub mod placeholder;
pub mod plan;
pub mod raster;
pub mod resize;
pub mod saliency;
pub mod sharpen;
pub mod spec;
pub mod stop;
pub mod trim;
