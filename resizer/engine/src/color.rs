//! What a source's numbers mean, as its file describes it, and how its pixels become sRGB.

mod deep;
mod icc;
mod profile;
pub(crate) mod srgb;
mod to_srgb;
mod tone_map;

pub(crate) use self::deep::DeepToSrgb;
pub(crate) use self::to_srgb::ToSrgb;

/// One description of a source's colors. A file may hold several that contradict each other.
#[derive(Debug, Clone, PartialEq)]
pub enum ColorDescription {
    /// sRGB.
    Srgb,
    /// An ICC profile.
    Icc(Vec<u8>),
    /// Code points of ITU-T H.273 (CICP) for primaries and transfer.
    CodePoints {
        /// Table 2.
        primaries: u8,
        /// Table 3.
        transfer: u8,
    },
    /// A power function as the transfer, and the primaries.
    Power {
        /// The encoded value is linear light to this power; below 1 for most files.
        exponent: f64,
        /// White, red, green and blue as x and y of CIE 1931; `None` stands for sRGB's.
        chromaticities: Option<[[f64; 2]; 4]>,
    },
}
