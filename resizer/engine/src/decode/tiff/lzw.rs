//! LZW as TIFF has it, and as it was before version 6: codes whose lowest bit comes first, one step
//! later in growing. What writers leave out is not missed: the first clear code and the end code.
//! Source: TIFF 6.0, section 13; libtiff for the older order.

use super::Flaw;
use super::input::Input;

const CLEAR: u16 = 256;
const END: u16 = 257;
const FIRST: u16 = 258;
const MAX_BITS: u32 = 12;
const CODES: usize = 1 << MAX_BITS;

/// The table of strings, and where the data are.
pub(super) struct Lzw<'a> {
    input: Input<'a>,
    window: u32,
    count: u32,
    is_old: bool,
    code_bits: u32,
    /// The code that the next string gets.
    next: u16,
    previous: Option<u16>,
    has_ended: bool,
    /// Of each code: the code of all but its last byte, that byte, and how many there are.
    prefixes: [u16; CODES],
    suffixes: [u8; CODES],
    lengths: [u16; CODES],
    /// Their first bytes.
    firsts: [u8; CODES],
    /// The end of a string that the caller had no room for.
    waiting: [u8; CODES],
    waiting_bytes: usize,
}

impl<'a> Lzw<'a> {
    pub(super) fn new() -> Self {
        let (mut suffixes, mut lengths) = ([0; CODES], [0; CODES]);
        for byte in 0..=u8::MAX {
            suffixes[usize::from(byte)] = byte;
            lengths[usize::from(byte)] = 1;
        }
        Self {
            input: Input::default(),
            window: 0,
            count: 0,
            is_old: false,
            code_bits: 9,
            next: FIRST,
            previous: None,
            has_ended: false,
            prefixes: [0; CODES],
            suffixes,
            lengths,
            firsts: suffixes,
            waiting: [0; CODES],
            waiting_bytes: 0,
        }
    }

    /// Begins with another chunk.
    pub(super) fn start(&mut self, input: Input<'a>) {
        // A clear code of nine bits, its lowest one first.
        self.is_old = input.peek(0) == Some(0) && input.peek(1).is_some_and(|byte| byte & 1 == 1);
        self.input = input;
        (self.window, self.count, self.waiting_bytes) = (0, 0, 0);
        self.has_ended = false;
        self.clear();
    }

    fn clear(&mut self) {
        (self.code_bits, self.next, self.previous) = (9, FIRST, None);
    }

    /// Fills `out` with the next bytes.
    ///
    /// # Errors
    /// `Ended`; `Broken` at a code that there cannot be.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<(), Flaw> {
        let mut filled = self.waiting_bytes.min(out.len());
        let start = CODES - self.waiting_bytes;
        out[..filled].copy_from_slice(&self.waiting[start..start + filled]);
        self.waiting_bytes -= filled;
        while filled < out.len() {
            let code = self.string()?;
            let length = usize::from(self.lengths[usize::from(code)]);
            let rest = &mut out[filled..];
            if length <= rest.len() {
                write(&self.prefixes, &self.suffixes, code, &mut rest[..length]);
                filled += length;
            } else {
                let place = &mut self.waiting[CODES - length..];
                write(&self.prefixes, &self.suffixes, code, place);
                let (now, _) = place.split_at(rest.len());
                rest.copy_from_slice(now);
                self.waiting_bytes = length - now.len();
                filled = out.len();
            }
        }
        Ok(())
    }

    /// The code of the next string, which is in the table by then.
    fn string(&mut self) -> Result<u16, Flaw> {
        loop {
            if self.has_ended {
                return Err(Flaw::Ended);
            }
            let code = self.code()?;
            match code {
                CLEAR => self.clear(),
                END => self.has_ended = true,
                code => return self.add(code),
            }
        }
    }

    /// Adds the previous string and the first byte of this one to the table.
    fn add(&mut self, code: u16) -> Result<u16, Flaw> {
        const UNKNOWN: Flaw = Flaw::Broken("an LZW code that stands for nothing");
        let Some(previous) = self.previous.replace(code) else {
            return if code < CLEAR { Ok(code) } else { Err(UNKNOWN) };
        };
        if usize::from(self.next) == CODES {
            return if code < self.next { Ok(code) } else { Err(UNKNOWN) };
        }
        if code > self.next {
            return Err(UNKNOWN);
        }
        // A string that it only now becomes begins as the one before.
        let beginning = if code == self.next { previous } else { code };
        let next = usize::from(self.next);
        self.prefixes[next] = previous;
        self.suffixes[next] = self.firsts[usize::from(beginning)];
        self.firsts[next] = self.firsts[usize::from(previous)];
        self.lengths[next] = self.lengths[usize::from(previous)] + 1;
        self.next += 1;
        let early = u16::from(!self.is_old);
        if self.next + early >= 1 << self.code_bits && self.code_bits < MAX_BITS {
            self.code_bits += 1;
        }
        Ok(code)
    }

    fn code(&mut self) -> Result<u16, Flaw> {
        while self.count < self.code_bits {
            let byte = u32::from(self.input.byte().ok_or(Flaw::Ended)?);
            self.window = if self.is_old {
                self.window | byte << self.count
            } else {
                self.window << 8 | byte
            };
            self.count += 8;
        }
        let mask = (1 << self.code_bits) - 1;
        self.count -= self.code_bits;
        if self.is_old {
            let code = self.window & mask;
            self.window >>= self.code_bits;
            return Ok(code as u16);
        }
        Ok((self.window >> self.count & mask) as u16)
    }
}

/// The string of a code into a place of its length, from its end on.
fn write(prefixes: &[u16; CODES], suffixes: &[u8; CODES], mut code: u16, place: &mut [u8]) {
    for byte in place.iter_mut().rev() {
        let at = usize::from(code) % CODES;
        *byte = suffixes[at];
        code = prefixes[at];
    }
}

impl std::fmt::Debug for Lzw<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lzw").field("next", &self.next).finish_non_exhaustive()
    }
}
