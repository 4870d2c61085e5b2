//! The JPEGs that a camera RAW file holds for programs that do not develop it.
//! Source: TIFF 6.0 and DNG 1.7, whose directories most makers use. Where JPEGs lie in RAF, RW2 and
//! CR3 files is what cameras write: their makers do not publish it.

use super::heif;
use super::tiff::{TiffDirectory, TiffFile};
use crate::exif::trimmed;
use crate::orientation::Orientation;

/// What the name of such a file begins with.
pub(super) const CAMERA_RAW: &str = "a camera RAW file";

/// Directories of a file that are looked at; cameras write at most ten.
const MAX_DIRECTORIES: usize = 32;

const COMPRESSION: u16 = 259;
const STRIP_OFFSETS: u16 = 273;
const ORIENTATION: u16 = 274;
const STRIP_BYTES: u16 = 279;
const ARTIST: u16 = 315;
const SUB_DIRECTORIES: u16 = 330;
const JPEG_OFFSET: u16 = 513;
const JPEG_BYTES: u16 = 514;
const COPYRIGHT: u16 = 33_432;
/// Of Panasonic's files: a whole JPEG.
const PANASONIC_JPEG: u16 = 46;

/// The values of `Compression` that stand for JPEG.
const JPEG: [u64; 2] = [6, 7];

/// The JPEGs of a file, and what it says of them.
#[derive(Debug, Default)]
pub(super) struct Previews<'a> {
    pub(super) jpegs: Vec<&'a [u8]>,
    pub(super) said: Said<'a>,
}

/// What the first directory of a file says.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Said<'a> {
    pub(super) orientation: Option<Orientation>,
    pub(super) artist: Option<&'a [u8]>,
    pub(super) copyright: Option<&'a [u8]>,
}

impl<'a> Said<'a> {
    fn of(file: &TiffFile<'a>) -> Self {
        let Some(directory) = file.first_directory() else { return Self::default() };
        let text = |tag: u16| directory.values(tag)?.bytes().and_then(trimmed);
        let orientation = directory.values(ORIENTATION).and_then(|values| values.get(0));
        let orientation = orientation.and_then(|value| u8::try_from(value).ok());
        Self {
            orientation: orientation.map(Orientation::from_exif_value),
            artist: text(ARTIST),
            copyright: text(COPYRIGHT),
        }
    }
}

impl<'a> Previews<'a> {
    /// What begins like JPEGs where JPEGs should be; nothing of files of other kinds.
    pub(super) fn find(bytes: &'a [u8]) -> Self {
        let mut previews = if bytes.starts_with(b"FUJIFILMCCD-RAW") {
            Self { jpegs: fujifilm(bytes).into_iter().collect(), ..Self::default() }
        } else if let Some(file) = TiffFile::open(bytes) {
            Self { jpegs: jpegs_of_tiff(&file), said: Said::of(&file) }
        } else {
            let (jpeg, metadata) = heif::canon_raw(bytes);
            let said = metadata.and_then(TiffFile::open).map(|file| Said::of(&file));
            Self { jpegs: jpeg.into_iter().collect(), said: said.unwrap_or_default() }
        };
        previews.jpegs.retain(|jpeg| jpeg.starts_with(b"\xff\xd8\xff"));
        previews
    }
}

fn jpegs_of_tiff<'a>(file: &TiffFile<'a>) -> Vec<&'a [u8]> {
    let mut directories: Vec<TiffDirectory<'a>> = file.first_directory().into_iter().collect();
    let (mut jpegs, mut at) = (Vec::new(), 0);
    while let Some(&directory) = directories.get(at) {
        jpegs.extend(jpeg_of(file, &directory));
        let subs = directory.values(SUB_DIRECTORIES);
        let subs = (0..MAX_DIRECTORIES as u64).map_while(|index| subs?.get(index));
        let further = subs.filter_map(|offset| file.directory(offset));
        let further = further.chain(file.next_directory(&directory));
        directories.extend(further.take(MAX_DIRECTORIES - directories.len()));
        at += 1;
    }
    jpegs
}

/// The JPEG of a directory, as a whole.
fn jpeg_of<'a>(file: &TiffFile<'a>, directory: &TiffDirectory<'a>) -> Option<&'a [u8]> {
    let number = |tag: u16| directory.values(tag)?.get(0);
    let only = |tag: u16| directory.values(tag).filter(|values| values.count() == 1)?.get(0);
    let is_jpeg = number(COMPRESSION).is_some_and(|code| JPEG.contains(&code));
    let place = number(JPEG_OFFSET).zip(number(JPEG_BYTES));
    let place = place.or_else(|| only(STRIP_OFFSETS).zip(only(STRIP_BYTES)).filter(|_| is_jpeg));
    match place {
        Some((offset, length)) => file.slice(offset, length),
        None => directory.values(PANASONIC_JPEG)?.bytes(),
    }
}

/// Its header says where a JPEG lies.
fn fujifilm(bytes: &[u8]) -> Option<&[u8]> {
    let number = |at: usize| bytes.get(at..)?.first_chunk().map(|four| u32::from_be_bytes(*four));
    let (offset, length) = number(84).zip(number(88))?;
    bytes.get(usize::try_from(offset).ok()?..)?.get(..usize::try_from(length).ok()?)
}
