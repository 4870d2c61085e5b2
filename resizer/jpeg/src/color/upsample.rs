//! Upsampling of one component: which rows and which filter make each row of the picture. Samples
//! outside of a plane repeat its nearest one.

use super::kernels;
use crate::band::Plane;
use crate::frame::{Component, Frame};
use crate::scale::Scale;
use resizer_cpu::Cpu;

/// The filter of a plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    /// Triangle filter 2:1 horizontally.
    H2V1,
    /// Triangle filter 2:1 vertically.
    H1V2,
    /// Triangle filter 2:1 in both directions.
    H2V2,
    /// Replication of the nearest sample, at any ratio and at 1:1.
    Nearest,
}

/// Upsamples one plane, row by row.
#[derive(Debug)]
pub(super) struct Upsampler {
    /// Samples in a row that belong to the picture.
    width: usize,
    filter: Filter,
    /// The ratio of its columns to those of the picture.
    horizontal: (usize, usize),
    /// The ratio of its rows to those of the picture.
    vertical: (usize, usize),
    /// The last row of the band before; empty before the first band.
    last_row: Vec<u8>,
    /// Scratch space for an upsampled row; unused at 1:1.
    made: Vec<u8>,
}

impl Upsampler {
    pub(super) fn new(frame: &Frame, component: &Component, scale: Scale) -> Self {
        let (width, _) = frame.plane_size(component, scale);
        let most = frame.max_sampling();
        let horizontal = (usize::from(component.horizontal), usize::from(most.0));
        let vertical = (usize::from(component.vertical), usize::from(most.1));
        let made = if horizontal.0 == horizontal.1 && vertical.0 == vertical.1 {
            0
        } else {
            (width * 2).max((frame.width as usize * scale.block_side()).div_ceil(8))
        };
        Self {
            width,
            filter: Filter::new(horizontal, vertical, width),
            horizontal,
            vertical,
            last_row: Vec::new(),
            made: vec![0; made],
        }
    }

    /// Whether the last row of a band depends on the next band.
    pub(super) fn looks_down(&self) -> bool {
        matches!(self.filter, Filter::H1V2 | Filter::H2V2)
    }

    /// Row `y` of the picture, or a little more than it. It is counted from the first row of the
    /// band; -1 is the last row of the band before.
    pub(super) fn row<'a>(&'a mut self, cpu: Cpu, plane: &Plane<'a>, y: isize) -> &'a [u8] {
        let Self { width, filter, horizontal, vertical, ref last_row, ref mut made, .. } = *self;
        let at = |y: isize| row_at(last_row, plane, width, y);
        let near = y.div_euclid(2);
        let is_upper = y.rem_euclid(2) == 0;
        let far = if is_upper { near - 1 } else { near + 1 };
        match filter {
            Filter::H2V1 => kernels::upsample_h2v1(cpu, at(y), made),
            Filter::H1V2 => kernels::upsample_h1v2(is_upper, at(near), at(far), made),
            Filter::H2V2 => kernels::upsample_h2v2(cpu, at(near), at(far), made),
            Filter::Nearest => {
                let center = (2 * y + 1) * vertical.0 as isize;
                let row = at(center.div_euclid(2 * vertical.1 as isize));
                if horizontal.0 == horizontal.1 {
                    return row;
                }
                kernels::nearest(row, horizontal, made);
            }
        }
        made
    }

    /// To be called after all rows of a band.
    pub(super) fn keep_last_row(&mut self, plane: &Plane<'_>) {
        self.last_row.clear();
        self.last_row.extend_from_slice(&plane.row(plane.height - 1)[..self.width]);
    }
}

impl Filter {
    /// A plane of one or two columns is replicated, as libjpeg does, unless it is as wide as the
    /// picture.
    fn new(horizontal: (usize, usize), vertical: (usize, usize), width: usize) -> Self {
        let twice = |(own, most): (usize, usize)| own * 2 == most;
        let same = |(own, most): (usize, usize)| own == most;
        if twice(horizontal) && same(vertical) && width > 2 {
            Self::H2V1
        } else if same(horizontal) && twice(vertical) {
            Self::H1V2
        } else if twice(horizontal) && twice(vertical) && width > 2 {
            Self::H2V2
        } else {
            Self::Nearest
        }
    }
}

/// Row -1 is the last one of the band before. Outside of the picture the nearest row is repeated.
fn row_at<'a>(last_row: &'a [u8], plane: &Plane<'a>, width: usize, y: isize) -> &'a [u8] {
    if y < 0 && !last_row.is_empty() {
        return last_row;
    }
    &plane.row(y.clamp(0, plane.height as isize - 1) as usize)[..width]
}
