//! The samples above and to the left of a block.

use crate::picture::Plane;

/// The index of the first sample beside the block. The corner is before it. The other samples
/// before it have any value; the vector code reads them.
pub(super) const ORIGIN: usize = 80;
/// Twice the side of the largest block, and what the vector code reads after it.
pub(super) const LENGTH: usize = ORIGIN + 208;

/// A block in a plane, and which samples around it exist.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) x: usize,
    pub(crate) y: usize,
    pub(crate) size: usize,
    /// The size of the coded part of the plane.
    pub(crate) plane_size: (usize, usize),
    pub(crate) has_above: bool,
    pub(crate) has_left: bool,
    pub(crate) has_above_right: bool,
    pub(crate) has_below_left: bool,
    /// Whether a block above or to the left has a smooth prediction.
    pub(crate) is_smooth: bool,
}

/// The neighbors of a block, after the rules for missing ones.
#[derive(Debug, Clone)]
pub(crate) struct Neighbors {
    pub(super) above: [u8; LENGTH],
    pub(super) left: [u8; LENGTH],
    pub(super) has_above: bool,
    pub(super) has_left: bool,
    /// The columns and rows of the block that lie in the plane.
    pub(super) visible: (usize, usize),
    pub(super) is_smooth: bool,
}

impl Neighbors {
    pub(crate) fn new() -> Self {
        Self {
            above: [0; LENGTH],
            left: [0; LENGTH],
            has_above: false,
            has_left: false,
            visible: (0, 0),
            is_smooth: false,
        }
    }

    /// Reads the neighbors of a block from decoded samples.
    pub(crate) fn read(&mut self, plane: &Plane, place: Place) {
        let Place { x, y, size, plane_size: (width, height), .. } = place;
        self.has_above = place.has_above;
        self.has_left = place.has_left;
        self.is_smooth = place.is_smooth;
        self.visible = (size.min(width - x), size.min(height - y));
        let above = &mut self.above[ORIGIN..][..2 * size];
        if place.has_above {
            let row = plane.at(0, y - 1);
            let end = width.min(x + if place.has_above_right { 2 * size } else { size });
            let (there, missing) = above.split_at_mut(end - x);
            there.copy_from_slice(&row[x..end]);
            missing.fill(row[end - 1]);
        } else {
            above.fill(if place.has_left { plane.at(x - 1, y)[0] } else { 127 });
        }
        let left = &mut self.left[ORIGIN..][..2 * size];
        if place.has_left {
            let end = height.min(y + if place.has_below_left { 2 * size } else { size });
            let column = plane.at(x - 1, y).iter().step_by(plane.stride);
            let (there, missing) = left.split_at_mut(end - y);
            there.iter_mut().zip(column).for_each(|(out, sample)| *out = *sample);
            missing.fill(there[end - y - 1]);
        } else {
            left.fill(if place.has_above { plane.at(x, y - 1)[0] } else { 129 });
        }
        let corner = match (place.has_above, place.has_left) {
            (true, true) => plane.at(x - 1, y - 1)[0],
            (true, false) => plane.at(x, y - 1)[0],
            (false, true) => plane.at(x - 1, y)[0],
            (false, false) => 128,
        };
        self.above[ORIGIN - 1] = corner;
        self.left[ORIGIN - 1] = corner;
    }
}
