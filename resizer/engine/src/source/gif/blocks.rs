//! The blocks of a GIF: slices of it, one frame after the other. Source: GIF89a, sections 17 to 26.

use crate::raster::Size;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const CONTROL: u8 = 0xf9;

/// The extension that every browser knows. Its name is the first of its blocks.
const LOOPING: &[u8] = b"NETSCAPE2.0";

/// One frame as it is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GifFrame<'a> {
    pub(crate) left: u16,
    pub(crate) top: u16,
    /// As stored; 0 stands for the screen's own.
    pub(crate) width: u16,
    pub(crate) height: u16,
    pub(crate) interlaced: bool,
    /// Its own colors, three bytes each; without them those of the file.
    pub(crate) colors: Option<&'a [u8]>,
    /// The index that leaves the canvas as it is.
    pub(crate) transparent: Option<u8>,
    /// What becomes of it before the next one: 2 clears, 3 brings back what was there.
    pub(crate) disposal: u8,
    /// Hundredths of a second.
    pub(crate) delay_cs: u16,
    /// Bits of an index.
    pub(crate) code_bits: u8,
    /// Its data in blocks, each behind its length, as far as they are there.
    pub(crate) data: &'a [u8],
}

/// A file that is walked through.
#[derive(Debug, Clone)]
pub(crate) struct GifBlocks<'a> {
    source: &'a [u8],
    position: usize,
    /// Of the logical screen; sides may be 0.
    pub(crate) width: u16,
    pub(crate) height: u16,
    /// The colors of the file, three bytes each.
    pub(crate) colors: Option<&'a [u8]>,
    /// How often the frames play, 0 for endless, as far as it was said.
    pub(crate) loop_count: u32,
}

impl<'a> GifBlocks<'a> {
    /// `None` where the screen descriptor is cut.
    pub(crate) fn new(source: &'a [u8]) -> Option<Self> {
        let (width, height) = (short(source, 6)?, short(source, 8)?);
        let table_bytes = color_table_bytes(*source.get(10)?);
        let colors = source.get(13..13 + table_bytes).filter(|_| table_bytes > 0);
        Some(Self { source, position: 13 + table_bytes, width, height, colors, loop_count: 1 })
    }

    /// The next frame; `None` behind the last one, and where the file ends before a frame's data.
    pub(crate) fn next_frame(&mut self) -> Option<GifFrame<'a>> {
        let (mut disposal, mut delay_cs, mut transparent) = (0, 0, None);
        loop {
            match *self.source.get(self.position)? {
                IMAGE => {
                    let frame = self.frame()?;
                    return Some(GifFrame { disposal, delay_cs, transparent, ..frame });
                }
                EXTENSION => {
                    let label = *self.source.get(self.position + 1)?;
                    let body = self.source.get(self.position + 3..).unwrap_or_default();
                    if let (CONTROL, Some(&[flags, low, high, index])) = (label, body.first_chunk())
                    {
                        disposal = flags >> 2 & 7;
                        delay_cs = u16::from_le_bytes([low, high]);
                        transparent = (flags & 1 == 1).then_some(index);
                    }
                    if let Some(data) = body.strip_prefix(LOOPING)
                        && let Some(&[3, 1, low, high]) = data.first_chunk()
                    {
                        // Counted without the first time.
                        self.loop_count = match u16::from_le_bytes([low, high]) {
                            0 => 0,
                            repeats => u32::from(repeats) + 1,
                        };
                    }
                    self.position += 2;
                    self.pass_data()?;
                }
                _ => return None,
            }
        }
    }

    fn frame(&mut self) -> Option<GifFrame<'a>> {
        let (source, start) = (self.source, self.position + 1);
        let [left, top] = [short(source, start)?, short(source, start + 2)?];
        let [width, height] = [short(source, start + 4)?, short(source, start + 6)?];
        let flags = *source.get(start + 8)?;
        let table_bytes = color_table_bytes(flags);
        let colors = source.get(start + 9..start + 9 + table_bytes)?;
        let code_bits = *source.get(start + 9 + table_bytes)?;
        self.position = start + 10 + table_bytes;
        let first = self.position;
        // Where the end is missing, the frame has the blocks that are there.
        if self.pass_data().is_none() {
            self.position = source.len();
        }
        Some(GifFrame {
            left,
            top,
            width,
            height,
            interlaced: flags & 0x40 != 0,
            colors: (table_bytes > 0).then_some(colors),
            transparent: None,
            disposal: 0,
            delay_cs: 0,
            code_bits,
            data: &source[first..self.position],
        })
    }

    /// Goes behind the block of length 0.
    fn pass_data(&mut self) -> Option<()> {
        while let length @ 1.. = *self.source.get(self.position)? {
            self.position += 1 + usize::from(length);
        }
        self.position += 1;
        Some(())
    }

    /// The canvas of a file whose first frame this is. A screen that has no pixels, or is smaller
    /// than the first frame, is that frame, as browsers have it.
    pub(crate) fn canvas(&self, first: Option<&GifFrame<'_>>) -> Option<Size> {
        let screen = (self.width, self.height);
        let canvas = match first {
            Some(first) if first.width > self.width || first.height > self.height => {
                self.size_of(first)?
            }
            _ => screen,
        };
        Size::new(canvas.0.into(), canvas.1.into())
    }

    /// Whether that canvas is the first frame's own.
    pub(crate) fn is_canvas(&self, first: &GifFrame<'_>) -> bool {
        first.width > self.width || first.height > self.height
    }

    /// Width and height of a frame. `None` where there are none.
    pub(crate) fn size_of(&self, frame: &GifFrame<'_>) -> Option<(u16, u16)> {
        let side = |own: u16, screen: u16| if own == 0 { screen } else { own };
        let size = (side(frame.width, self.width), side(frame.height, self.height));
        (size.0 > 0 && size.1 > 0).then_some(size)
    }
}

fn short(source: &[u8], at: usize) -> Option<u16> {
    source.get(at..)?.first_chunk().map(|bytes| u16::from_le_bytes(*bytes))
}

/// Bit 7 says whether there is a table, bits 0 to 2 how many colors it has.
fn color_table_bytes(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}
