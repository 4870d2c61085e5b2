//! A raster in, the same in few colors out, where that looks alike enough.

use super::dither::Dither;
use super::histogram::Histogram;
use super::likeness::Likeness;
use super::nearest::Nearest;
use super::palette::{Indexed, key};
use super::quantize::{Budget, MAX_COLORS, Palette, palette};
use super::rows::seen;
use super::space::place;
use crate::error::RenderError;
use crate::raster::Raster;
use crate::spec::Effort;
use crate::stop::Stop;

/// A level of gray as a distance.
const LEVEL: f64 = 14.0;

/// What is asked of a palette.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    /// 1 to 99.
    pub(super) quality: u8,
    pub(super) effort: Effort,
    /// Whether a palette that does not look alike enough is taken all the same.
    pub(super) is_forced: bool,
}

impl Terms {
    /// The mean of squared distances for which fewer colors do: at quality 80 its root is a quarter
    /// of a level of gray, or one level where fewer colors are forced. With more, a gradient gets
    /// rings though the whole still looks alike.
    fn error(self) -> f64 {
        let part = if self.is_forced { 2.0 } else { 32.0 };
        self.lacks() * self.lacks() / part
    }

    /// Whether a picture looks alike enough: all of it, and its smallest details, of which a mean
    /// says little.
    fn is_met_by(self, mut likeness: Likeness) -> bool {
        likeness.finish();
        self.can_be_met_by(&likeness)
    }

    /// Whether the picture can still look alike enough after the remaining rows.
    fn can_be_met_by(self, likeness: &Likeness) -> bool {
        let worst_levels = likeness.worst_color() / LEVEL;
        worst_levels <= self.lacks() && likeness.score() >= f64::from(self.quality)
    }

    fn lacks(self) -> f64 {
        f64::from(100 - self.quality)
    }

    fn rounds(self) -> u32 {
        match self.effort {
            Effort::Fast => 1,
            Effort::Balanced => 3,
            Effort::Small => 8,
        }
    }
}

/// The raster in the fewest colors that meet the terms; `None` if not even 256 do.
///
/// # Errors
/// `Stopped`.
pub(super) fn indexed(
    raster: &Raster,
    terms: Terms,
    stop: &Stop,
) -> Result<Option<Indexed>, RenderError> {
    let histogram = histogram(raster, stop)?;
    for part in [1.0, 0.25, 0.0] {
        stop.check()?;
        let error = part * terms.error();
        let budget = Budget { colors: MAX_COLORS, error, rounds: terms.rounds() };
        let Palette { mut colors, is_full } = palette(&histogram, budget);
        colors.sort_by_key(|&color| key(color));
        let nearest = Nearest::new(colors.iter().map(|&color| place(color)).collect());
        if let Some(numbers) = numbers(raster, &nearest, terms, stop)? {
            return Ok(Some(Indexed { colors, numbers }));
        }
        // A smaller error would need more colors than a palette can have.
        if is_full {
            break;
        }
    }
    Ok(None)
}

/// The colors, each weighed by how well it is seen: most where colors change slowly, least at
/// edges.
fn histogram(raster: &Raster, stop: &Stop) -> Result<Histogram, RenderError> {
    let mut histogram = Histogram::new();
    let (mut above, mut row) = (Vec::new(), Vec::new());
    for y in 0..raster.size().height() as usize {
        stop.check()?;
        seen(raster, y, &mut row);
        if y == 0 {
            above.clone_from(&row);
        }
        let mut start = 0;
        while start < row.len() {
            let color = row[start];
            let is_same = |&at: &usize| row[at] == color && above[at] == above[start];
            let count = 1 + (start + 1..row.len()).take_while(is_same).count();
            let step = step(color, [row[start.saturating_sub(1)], above[start]]);
            let weight = match step {
                _ if count > 1 => 4,
                0..=12 => 8,
                13..=48 => 4,
                49..=160 => 2,
                _ => 1,
            };
            histogram.add(color, count as u64, weight);
            start += count;
        }
        std::mem::swap(&mut above, &mut row);
    }
    Ok(histogram)
}

/// The sum over the channels of how far the farther neighbor is.
fn step(color: [u8; 4], neighbors: [[u8; 4]; 2]) -> u32 {
    let of = |channel: usize| {
        let levels = neighbors.map(|neighbor| neighbor[channel].abs_diff(color[channel]));
        u32::from(levels[0].max(levels[1]))
    };
    (0..4).map(of).sum()
}

/// The color index of each pixel; `None` as soon as the rows so far cannot meet the terms.
fn numbers(
    raster: &Raster,
    nearest: &Nearest,
    terms: Terms,
    stop: &Stop,
) -> Result<Option<Vec<u8>>, RenderError> {
    let [width, height] = [raster.size().width(), raster.size().height()].map(|side| side as usize);
    let mut numbers = Vec::with_capacity(width * height);
    let mut dither = Dither::new(nearest, width);
    let mut likeness = Likeness::new(width, height);
    let mut row = Vec::new();
    for y in 0..=height {
        stop.check()?;
        if y < height {
            seen(raster, y, &mut row);
            dither.push(&row, &mut numbers);
        } else {
            dither.finish(&mut numbers);
        }
        // The first row has no indexes until the second one is read.
        if terms.is_forced || y == 0 {
            continue;
        }
        let became = numbers[(y - 1) * width..].iter().map(|&number| nearest.place(number.into()));
        let was = dither.places().iter();
        likeness.push(std::iter::zip(was, became).map(|(&one, other)| [one, other]));
        if !terms.can_be_met_by(&likeness) {
            return Ok(None);
        }
    }
    Ok((terms.is_forced || terms.is_met_by(likeness)).then_some(numbers))
}
