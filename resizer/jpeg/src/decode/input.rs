//! The source: bytes, marker segments, and entropy-coded data without byte stuffing.

use std::io::{BufRead, ErrorKind};

use crate::error::DecodeError;
use crate::marker::Flaw;
use crate::marker_search::{STEP, find_ff, first_ff};

/// A reader that counts bytes.
#[derive(Debug)]
pub(crate) struct Input<R> {
    source: R,
    /// The offset of the next byte.
    pub(crate) offset: u64,
    /// The last byte was a 0xFF whose meaning depends on the next byte.
    after_ff: bool,
    /// The body of the last segment; kept for its capacity.
    body: Vec<u8>,
}

/// Why the data of a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// A marker, which has been read.
    Marker(u8),
    /// The end of the source.
    Input,
}

impl<R: BufRead> Input<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source, offset: 0, after_ff: false, body: Vec::new() }
    }

    fn consume(&mut self, count: usize) {
        self.source.consume(count);
        self.offset += count as u64;
    }

    pub(crate) fn byte(&mut self) -> Result<u8, DecodeError> {
        match available(&mut self.source)?.first() {
            Some(&byte) => {
                self.consume(1);
                Ok(byte)
            }
            None => Err(DecodeError::Truncated { offset: self.offset }),
        }
    }

    /// Reads up to the next marker, skips what comes before it, and returns its code.
    pub(crate) fn next_marker(&mut self) -> Result<u8, DecodeError> {
        loop {
            if self.after_ff {
                let code = self.byte()?;
                self.after_ff = code == 0xff;
                if !matches!(code, 0x00 | 0xff) {
                    return Ok(code);
                }
                continue;
            }
            let bytes = available(&mut self.source)?;
            if bytes.is_empty() {
                return Err(DecodeError::Truncated { offset: self.offset });
            }
            let found = find_ff(bytes);
            let passed = found.map_or(bytes.len(), |index| index + 1);
            self.after_ff = found.is_some();
            self.consume(passed);
        }
    }

    /// Reads the body of the segment whose marker was just read.
    pub(crate) fn segment(&mut self) -> Result<&[u8], DecodeError> {
        let length = usize::from(u16::from_be_bytes([self.byte()?, self.byte()?]));
        let Some(mut missing) = length.checked_sub(2) else {
            return Err(Flaw("a segment shorter than its own length").at(self.offset));
        };
        self.body.clear();
        while missing > 0 {
            let bytes = available(&mut self.source)?;
            if bytes.is_empty() {
                return Err(DecodeError::Truncated { offset: self.offset });
            }
            let count = bytes.len().min(missing);
            self.body.extend_from_slice(&bytes[..count]);
            self.consume(count);
            missing -= count;
        }
        Ok(&self.body)
    }

    /// Fills `out` with entropy-coded bytes. Returns their number and what ended the data, if
    /// anything did.
    pub(crate) fn entropy_coded(
        &mut self,
        out: &mut [u8],
    ) -> Result<(usize, Option<End>), DecodeError> {
        let mut filled = 0;
        while filled < out.len() {
            if self.after_ff {
                let Some(&code) = available(&mut self.source)?.first() else {
                    return Ok((filled, Some(End::Input)));
                };
                self.consume(1);
                self.after_ff = code == 0xff;
                match code {
                    0x00 => {
                        out[filled] = 0xff;
                        filled += 1;
                    }
                    0xff => {}
                    marker => return Ok((filled, Some(End::Marker(marker)))),
                }
                continue;
            }
            let bytes = available(&mut self.source)?;
            if bytes.is_empty() {
                return Ok((filled, Some(End::Input)));
            }
            let step = unstuff(bytes, &mut out[filled..]);
            filled += step.written;
            self.after_ff = step.after_ff;
            self.consume(step.read);
        }
        Ok((filled, None))
    }
}

/// The bytes that the source has buffered; empty at its end.
fn available<R: BufRead>(source: &mut R) -> Result<&[u8], DecodeError> {
    // Asked twice, because the borrow checker does not let a loop return the borrow.
    while let Err(error) = source.fill_buf() {
        if error.kind() != ErrorKind::Interrupted {
            return Err(error.into());
        }
    }
    Ok(source.fill_buf()?)
}

struct Unstuffed {
    read: usize,
    written: usize,
    /// The last byte was a 0xFF that is not stuffed.
    after_ff: bool,
}

/// Copies until one side ends or a 0xFF is not followed by 0x00.
fn unstuff(from: &[u8], to: &mut [u8]) -> Unstuffed {
    let (mut read, mut written) = (0, 0);
    loop {
        let plain = match (from[read..].first_chunk(), to[written..].first_chunk_mut()) {
            (Some(step), Some(place)) => {
                *place = *step;
                first_ff(step)
            }
            // Fewer bytes than a step are left on either side.
            _ => {
                let rest = (from.len() - read).min(to.len() - written);
                let plain = find_ff(&from[read..read + rest]).unwrap_or(rest);
                to[written..written + plain].copy_from_slice(&from[read..read + plain]);
                if plain == rest {
                    let (read, written) = (read + plain, written + plain);
                    return Unstuffed { read, written, after_ff: false };
                }
                plain
            }
        };
        read += plain;
        written += plain;
        if plain == STEP {
            continue;
        }
        if from.get(read + 1) != Some(&0) {
            return Unstuffed { read: read + 1, written, after_ff: true };
        }
        to[written] = 0xff;
        read += 2;
        written += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::{End, Input};

    /// Neither the pieces of the input nor those of the output change the bytes.
    #[test]
    fn stuffing_goes_whatever_the_pieces() {
        let mut coded = Vec::new();
        let mut plain = Vec::new();
        for index in 0..400_u32 {
            let byte = if index % 7 == 0 || index > 360 { 0xff } else { index as u8 };
            plain.push(byte);
            coded.push(byte);
            if byte == 0xff {
                coded.push(0);
            }
        }
        coded.extend([0xff, 0xff, 0xd9]);
        for piece in 1..90 {
            for room in [1, 2, 31, 32, 33, 100, 1000] {
                let reader = std::io::BufReader::with_capacity(piece, coded.as_slice());
                let mut input = Input::new(reader);
                let mut found = Vec::new();
                let end = loop {
                    let mut out = vec![0; room];
                    let (count, end) = input.entropy_coded(&mut out).unwrap();
                    found.extend_from_slice(&out[..count]);
                    if let Some(end) = end {
                        break end;
                    }
                };
                assert_eq!((found.as_slice(), end), (plain.as_slice(), End::Marker(0xd9)));
                assert_eq!(input.offset, coded.len() as u64);
            }
        }
    }
}
