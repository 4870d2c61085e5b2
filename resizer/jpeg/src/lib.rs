//! JPEG planes in bands, in and out.

mod band;
mod cpu;
mod decode;
mod deposit;
mod encode;
mod error;
mod frame;
mod header;
mod idct;
mod marker;
mod rgb;
mod search;
mod standard;
mod zigzag;

pub use band::{Band, Plane};
pub use decode::{Damage, DecodeOptions, Decoder, Limits};
pub use encode::{
    Density, EncodeError, EncodeOptions, Encoder, Layout, Profile, Sampling, Segments,
};
pub use error::Error;
pub use frame::{ColourModel, Component, Frame, Process, Scale};
pub use header::Header;
pub use rgb::ToRgb;
