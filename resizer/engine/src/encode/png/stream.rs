//! The rows of a form in, a zlib stream out: filtered, deflated, and given up when it becomes
//! larger than what there is already.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::deflate::{Search, zlib};
use super::filter::{Filter, Filtering};
use super::form::Form;
use crate::encode::{Failure, File};
use crate::error::RenderError;
use crate::stop::Stop;

/// How a form is compressed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Method {
    pub(super) filter: Filter,
    pub(super) deflate: Deflate,
}

impl Method {
    pub(super) const fn new(filter: Filter, deflate: Deflate) -> Self {
        Self { filter, deflate }
    }
}

/// How matches are searched.
#[derive(Debug, Clone, Copy)]
pub(super) enum Deflate {
    /// Hardly: runs alone.
    Fast,
    /// With zlib's effort, 1 to 9.
    Level(u32),
}

/// Filtered bytes between two looks at the stop flag.
const PIECE_BYTES: usize = 1 << 16;

/// The stream of so many rows; `None` if it takes more bytes than `limit`.
///
/// # Errors
/// `Stopped`; `Encoder`; `Malformed` where the bytes make the library panic.
pub(super) fn compressed(
    form: &Form<'_>,
    height: usize,
    method: Method,
    limit: usize,
    file: &File<'_>,
) -> Result<Option<Vec<u8>>, RenderError> {
    let mut stream = file.guarded(|| Stream::new(method.deflate, limit))?;
    let mut filtering = Filtering::new(method.filter, form.pixel_bytes());
    let (mut scratch, mut row, mut filtered) = (Vec::new(), Vec::new(), Vec::new());
    let mut piece = Vec::with_capacity(PIECE_BYTES);
    for y in 0..height {
        form.row(y, &mut scratch, &mut row);
        filtering.row(&row, &mut filtered);
        piece.extend_from_slice(&filtered);
        if piece.len() >= PIECE_BYTES || y + 1 == height {
            file.stop.check()?;
            if !file.guarded(|| stream.write(&piece))? {
                return Ok(None);
            }
            piece.clear();
        }
    }
    let bytes = file.guarded(|| stream.finish())?;
    Ok((bytes.len() <= limit).then_some(bytes))
}

/// The stream of so many rows, compressed by an optimal parse.
///
/// # Errors
/// `Stopped`.
pub(super) fn recompressed(
    (form, height): (&Form<'_>, usize),
    filter: Filter,
    search: Search,
    stop: &Stop,
) -> Result<Vec<u8>, RenderError> {
    let mut filtering = Filtering::new(filter, form.pixel_bytes());
    let (mut scratch, mut row, mut filtered) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = Vec::new();
    for y in 0..height {
        form.row(y, &mut scratch, &mut row);
        filtering.row(&row, &mut filtered);
        bytes.extend_from_slice(&filtered);
    }
    zlib(&bytes, search, stop)
}

/// A stream in the making.
enum Stream {
    /// It cannot be asked how far it is.
    Fast(fdeflate::Compressor<Vec<u8>>),
    Level(ZlibEncoder<Vec<u8>>, usize),
}

impl Stream {
    fn new(deflate: Deflate, limit: usize) -> Result<Self, Failure> {
        Ok(match deflate {
            Deflate::Fast => Self::Fast(fdeflate::Compressor::new(Vec::new())?),
            Deflate::Level(level) => {
                Self::Level(ZlibEncoder::new(Vec::new(), Compression::new(level)), limit)
            }
        })
    }

    /// Whether the limit is kept.
    fn write(&mut self, piece: &[u8]) -> Result<bool, Failure> {
        match self {
            Self::Fast(encoder) => {
                encoder.write_data(piece)?;
                Ok(true)
            }
            Self::Level(encoder, limit) => {
                encoder.write_all(piece)?;
                Ok(encoder.get_ref().len() <= *limit)
            }
        }
    }

    fn finish(self) -> Result<Vec<u8>, Failure> {
        Ok(match self {
            Self::Fast(encoder) => encoder.finish()?,
            Self::Level(encoder, _) => encoder.finish()?,
        })
    }
}
