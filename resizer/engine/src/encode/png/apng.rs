//! Animated PNG: whole pictures with alpha, so that none of them hides the one before. They keep
//! all colors, because what one frame's palette lacks would move in the next one.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

use png::{BitDepth, ColorType, DeflateCompression, EncodingError, Filter, Writer};

use super::encoder;
use crate::encode::{EncodeFrames, Failure, File, Loops, Timed};
use crate::raster::{Layout, Size, widen};
use crate::spec::Effort;

/// Frames in the making.
pub(super) struct ApngEncoder {
    writer: Writer<Shared>,
    bytes: Shared,
}

/// Where the library writes, which gives nothing back.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl ApngEncoder {
    pub(super) fn new(size: Size, loops: Loops, file: &File<'_>) -> Result<Self, EncodingError> {
        let bytes = Shared::default();
        let mut encoder = encoder(bytes.clone(), size, file)?;
        encoder.set_color(ColorType::Rgba);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_filter(Filter::Adaptive);
        encoder.set_deflate_compression(match file.variant.effort {
            Effort::Fast => DeflateCompression::FdeflateUltraFast,
            Effort::Balanced => DeflateCompression::Level(3),
            Effort::Small => DeflateCompression::Level(9),
        });
        encoder.set_animated(loops.frame_count, loops.loop_count)?;
        Ok(Self { writer: encoder.write_header()?, bytes })
    }
}

impl EncodeFrames for ApngEncoder {
    fn push(&mut self, frame: &Timed<'_>) -> Result<(), Failure> {
        let raster = widen(frame.raster, Layout::Rgba);
        let [numerator, denominator] = delay(frame.duration_ms);
        self.writer.set_frame_delay(numerator, denominator)?;
        Ok(self.writer.write_image_data(raster.pixels())?)
    }

    fn finish(self: Box<Self>, _: &File<'_>) -> Result<Vec<u8>, Failure> {
        self.writer.finish()?;
        Ok(self.bytes.0.take())
    }
}

/// A time in parts of a second, the smallest whose number fits.
fn delay(duration_ms: u32) -> [u16; 2] {
    let in_parts = |parts: u16| {
        let number = duration_ms / (1000 / u32::from(parts));
        u16::try_from(number).ok().map(|number| [number, parts])
    };
    [1000, 100, 10].into_iter().find_map(in_parts).unwrap_or([u16::MAX, 1])
}
