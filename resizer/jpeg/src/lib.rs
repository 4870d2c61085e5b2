//! JPEG planes in bands, in and out: a codec for those who reduce photographs.
//!
//! [`Header::read`] says what a file is before anything is decoded. [`Decoder`] gives the planes of
//! one row of MCUs after the other, at full size or reduced; [`ToRgb`] makes rows of red, green and
//! blue of them.
//! [`Encoder`] takes pixels or planes.
//!
//! ```
//! use resizer_jpeg::{DecodeOptions, Decoder, Scale, ToRgb};
//! use resizer_jpeg::{EncodeOptions, Encoder, Layout, Segments};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (options, segments) = (EncodeOptions::default(), Segments::default());
//! let mut encoder = Encoder::new(20, 10, Layout::YCbCr, &options, &segments)?;
//! encoder.push_rgb(&[200; 20 * 10 * 3])?;
//! let file = encoder.finish()?;
//!
//! let options = DecodeOptions { scale: Scale::Half, ..DecodeOptions::default() };
//! let mut decoder = Decoder::new(&file[..], &options)?;
//! let mut to_rgb = ToRgb::new(decoder.frame(), options.scale);
//! let mut colours = vec![0; to_rgb.height() * to_rgb.row_bytes()];
//! let mut rows = 0;
//! while let Some(band) = decoder.next_band()? {
//!     rows += to_rgb.push(&band, &mut colours[rows * to_rgb.row_bytes()..]);
//! }
//! assert_eq!((to_rgb.width(), to_rgb.height(), rows), (10, 5, 5));
//! assert!(colours.iter().all(|sample| sample.abs_diff(200) < 3));
//! # Ok(())
//! # }
//! ```
//!
//! From the file to the samples: `marker` and `header` read segments; `decode` has the way of the
//! scan data, `idct` the inverse transforms, `rgb` upsampling and colour. `encode` is the way back.
//! Each instruction set has one file of kernels beside the portable one.

mod band;
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
pub use frame::{ColourModel, Component, Frame, Part, Process, Scale};
pub use header::Header;
pub use rgb::ToRgb;
