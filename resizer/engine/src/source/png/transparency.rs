//! What the tRNS chunk says, where it counts: an alpha for each color of a palette, else the one
//! transparent color in 16 bits a channel, as samples of the image's depth. One that lies behind
//! the pixels or before its palette, is too short or has a wrong checksum is passed over, as libpng
//! does it. Source: W3C PNG (third edition), 11.3.1.1.

use super::chunks::Chunk;

/// Alphas of a full palette.
const MAX_BYTES: usize = 256;

/// The first chunk that stands where it counts.
#[derive(Debug)]
pub(super) struct Transparency<'a> {
    depth_bits: u8,
    color_type: u8,
    chunk: Option<Chunk<'a>>,
}

impl<'a> Transparency<'a> {
    pub(super) fn new(depth_bits: u8, color_type: u8) -> Self {
        Self { depth_bits, color_type, chunk: None }
    }

    /// Takes a chunk that lies before the pixels.
    pub(super) fn note(&mut self, chunk: Chunk<'a>, has_palette: bool) {
        if self.color_type != 3 || has_palette {
            self.chunk.get_or_insert(chunk);
        }
    }

    /// The body as the decoder is to see it.
    pub(super) fn body(self) -> Option<Vec<u8>> {
        let chunk = self.chunk?;
        let color_bytes = match self.color_type {
            0 => 2,
            2 => 6,
            3 => 1,
            _ => return None,
        };
        if !(color_bytes..=MAX_BYTES).contains(&chunk.body.len()) || !chunk.is_intact() {
            return None;
        }
        let mut body = chunk.body.to_vec();
        if self.color_type != 3 && self.depth_bits < 16 {
            // Only so many bits count, whatever the others are.
            let mask = ((1_u32 << self.depth_bits) - 1) as u8;
            for sample in body.chunks_exact_mut(2) {
                sample[0] = 0;
                sample[1] &= mask;
            }
        }
        Some(body)
    }
}
