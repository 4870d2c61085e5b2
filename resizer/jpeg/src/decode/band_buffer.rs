//! The buffer of a band: the planes of all components, whole blocks.

use crate::band::{Band, Plane};
use crate::frame::{Component, Frame};
use crate::idct::Place;
use crate::scale::Scale;

/// The plane of one component within the buffer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct PlaneShape {
    /// The index of the first sample.
    pub(crate) offset: usize,
    /// Samples from one row to the next.
    pub(crate) stride: usize,
    /// Rows in a band.
    rows: usize,
    /// The size of the whole plane without the padding of blocks.
    width: usize,
    height: usize,
}

#[derive(Debug)]
pub(crate) struct BandBuffer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) shapes: [PlaneShape; 4],
    side: usize,
    count: usize,
}

impl BandBuffer {
    pub(crate) fn new(frame: &Frame, scale: Scale) -> Self {
        let side = scale.block_side();
        let mut shapes = [PlaneShape::default(); 4];
        let mut offset = 0;
        for (shape, component) in shapes.iter_mut().zip(frame.components()) {
            let (width, height) = frame.plane_size(component, scale);
            let stride =
                frame.mcus().0 * usize::from(component.horizontal) * side + scale.overhang();
            let rows = usize::from(component.vertical) * side;
            *shape = PlaneShape { offset, stride, rows, width, height };
            offset += rows * stride;
        }
        Self { bytes: vec![0; offset], shapes, side, count: frame.components().len() }
    }

    /// Swaps the buffer with another of any length.
    pub(crate) fn exchange(&mut self, buffer: &mut Vec<u8>) {
        buffer.resize(self.bytes.len().max(buffer.len()), 0);
        std::mem::swap(&mut self.bytes, buffer);
    }

    /// The size of a buffer.
    pub(crate) fn bytes(frame: &Frame, scale: Scale) -> u64 {
        let side = scale.block_side();
        let plane = |factors: &Component| {
            let stride = frame.mcus().0 * usize::from(factors.horizontal) * side + scale.overhang();
            stride * usize::from(factors.vertical) * side
        };
        frame.components().iter().map(plane).sum::<usize>() as u64
    }

    /// The place of a block of a component, by its column and row within the band.
    pub(crate) fn place(&self, component: usize, column: usize, row: usize) -> Place {
        let PlaneShape { offset, stride, .. } = self.shapes[component];
        Place { offset: offset + (row * stride + column) * self.side, stride }
    }

    /// The samples of a row of the band from the column of a block on.
    pub(crate) fn row_from(&mut self, component: usize, column: usize, line: usize) -> &mut [u8] {
        let PlaneShape { offset, stride, .. } = self.shapes[component];
        &mut self.bytes[offset + line * stride..][column * self.side..stride]
    }

    /// The band of MCU row `row` in such a buffer.
    pub(crate) fn band<'a>(&self, bytes: &'a [u8], row: usize) -> Band<'a> {
        let mut planes = [Plane::default(); 4];
        for (plane, shape) in planes.iter_mut().zip(&self.shapes[..self.count]) {
            let height = shape.height.saturating_sub(row * shape.rows).min(shape.rows);
            *plane = Plane {
                pixels: &bytes[shape.offset..][..height * shape.stride],
                width: shape.width,
                height,
                stride: shape.stride,
            };
        }
        let offsets = self.shapes.map(|shape| shape.offset);
        Band { planes, offsets, count: self.count }
    }
}
