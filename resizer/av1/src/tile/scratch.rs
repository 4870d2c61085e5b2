//! Buffers that are used for every block.

use super::magnitudes::Magnitudes;
use crate::predict::neighbors::Neighbors;
use crate::quantizer::Levels;

/// The samples of the largest block.
pub(super) const MAX_SAMPLES: usize = 64 * 64;
/// The coefficients of the largest block.
pub(super) const MAX_COEFFICIENTS: usize = 32 * 32;

/// Buffers of a block.
pub(super) struct Scratch {
    /// Of luma, Cb, and Cr.
    pub(super) neighbors: [Neighbors; 3],
    /// The luma samples of the source.
    pub(super) source: Box<[u8; MAX_SAMPLES]>,
    pub(super) prediction: Box<[u8; MAX_SAMPLES]>,
    pub(super) best_prediction: Box<[u8; MAX_SAMPLES]>,
    pub(super) residual: Box<[i16; MAX_SAMPLES]>,
    pub(super) coefficients: Box<[f32; MAX_COEFFICIENTS]>,
    pub(super) best_coefficients: Box<[f32; MAX_COEFFICIENTS]>,
    pub(super) dequantized: Box<[i32; MAX_COEFFICIENTS]>,
    /// Of luma, Cb, and Cr.
    pub(super) levels: Box<[Levels; 3]>,
    pub(super) magnitudes: Box<Magnitudes>,
    /// Cb and Cr of the source.
    pub(super) chroma_source: Box<[[u8; MAX_SAMPLES]; 2]>,
    /// The predictions of Cb and Cr.
    pub(super) chroma: Box<[[u8; MAX_SAMPLES]; 2]>,
    /// The DC predictions of Cb and Cr.
    pub(super) chroma_dc: Box<[[u8; MAX_SAMPLES]; 2]>,
    /// The color indexes of luma and of chroma, and those of a palette that is tried.
    pub(super) color_maps: Box<[[u8; MAX_SAMPLES]; 3]>,
    /// The variation of luma.
    pub(super) variation: Box<[i16; MAX_COEFFICIENTS]>,
}

impl Scratch {
    pub(super) fn new() -> Self {
        Self {
            neighbors: [(); 3].map(|()| Neighbors::new()),
            source: Box::new([0; MAX_SAMPLES]),
            prediction: Box::new([0; MAX_SAMPLES]),
            best_prediction: Box::new([0; MAX_SAMPLES]),
            residual: Box::new([0; MAX_SAMPLES]),
            coefficients: Box::new([0.0; MAX_COEFFICIENTS]),
            best_coefficients: Box::new([0.0; MAX_COEFFICIENTS]),
            dequantized: Box::new([0; MAX_COEFFICIENTS]),
            levels: Box::default(),
            magnitudes: Box::new(Magnitudes::new()),
            chroma_source: Box::new([[0; MAX_SAMPLES]; 2]),
            chroma: Box::new([[0; MAX_SAMPLES]; 2]),
            chroma_dc: Box::new([[0; MAX_SAMPLES]; 2]),
            color_maps: Box::new([[0; MAX_SAMPLES]; 3]),
            variation: Box::new([0; MAX_COEFFICIENTS]),
        }
    }
}
