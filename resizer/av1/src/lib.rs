//! A fast AV1 still-picture encoder that writes AVIF files.
//!
#![doc = include_str!("../README.md")]

mod bit_writer;
mod cdf;
mod color;
mod container;
mod detect;
mod encode;
pub mod error;
mod frame;
mod headers;
mod kernels;
pub mod options;
mod picture;
mod predict;
mod quantizer;
mod range_coder;
mod scan;
mod search;
mod tile;
mod transform;

pub use encode::{encode, encode_until};
pub use error::EncodeError;
pub use options::{ColorCode, Effort, EncodeOptions, PixelFormat, Sampling};
