//! What a request can ask, and what becomes of each kind of file then.

mod avif;
mod bmp;
mod cut;
mod deep;
mod disposal;
mod formats;
mod gif;
mod gravity;
mod kinds;
mod moving;
mod png;
mod shapes;
mod sharpen;
mod support;
mod trim;
