//! Turns the bytes of one image into all variants that a request names.
//!
#![doc = include_str!("../README.md")]
//!
//! # Where to start in the source code
//!
//! `pipeline.rs` runs the stages of a job and is the best file to read first. `source.rs` parses
//! containers, and `source/` has one file for each format. `limits.rs` checks the limits, and
//! `plan.rs` makes the decisions. `decode.rs`, `resize.rs`, and `encode.rs` process the pixels.
#![warn(missing_docs)]

/// Raised whenever the same source and request become other bytes than before, so that callers
/// know which of their results are out of date. `tests/revision.rs` fails when it was forgotten.
pub const ENGINE_REVISION: u32 = 2;

mod exif;
mod magic;

pub mod spec;

pub use crate::error::{Quantity, Reject, RenderError};
pub use crate::format::ImageFormat;
pub use crate::guard::silence_caught_panics;
pub use crate::job::Job;
pub use crate::limits::Limits;
pub use crate::orientation::Orientation;
pub use crate::pipeline::{Control, Rendered, Stage, Variant, render};
pub use crate::placeholder::Placeholders;
pub use crate::raster::{Layout, Size};
pub use crate::source::{Cicp, Facts, Source};
pub use crate::stop::Stop;

// Hidden instead of private, because tests, benches and fuzz targets look at single stages. None of
// it is part of the interface.
#[doc(hidden)]
pub mod color;
#[doc(hidden)]
pub mod decode;
#[doc(hidden)]
pub mod encode;
#[doc(hidden)]
pub mod error;
#[doc(hidden)]
pub mod filter;
#[doc(hidden)]
pub mod format;
#[doc(hidden)]
pub mod guard;
#[doc(hidden)]
pub mod job;
#[doc(hidden)]
pub mod limits;
#[doc(hidden)]
pub mod metadata;
#[doc(hidden)]
pub mod orientation;
#[doc(hidden)]
pub mod overview;
#[doc(hidden)]
pub mod pipeline;
#[doc(hidden)]
pub mod placeholder;
#[doc(hidden)]
pub mod plan;
#[doc(hidden)]
pub mod raster;
#[doc(hidden)]
pub mod resize;
#[doc(hidden)]
pub mod saliency;
#[doc(hidden)]
pub mod sharpen;
#[doc(hidden)]
pub mod source;
#[doc(hidden)]
pub mod stop;
#[doc(hidden)]
pub mod trim;
