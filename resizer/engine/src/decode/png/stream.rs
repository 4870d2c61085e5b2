//! A PNG in, the same without what a decoder should not see out: texts, which it would unpack, and
//! the frames of an animation where a still picture is asked for. Nothing is copied.

use std::borrow::Cow;
use std::io::{BufRead, Error, Read, Seek, SeekFrom};

use crate::source::{Png, png_checksum};
use crate::stop::Stop;

/// How much is handed out before the flag is read again.
const PIECE_BYTES: usize = 1 << 16;

/// A file being read.
pub(super) struct Stream<'a> {
    rest: &'a [u8],
    /// The chunk that is read, or what comes in its place.
    chunk: Cow<'a, [u8]>,
    /// Bytes of it that are taken.
    taken: usize,
    /// To come before the pixels.
    transparency: Option<&'a [u8]>,
    keeps_frames: bool,
    stop: Stop,
}

impl<'a> Stream<'a> {
    /// A still picture.
    pub(super) fn new(source: &'a [u8], png: &'a Png<'a>, stop: &Stop) -> Self {
        let (signature, rest) = source.split_at(source.len().min(8));
        let (chunk, transparency) = (Cow::Borrowed(signature), png.transparency.as_deref());
        Self { rest, chunk, taken: 0, transparency, keeps_frames: false, stop: stop.clone() }
    }

    /// With all frames of an animation.
    pub(super) fn with_frames(source: &'a [u8], png: &'a Png<'a>, stop: &Stop) -> Self {
        Self { keeps_frames: true, ..Self::new(source, png, stop) }
    }

    /// The next chunk that is to be seen; nothing at the end.
    fn advance(&mut self) {
        self.taken = 0;
        loop {
            let rest = self.rest;
            let name = rest.get(4..8).unwrap_or_default();
            if name == b"IDAT"
                && let Some(body) = self.transparency.take()
            {
                let length = (body.len() as u32).to_be_bytes();
                let checksum = png_checksum(&[b"tRNS", body]).to_be_bytes();
                self.chunk = Cow::Owned([&length[..], b"tRNS", body, &checksum].concat());
                return;
            }
            let length = rest.first_chunk::<4>().map(|length| u32::from_be_bytes(*length) as usize);
            // What is cut is for the decoder to find.
            let end = length.and_then(|length| length.checked_add(12)).unwrap_or(rest.len());
            let (chunk, behind) = rest.split_at(end.min(rest.len()));
            self.rest = if name == b"IEND" { &[] } else { behind };
            if chunk.is_empty() || self.is_seen(name) {
                self.chunk = Cow::Borrowed(chunk);
                return;
            }
        }
    }

    /// Chunks without which the pixels cannot be read have a capital first.
    fn is_seen(&self, name: &[u8]) -> bool {
        let is_frame = matches!(name, b"acTL" | b"fcTL" | b"fdAT");
        is_frame && self.keeps_frames || name.first().is_none_or(|&first| first & 0x20 == 0)
    }
}

impl BufRead for Stream<'_> {
    fn fill_buf(&mut self) -> Result<&[u8], Error> {
        if self.stop.is_set() {
            return Err(Error::other("stopped"));
        }
        if self.taken == self.chunk.len() {
            self.advance();
        }
        let left = &self.chunk[self.taken..];
        Ok(&left[..left.len().min(PIECE_BYTES)])
    }

    fn consume(&mut self, count: usize) {
        self.taken += count;
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

/// The decoder's bounds name it; it never seeks.
impl Seek for Stream<'_> {
    fn seek(&mut self, _: SeekFrom) -> Result<u64, Error> {
        Err(Error::other("a PNG is read from start to end"))
    }
}
