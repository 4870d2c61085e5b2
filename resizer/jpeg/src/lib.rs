//! A fast JPEG decoder and encoder.
//!
#![doc = include_str!("../README.md")]

mod band;
mod color;
mod decode;
mod deposit;
mod encode;
pub mod error;
pub mod frame;
mod header;
mod idct;
mod marker;
mod marker_search;
pub mod options;
mod pixels;
pub mod planes;
mod scale;
mod standard;
mod zigzag;

pub use decode::{DecodeOptions, Decoder, decode};
pub use encode::{Effort, EncodeError, EncodeOptions, Encoder, Sampling, encode};
pub use error::DecodeError;
pub use header::Header;
pub use pixels::{Image, PixelFormat};
pub use scale::Scale;
