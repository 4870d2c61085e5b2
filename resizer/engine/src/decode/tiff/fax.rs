//! Fax codes: rows of black and white by where the color changes, a row at a time.
//! Source: ITU-T T.4 and T.6; TIFF 6.0, sections 10 and 11.

mod codes;

use self::codes::{Mode, mode, run};
use super::Flaw;
use super::input::{Bits, Input};
use crate::source::TiffFax;

const BROKEN: Flaw = Flaw::Broken("a fax code that stands for nothing");
const TOO_LONG: Flaw = Flaw::Broken("a fax row that is longer than the picture is wide");

/// A chunk being decoded.
#[derive(Debug)]
pub(super) struct Fax<'a> {
    bits: Bits<'a>,
    kind: TiffFax,
    width: u32,
    /// Where the color changes in the row above: to black first, then back, rising.
    above: Vec<u32>,
    row: Vec<u32>,
}

/// Where the next change to a color is looked for in the row above.
#[derive(Default)]
struct Place {
    /// Of the color's first change that may count.
    index: usize,
}

impl<'a> Fax<'a> {
    pub(super) fn new(kind: TiffFax, width: u32) -> Self {
        Self { bits: Bits::default(), kind, width, above: Vec::new(), row: Vec::new() }
    }

    /// Begins with another chunk, above which everything is white.
    pub(super) fn start(&mut self, input: Input<'a>) {
        self.bits = Bits::new(input);
        self.row.clear();
    }

    /// Fills `out` with the next row, a bit for each pixel, 1 where it is black.
    ///
    /// # Errors
    /// `Ended`; `Broken` where there is no such code or no such row.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<(), Flaw> {
        std::mem::swap(&mut self.above, &mut self.row);
        self.row.clear();
        match self.kind {
            TiffFax::Rows { aligned_bits } => {
                self.bits.align(aligned_bits)?;
                self.one_dimensional()?;
            }
            TiffFax::Group3 { two_dimensional } => {
                let has_end_of_line = self.pass_end_of_line()?;
                let differs = two_dimensional && has_end_of_line && self.bits.peek(1) == 0;
                if two_dimensional && has_end_of_line {
                    self.bits.take(1)?;
                }
                if differs { self.two_dimensional()? } else { self.one_dimensional()? }
            }
            TiffFax::Group4 => self.two_dimensional()?,
        }
        draw(&self.row, self.width, out);
        Ok(())
    }

    /// Whether there was an end-of-line code, before which there may be any number of zeros.
    ///
    /// # Errors
    /// `Ended` where a second one says that the page is over.
    fn pass_end_of_line(&mut self) -> Result<bool, Flaw> {
        if !self.has_end_of_line()? {
            return Ok(false);
        }
        let two_dimensional = matches!(self.kind, TiffFax::Group3 { two_dimensional: true });
        let next = if two_dimensional { self.bits.peek(13) & 0xfff } else { self.bits.peek(12) };
        if next == 1 { Err(Flaw::Ended) } else { Ok(true) }
    }

    fn has_end_of_line(&mut self) -> Result<bool, Flaw> {
        if self.bits.peek(11) != 0 {
            return Ok(false);
        }
        while self.bits.peek(12) == 0 {
            self.bits.take(1)?;
        }
        self.bits.take(12)?;
        Ok(true)
    }

    /// A row by the lengths of its runs, white first.
    fn one_dimensional(&mut self) -> Result<(), Flaw> {
        let (mut at, mut is_black) = (0, false);
        while at < self.width {
            at = self.run(at, is_black)?;
            change(&mut self.row, at);
            is_black = !is_black;
        }
        Ok(())
    }

    /// A row by how its changes differ from those of the row above.
    fn two_dimensional(&mut self) -> Result<(), Flaw> {
        let (mut at, mut is_black) = (0, false);
        let mut has_begun = false;
        let mut place = Place::default();
        while at < self.width {
            let from = has_begun.then_some(at);
            let [above, behind] =
                place.find(&self.above, from, is_black).map(|change| change.unwrap_or(self.width));
            let code = mode(self.bits.peek(7));
            let (mode, bits) = match code {
                Some(code) => code,
                None if self.bits.is_at_end() || self.bits.peek(12) == 1 => {
                    return Err(Flaw::Ended);
                }
                None => return Err(BROKEN),
            };
            self.bits.take(bits)?;
            match mode {
                Mode::Pass => at = behind,
                Mode::Horizontal => {
                    let middle = self.run(at, is_black)?;
                    change(&mut self.row, middle);
                    at = self.run(middle, !is_black)?;
                    change(&mut self.row, at);
                }
                Mode::Vertical(distance) => {
                    let next = i64::from(above) + i64::from(distance);
                    at = u32::try_from(next).ok().filter(|&next| next >= at).ok_or(BROKEN)?;
                    if at > self.width {
                        return Err(TOO_LONG);
                    }
                    change(&mut self.row, at);
                    is_black = !is_black;
                }
                Mode::Extension => {
                    return Err(Flaw::Unsupported("a fax TIFF with uncompressed rows"));
                }
            }
            has_begun = true;
        }
        Ok(())
    }

    /// Where a run ends that begins at `at`.
    fn run(&mut self, at: u32, is_black: bool) -> Result<u32, Flaw> {
        let mut end = at;
        loop {
            let Some((length, bits)) = run(self.bits.peek(13), is_black) else {
                return Err(if self.bits.is_at_end() { Flaw::Ended } else { BROKEN });
            };
            self.bits.take(bits)?;
            end += u32::from(length);
            if end > self.width {
                return Err(TOO_LONG);
            }
            if length < 64 {
                return Ok(end);
            }
        }
    }
}

impl Place {
    /// The first change in the row above that lies behind `from` and is one to the other color,
    /// and the change after it. Each search begins near the one before: `from` never goes back.
    fn find(&mut self, above: &[u32], from: Option<u32>, is_black: bool) -> [Option<u32>; 2] {
        let back = self.index.saturating_sub(2);
        self.index = back + usize::from(back % 2 != usize::from(is_black));
        while above.get(self.index).is_some_and(|&change| from.is_some_and(|from| change <= from)) {
            self.index += 2;
        }
        [above.get(self.index).copied(), above.get(self.index + 1).copied()]
    }
}

/// Notes a change. Two at one place are none.
fn change(row: &mut Vec<u32>, at: u32) {
    if row.last() == Some(&at) {
        row.pop();
    } else {
        row.push(at);
    }
}

/// The runs of black as bits.
fn draw(row: &[u32], width: u32, out: &mut [u8]) {
    out.fill(0);
    for pair in row.chunks(2) {
        let (start, end) = (pair[0] as usize, pair.get(1).map_or(width, |&end| end) as usize);
        if start >= end {
            continue;
        }
        let (first, last) = (start / 8, (end - 1) / 8);
        let (from, to) = (0xff_u8 >> (start % 8), 0xff_u8 << (7 - (end - 1) % 8));
        if first == last {
            out[first] |= from & to;
        } else {
            out[first] |= from;
            out[first + 1..last].fill(0xff);
            out[last] |= to;
        }
    }
}
