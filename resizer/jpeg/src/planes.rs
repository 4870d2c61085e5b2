//! Planes of samples in place of interleaved pixels, for callers who resample or convert each
//! component on its own.
//!
//! [`PlaneDecoder`] gives the planes of one row of MCUs after the other, chroma as small as the
//! file has it. [`ColorConverter`] upsamples these planes and converts them to planar RGB.
//! [`Encoder::push_planes`](crate::Encoder::push_planes) takes planes.

pub use crate::band::{Band, Plane, Region};
pub use crate::color::ColorConverter;
pub use crate::decode::PlaneDecoder;
