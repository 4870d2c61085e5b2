//! PackBits: bytes as they are, and bytes that repeat.
//! Source: TIFF 6.0, section 9.

use super::Flaw;
use super::input::Input;

#[derive(Debug, Default)]
pub(super) struct PackBits<'a> {
    input: Input<'a>,
    /// Bytes of the packet that are still to come.
    left: usize,
    /// What they all are, where they repeat.
    repeated: Option<u8>,
}

impl<'a> PackBits<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        Self { input, left: 0, repeated: None }
    }

    /// Fills `out` with the next bytes.
    ///
    /// # Errors
    /// `Ended`.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<(), Flaw> {
        let mut filled = 0;
        while filled < out.len() {
            if self.left == 0 {
                let length = self.input.byte().ok_or(Flaw::Ended)?;
                match length {
                    0..=127 => (self.left, self.repeated) = (usize::from(length) + 1, None),
                    128 => continue,
                    _ => {
                        let byte = self.input.byte().ok_or(Flaw::Ended)?;
                        (self.left, self.repeated) = (257 - usize::from(length), Some(byte));
                    }
                }
            }
            let count = self.left.min(out.len() - filled);
            let place = &mut out[filled..filled + count];
            match self.repeated {
                Some(byte) => place.fill(byte),
                None => self.input.fill(place)?,
            }
            self.left -= count;
            filled += count;
        }
        Ok(())
    }
}
