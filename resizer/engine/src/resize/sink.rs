//! Behind the passes: rows of samples in, the bytes of a picture out.

use resizer_cpu::Cpu;

use super::kernels::interleave;
use super::samples;
use crate::plan::{Grid, Stream};
use crate::spec::Light;

/// One picture, or one part of its planes.
#[derive(Debug)]
pub(super) struct Sink {
    cpu: Cpu,
    light: Light,
    premultiplied: bool,
    /// Samples of a channel in a row.
    width: usize,
    /// A row with straight alpha; empty where alpha is not premultiplied.
    straight: Vec<i16>,
    /// A row of bytes, channel after channel.
    row: Vec<u8>,
    /// Pixels all in one, planes one by one.
    parts: Vec<Vec<u8>>,
}

impl Sink {
    /// `to` are the picture's grids: across, down.
    pub(super) fn new(
        light: Light,
        premultiplied: bool,
        channels: usize,
        to: [Grid; 2],
        stream: Stream,
    ) -> Self {
        let [width, height] = to.map(|grid| grid.count);
        let parts = if stream == Stream::Pixels { 1 } else { channels };
        let part_length = width * height * channels / parts;
        Self {
            cpu: Cpu::detect(),
            light,
            premultiplied,
            width,
            straight: vec![0; if premultiplied { width * channels } else { 0 }],
            row: vec![0; width * channels],
            parts: (0..parts).map(|_| Vec::with_capacity(part_length)).collect(),
        }
    }

    /// Takes the next row, channel after channel.
    pub(super) fn push(&mut self, row: &[i16]) {
        if self.premultiplied {
            self.straight.copy_from_slice(row);
            let (colors, alphas) = self.straight.split_at_mut(row.len() - self.width);
            for color in colors.chunks_exact_mut(self.width) {
                samples::unpremultiply(color, alphas);
            }
            let (color_bytes, alpha_bytes) = self.row.split_at_mut(colors.len());
            samples::to_bytes(self.cpu, self.light, colors, color_bytes);
            samples::to_bytes(self.cpu, Light::Gamma, alphas, alpha_bytes);
        } else {
            samples::to_bytes(self.cpu, self.light, row, &mut self.row);
        }
        let channels: Vec<&[u8]> = self.row.chunks_exact(self.width).collect();
        match (&mut self.parts[..], &channels[..]) {
            ([pixels], &[red, green, blue]) => {
                let row = space(pixels, row.len());
                interleave(self.cpu, [red, green, blue], row);
            }
            ([pixels], [_, _, ..]) => {
                let pixels = space(pixels, row.len()).chunks_exact_mut(channels.len()).enumerate();
                for (x, pixel) in pixels {
                    for (sample, channel) in pixel.iter_mut().zip(&channels) {
                        *sample = channel[x];
                    }
                }
            }
            (parts, channels) => {
                for (part, channel) in parts.iter_mut().zip(channels) {
                    part.extend_from_slice(channel);
                }
            }
        }
    }

    /// The bytes of the parts.
    pub(super) fn finish(self) -> Vec<Vec<u8>> {
        self.parts
    }
}

/// Room for as many bytes more.
fn space(bytes: &mut Vec<u8>, more: usize) -> &mut [u8] {
    let start = bytes.len();
    bytes.resize(start + more, 0);
    &mut bytes[start..]
}
