//! Image bytes in, variants out: pure and synchronous, without IO, clock or environment.
//!
//! Read [`pipeline`] first; its one function is the list of stages, and each stage is one file:
//!
//! | stage | file | hands over |
//! |---|---|---|
//! | recognise | [`format`] | [`ImageFormat`](format::ImageFormat), from the magic bytes alone |
//! | header | [`header`] | [`Header`](header::Header): size, orientation, alpha, frames; no pixels |
//! | limits | [`limits`] | nothing, or [`Reject::TooLarge`](error::Reject); the last gate before pixels |
//! | plan | [`plan`] | [`Plan`](plan::Plan): every choice, as numbers |
//! | decode | [`decode`] | [`Source`](decode::Source): a [`Raster`](raster::Raster) and its profile |
//! | resize | [`resize`], [`orientation`], [`colour`] | a small upright sRGB raster |
//! | encode | [`encode`] | the bytes of one variant |

pub mod colour;
pub mod decode;
pub mod encode;
pub mod error;
pub mod format;
pub mod header;
pub mod limits;
pub mod orientation;
pub mod pipeline;
pub mod plan;
pub mod raster;
pub mod resize;
pub mod spec;
