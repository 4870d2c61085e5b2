//! Turns the bytes of one image into all variants that a request names.
//!
#![doc = include_str!("../README.md")]
//!
//! # Where to start in the source code
//!
//! `pipeline.rs` runs the stages of a job and is the best file to read first. `source.rs` parses
//! containers, and `source/` has one file for each format. `job.rs` checks the limits, and
//! `plan.rs` makes the decisions. `decode.rs`, `resize.rs`, and `encode.rs` process the pixels.

/// Raised whenever the same source and request become other bytes than before, so that callers
/// know which of their results are out of date. `tests/revision.rs` fails when it was forgotten.
pub const ENGINE_REVISION: u32 = 6;

mod color;
mod decode;
mod encode;
mod error;
mod exif;
mod filter;
mod format;
mod gain_map;
mod guard;
mod iptc;
mod job;
mod limits;
mod magic;
mod metadata;
mod orientation;
mod overview;
mod parallel;
mod pipeline;
mod placeholder;
mod plan;
mod raster;
mod resize;
mod saliency;
mod sharpen;
mod source;
pub mod spec;
mod stop;
mod trim;

pub use crate::error::{Quantity, Reject, RenderError};
pub use crate::format::ImageFormat;
pub use crate::gain_map::GainMapOutcome;
pub use crate::guard::silence_caught_panics;
pub use crate::job::Job;
pub use crate::limits::Limits;
pub use crate::orientation::Orientation;
pub use crate::pipeline::{Control, Rendered, Stage, Variant, render};
pub use crate::placeholder::Placeholders;
pub use crate::raster::{Layout, Size};
pub use crate::source::{Facts, Source};
pub use crate::stop::Stop;

/// Single stages, for the tests, benches and fuzz targets of this repository. Not part of the
/// interface: any release may change or remove them.
#[doc(hidden)]
pub mod internals {
    pub use crate::decode::{Band, Decoder, Frames};
    pub use crate::encode::{Extras, File, encode};
    pub use crate::metadata::SourceMetadata;
    pub use crate::plan::{Domain, Geometry, Plan, Stream};
    pub use crate::resize::{Picture, Resampler};
}
