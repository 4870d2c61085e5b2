//! What a request can ask, and what becomes of each kind of file then.

mod cut;
mod disposal;
mod formats;
mod gravity;
mod kinds;
mod moving;
mod shapes;
mod sharpen;
mod support;
mod trim;
