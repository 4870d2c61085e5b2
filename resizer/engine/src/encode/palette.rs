//! Pixels of at most 256 colors as one byte each: what a drawing, an icon or a screenshot often
//! has.

use std::collections::HashMap;

use crate::raster::Raster;

/// The most colors that a byte can tell apart.
const MAX_COLORS: usize = 256;

/// A raster whose pixels are numbers of colors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Indexed {
    /// Red, green and blue of each color.
    pub(super) colors: Vec<u8>,
    /// The alpha of each color; empty where all are opaque.
    pub(super) alphas: Vec<u8>,
    /// A number for each pixel.
    pub(super) indices: Vec<u8>,
}

/// The raster in another form, if it has few enough colors and is not gray already. Photographs
/// are given up after some hundred pixels.
pub(super) fn indexed(raster: &Raster) -> Option<Indexed> {
    let channels = raster.layout().channels();
    if channels < 3 {
        return None;
    }
    let mut numbers = HashMap::with_capacity(MAX_COLORS);
    let mut palette: Vec<[u8; 4]> = Vec::new();
    let mut indices = Vec::with_capacity(raster.pixels().len() / channels);
    let mut last = None;
    for pixel in raster.pixels().chunks_exact(channels) {
        let color = [pixel[0], pixel[1], pixel[2], pixel.get(3).copied().unwrap_or(255)];
        let index = match last {
            Some((same, index)) if same == color => index,
            _ => *numbers.entry(color).or_insert_with(|| {
                palette.push(color);
                palette.len() - 1
            }),
        };
        if index == MAX_COLORS {
            return None;
        }
        last = Some((color, index));
        indices.push(index as u8);
    }
    let colors = palette.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect();
    let opaque = palette.iter().all(|color| color[3] == 255);
    let alphas = if opaque { Vec::new() } else { palette.iter().map(|color| color[3]).collect() };
    Some(Indexed { colors, alphas, indices })
}
