//! What stands for HEVC in a build without it: pictures that cannot be.

use super::{Cicp, Matrix};
use crate::error::Reject;

/// A configuration that nothing reads.
#[derive(Debug)]
pub(crate) enum Hevc {}

impl Hevc {
    /// # Errors
    /// `Unsupported`.
    pub(super) fn read(_: &[u8]) -> Result<Self, Reject> {
        Err(Reject::Unsupported { what: "HEIC" })
    }

    pub(super) fn size(&self) -> (u32, u32) {
        match *self {}
    }

    pub(super) fn coded_pixels(&self) -> u64 {
        match *self {}
    }

    pub(super) fn is_gray(&self) -> bool {
        match *self {}
    }

    pub(super) fn colors(&self) -> (Matrix, Option<Cicp>) {
        match *self {}
    }

    pub(super) fn owned_bytes(&self) -> u64 {
        match *self {}
    }

    pub(super) fn decoder_bytes(&self) -> u64 {
        match *self {}
    }
}
