//! Rows of pixels and a palette in, a number for each pixel out. What a color lacks is passed on to
//! the pixels beside and below, where the picture is smooth and the eye would see a step; a pixel
//! whose color is there takes nothing from others, so flat areas stay flat.

use super::nearest::Nearest;
use super::space::{Place, distance, place};

/// The part of an error that is passed on where the picture is smooth, in 256ths. All of it gives
/// as many bytes more as it gives points less.
const SHARE: i32 = 205;

/// A squared distance that is not seen: in flat areas and in rough ones, and where colors change
/// slowly, which is where steps between two colors are seen.
const UNSEEN: i32 = 2500;
const UNSEEN_IN_GRADIENTS: i32 = 400;

/// The distance to a neighbor up to which a picture is smooth, and from which on no error is passed
/// on.
const SMOOTH: i32 = 64;
const ROUGH: i32 = 320;

/// No error counts for more than this along an axis: colors that the palette lacks altogether are
/// not made up for by others.
const FARTHEST: i32 = 1024;

/// The numbers of a picture in the making.
#[derive(Debug)]
pub(super) struct Dither<'a> {
    nearest: &'a Nearest,
    /// The colors of three rows: above, this one, below.
    rows: [Vec<Place>; 3],
    /// What this row and the next one are given.
    errors: [Vec<Place>; 2],
    is_leftward: bool,
}

impl<'a> Dither<'a> {
    pub(super) fn new(nearest: &'a Nearest, width: usize) -> Self {
        Self {
            nearest,
            rows: [(); 3].map(|()| Vec::with_capacity(width)),
            errors: [(); 2].map(|()| vec![[0; 4]; width]),
            is_leftward: false,
        }
    }

    /// Takes the next row. The first one makes no numbers, each other one those of the row before.
    pub(super) fn push(&mut self, pixels: &[[u8; 4]], numbers: &mut Vec<u8>) {
        let is_first = self.rows[2].is_empty();
        self.rows.rotate_left(1);
        places(pixels, &mut self.rows[2]);
        if is_first {
            let [_, this, below] = &mut self.rows;
            this.clone_from(below);
        } else {
            self.row(numbers);
        }
    }

    /// Makes the numbers of the last row.
    pub(super) fn finish(&mut self, numbers: &mut Vec<u8>) {
        self.rows.rotate_left(1);
        let [_, this, below] = &mut self.rows;
        below.clone_from(this);
        self.row(numbers);
    }

    /// The colors of the row whose numbers were made last.
    pub(super) fn places(&self) -> &[Place] {
        &self.rows[1]
    }

    /// The numbers of the middle row, in alternating directions.
    fn row(&mut self, numbers: &mut Vec<u8>) {
        let width = self.rows[1].len();
        let start = numbers.len();
        numbers.resize(start + width, 0);
        let numbers = &mut numbers[start..];
        let step: isize = if self.is_leftward { -1 } else { 1 };
        let mut x = if self.is_leftward { width - 1 } else { 0 };
        let mut known: Option<(Place, usize, i32)> = None;
        let mut carried = [0; 4];
        for _ in 0..width {
            let place = self.rows[1][x];
            let (plain, off) = match known {
                Some((same, number, off)) if same == place => (number, off),
                Some((_, number, _)) => self.nearest.find(place, number),
                None => self.nearest.find(place, 0),
            };
            known = Some((place, plain, off));
            let given = std::mem::take(&mut self.errors[0][x]);
            let mut number = plain;
            let mut error = [0; 4];
            let share = if off > UNSEEN_IN_GRADIENTS { self.share(x, off) } else { 0 };
            if share > 0 {
                let wanted: Place =
                    std::array::from_fn(|axis| place[axis] + (given[axis] + carried[axis]) / 16);
                number = self.nearest.find(wanted, plain).0;
                let got = self.nearest.place(number);
                error = std::array::from_fn(|axis| {
                    ((wanted[axis] - got[axis]) * share / 256).clamp(-FARTHEST, FARTHEST)
                });
            }
            numbers[x] = number as u8;
            carried = error.map(|part| part * 7);
            self.pass_on(x, step, error);
            x = x.wrapping_add_signed(step);
        }
        self.errors.swap(0, 1);
        self.is_leftward = !self.is_leftward;
    }

    /// Gives the next row its parts, in 16ths: Floyd and Steinberg's.
    fn pass_on(&mut self, x: usize, step: isize, error: Place) {
        if error == [0; 4] {
            return;
        }
        let below = &mut self.errors[1];
        for (at, part) in
            [(x.wrapping_add_signed(-step), 3), (x, 5), (x.wrapping_add_signed(step), 1)]
        {
            if let Some(given) = below.get_mut(at) {
                *given = std::array::from_fn(|axis| given[axis] + error[axis] * part);
            }
        }
    }

    /// How much of an error is passed on from a pixel that is this far from its color, in 256ths.
    fn share(&self, x: usize, off: i32) -> i32 {
        let [above, this, below] = &self.rows;
        let left = this[x.saturating_sub(1)];
        let right = this[usize::min(x + 1, this.len() - 1)];
        let steps = [left, right, above[x], below[x]].map(|other| distance(this[x], other));
        let step = (steps.into_iter().max().unwrap_or(0) as f32).sqrt() as i32;
        let is_gradient = (1..=SMOOTH).contains(&step);
        if off <= UNSEEN && !is_gradient {
            return 0;
        }
        SHARE * (ROUGH - step.clamp(SMOOTH, ROUGH)) / (ROUGH - SMOOTH)
    }
}

/// The places of a row's pixels; runs of a color are looked up once.
fn places(pixels: &[[u8; 4]], places: &mut Vec<Place>) {
    let mut known = ([0; 4], place([0; 4]));
    places.clear();
    places.extend(pixels.iter().map(|&pixel| {
        if pixel != known.0 {
            known = (pixel, place(pixel));
        }
        known.1
    }));
}
