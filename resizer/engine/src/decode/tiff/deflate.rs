//! Deflate with zlib's header, through `flate2`.
//! Source: RFC 1950 and 1951.

use flate2::{Decompress, FlushDecompress, Status};

use super::Flaw;
use super::input::Input;

/// Bytes that are turned over before they are inflated.
const STAGE_BYTES: usize = 1 << 12;

pub(super) struct Deflate<'a> {
    input: Input<'a>,
    inflate: Decompress,
    /// Where the lowest bit comes first.
    stage: Vec<u8>,
}

impl<'a> Deflate<'a> {
    pub(super) fn new() -> Self {
        Self { input: Input::default(), inflate: Decompress::new(true), stage: Vec::new() }
    }

    /// Begins with another chunk.
    pub(super) fn start(&mut self, input: Input<'a>) {
        self.input = input;
        self.inflate.reset(true);
    }

    /// Fills `out` with the next bytes.
    ///
    /// # Errors
    /// `Ended`; `Broken` where they cannot be inflated.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<(), Flaw> {
        let mut filled = 0;
        while filled < out.len() {
            let coded = if self.input.has_reversed_bits() {
                let coded = self.input.rest();
                let coded = &coded[..coded.len().min(STAGE_BYTES)];
                self.stage.clear();
                self.stage.extend(coded.iter().map(|byte| byte.reverse_bits()));
                &self.stage
            } else {
                self.input.rest()
            };
            let before = [self.inflate.total_in(), self.inflate.total_out()];
            let done = self.inflate.decompress(coded, &mut out[filled..], FlushDecompress::None);
            let status = done.map_err(|_| Flaw::Broken("Deflate data that cannot be inflated"))?;
            let read = (self.inflate.total_in() - before[0]) as usize;
            let written = (self.inflate.total_out() - before[1]) as usize;
            self.input.skip(read);
            filled += written;
            let is_stuck = read == 0 && written == 0;
            if filled < out.len() && (status == Status::StreamEnd || is_stuck) {
                return Err(Flaw::Ended);
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Deflate<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deflate").finish_non_exhaustive()
    }
}
