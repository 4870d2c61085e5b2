//! Every option of a request, and every kind of source that is read with care.

mod animation;
mod auto;
mod avif;
mod avif_sequence;
mod bmp;
mod disposal;
mod formats;
mod gif;
mod gravity;
mod heic;
mod inputs;
mod jxl;
mod palettes;
mod png;
mod raw;
mod shapes;
mod sharpen;
mod sixteen_bit;
mod support;
mod trim;
mod truncated;
