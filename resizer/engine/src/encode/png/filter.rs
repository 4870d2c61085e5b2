//! The bytes of a row in, the same filtered out: each byte less what those left of it and above it
//! make likely.

/// Which filters are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// None: best for numbers of colors, whose differences mean nothing, and for much of what is
    /// drawn.
    Plain,
    /// In each row the byte less that of the pixel before, which makes of gradients long runs.
    Sub,
    /// In each row the one whose bytes are nearest to zero.
    Adaptive,
}

/// Rows in the making.
#[derive(Debug)]
pub(super) struct Filtering {
    filter: Filter,
    pixel_bytes: usize,
    above: Vec<u8>,
    tried: Vec<u8>,
}

impl Filtering {
    pub(super) fn new(filter: Filter, pixel_bytes: usize) -> Self {
        Self { filter, pixel_bytes, above: Vec::new(), tried: Vec::new() }
    }

    /// Writes a row with the number of its filter before it.
    pub(super) fn row(&mut self, row: &[u8], filtered: &mut Vec<u8>) {
        self.above.resize(row.len(), 0);
        filtered.clear();
        if self.filter == Filter::Sub {
            filtered.push(1);
            return apply(1, self.pixel_bytes, [row, &self.above], filtered);
        }
        filtered.push(0);
        filtered.extend_from_slice(row);
        if self.filter == Filter::Plain {
            return;
        }
        let mut least = sum(&filtered[1..]);
        for kind in 1..=4 {
            self.tried.clear();
            self.tried.push(kind);
            apply(kind, self.pixel_bytes, [row, &self.above], &mut self.tried);
            let sum = sum(&self.tried[1..]);
            if sum < least {
                least = sum;
                std::mem::swap(filtered, &mut self.tried);
            }
        }
        self.above.copy_from_slice(row);
    }
}

/// Of the distances from zero.
fn sum(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from((byte as i8).unsigned_abs())).sum()
}

/// Sub, Up, Average and Paeth by their numbers in the specification, section 9.2.
fn apply(kind: u8, pixel_bytes: usize, [row, above]: [&[u8]; 2], out: &mut Vec<u8>) {
    let (first, first_above) = (&row[..pixel_bytes.min(row.len())], above);
    let start = first.len();
    // The row, what is left of it, above it, and left of that.
    let rest = || {
        let left = row.iter().zip(above);
        row[start..].iter().zip(&above[start..]).zip(left)
    };
    let beginning = first.iter().zip(first_above);
    match kind {
        1 => {
            out.extend_from_slice(first);
            out.extend(rest().map(|((byte, _), (left, _))| byte.wrapping_sub(*left)));
        }
        2 => out.extend(row.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(*above))),
        3 => {
            out.extend(beginning.map(|(byte, above)| byte.wrapping_sub(above / 2)));
            out.extend(
                rest().map(|((byte, above), (left, _))| byte.wrapping_sub(left.midpoint(*above))),
            );
        }
        _ => {
            out.extend(beginning.map(|(byte, above)| byte.wrapping_sub(*above)));
            out.extend(rest().map(|((byte, above), (left, corner))| {
                byte.wrapping_sub(paeth(*left, *above, *corner))
            }));
        }
    }
}

/// The prediction of Sub, Up, Average, or Paeth, by its number in the specification, section 9.2.
pub(super) fn predicted(kind: u8, left: u8, above: u8, corner: u8) -> u8 {
    match kind {
        1 => left,
        2 => above,
        3 => left.midpoint(above),
        _ => paeth(left, above, corner),
    }
}

/// Whichever of the three is nearest to left + above - corner.
fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i16::from);
    let by_left = (b - c).abs();
    let by_above = (a - c).abs();
    let by_corner = (a + b - 2 * c).abs();
    if by_left <= by_above && by_left <= by_corner {
        left
    } else if by_above <= by_corner {
        above
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, Filtering, paeth};

    /// What a decoder makes of a row: section 9.2 of the specification, backwards.
    fn unfiltered(filtered: &[u8], above: &[u8], pixel_bytes: usize) -> Vec<u8> {
        let mut row: Vec<u8> = Vec::new();
        for (at, &byte) in filtered[1..].iter().enumerate() {
            let before = at.checked_sub(pixel_bytes);
            let (left, corner) = before.map_or((0, 0), |before| (row[before], above[before]));
            let guess = match filtered[0] {
                0 => 0,
                1 => left,
                2 => above[at],
                3 => ((u16::from(left) + u16::from(above[at])) / 2) as u8,
                _ => paeth(left, above[at], corner),
            };
            row.push(byte.wrapping_add(guess));
        }
        row
    }

    #[test]
    fn every_filter_can_be_undone() {
        let mut seen = [false; 5];
        for pixel_bytes in [1, 2, 3, 4] {
            for length in [pixel_bytes, 5 * pixel_bytes, 31 * pixel_bytes] {
                for filter in [Filter::Plain, Filter::Sub, Filter::Adaptive] {
                    let mut filtering = Filtering::new(filter, pixel_bytes);
                    let mut above = vec![0; length];
                    let mut filtered = Vec::new();
                    for y in 0..40_usize {
                        // Sweeps along, down and both, then noise.
                        let level = |x: usize| match y / 8 {
                            0 => x * 5,
                            1 => y * 7 + x * x * 31,
                            2 => x * 5 + y * 9,
                            3 => (x * 5 + y * 3) / 2 + (x * y) % 3,
                            _ => x * x * 97 + y * y * 61,
                        };
                        let row: Vec<u8> = (0..length).map(|x| level(x) as u8).collect();
                        filtering.row(&row, &mut filtered);
                        assert_eq!(unfiltered(&filtered, &above, pixel_bytes), row, "{filter:?}");
                        seen[usize::from(filtered[0])] = true;
                        above = row;
                    }
                }
            }
        }
        assert_eq!(seen, [true; 5]);
    }
}
