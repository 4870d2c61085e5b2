//! Memory of decoding as counted by the allocator: bands of a picture of any height take a few
//! megabytes, and never more than the header predicts. The peak is that of the process, so these
//! tests are a process of their own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use peak_alloc::PeakAlloc;
use resizer_jpeg::options::Limits;
use resizer_jpeg::planes::PlaneDecoder;
use resizer_jpeg::{DecodeOptions, Header, Scale};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;
/// One measurement at a time.
static MEASURING: Mutex<()> = Mutex::new(());

const MEBIBYTE: usize = 1 << 20;
/// The size of a picture of 280 megapixels, in MCUs of 16 by 16.
const WIDTH: u16 = 16_384;
const HEIGHT: u16 = 17_090;

/// A baseline 4:2:0 file that is generated while it is read: a header, then rows of MCUs with a
/// restart marker after each.
struct Giant {
    /// The header and one row.
    header: Vec<u8>,
    row: Vec<u8>,
    /// The current piece, and how much of it is read.
    piece: Vec<u8>,
    taken: usize,
    rows_given: usize,
}

impl Giant {
    fn new() -> Self {
        let mut header = vec![0xff, 0xd8, 0xff, 0xdb, 0, 67, 0];
        header.extend([8; 64]);
        header.extend([0xff, 0xc0, 0, 17, 8]);
        header.extend(HEIGHT.to_be_bytes());
        header.extend(WIDTH.to_be_bytes());
        header.extend([3, 1, 0x22, 0, 2, 0x11, 0, 3, 0x11, 0]);
        // First coefficients: sizes 0 and 4, codes 0 and 10. Others: an end of block alone, code 0.
        header.extend([
            0xff, 0xc4, 0, 21, 0x00, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4,
        ]);
        header.extend([0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        header.extend([0xff, 0xdd, 0, 4]);
        header.extend((WIDTH / 16).to_be_bytes());
        header.extend([0xff, 0xda, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
        Self { piece: header.clone(), header, row: row(), taken: 0, rows_given: 0 }
    }

    fn rows() -> usize {
        usize::from(HEIGHT).div_ceil(16)
    }
}

/// One row of MCUs: luma that goes up and down, flat chroma. Each MCU has 4 * 7 + 2 * 2 bits, whole
/// bytes.
fn row() -> Vec<u8> {
    let mut row = Vec::new();
    for mcu in 0..WIDTH / 16 {
        let mut bits = 0_u32;
        for block in 0..4_u16 {
            let is_up = (mcu / 8 + block) % 2 == 0;
            let difference = if is_up { 12 } else { 15 - 12 };
            bits = bits << 7 | 0b10 << 5 | difference << 1;
        }
        for byte in (bits << 4).to_be_bytes() {
            row.push(byte);
            if byte == 0xff {
                row.push(0);
            }
        }
    }
    row
}

impl Read for Giant {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Giant {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.taken == self.piece.len() && self.rows_given <= Self::rows() {
            self.taken = 0;
            self.piece.clear();
            if self.rows_given < Self::rows() {
                self.piece.extend(&self.row);
                self.piece.extend([0xff, 0xd0 + (self.rows_given % 8) as u8]);
            } else {
                self.piece.extend([0xff, 0xd9]);
            }
            self.rows_given += 1;
        }
        Ok(&self.piece[self.taken..])
    }

    fn consume(&mut self, count: usize) {
        self.taken += count;
    }
}

/// The peak memory of decoding, and the number of samples.
fn decoding_peak_bytes(source: impl BufRead, scale: Scale) -> (usize, u64) {
    let limits = Limits::default().with_max_pixels(1 << 32);
    let options = DecodeOptions::default().with_scale(scale).with_limits(limits);
    let base_bytes = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let mut samples = 0;
    let mut decoder = PlaneDecoder::new(source, &options).expect("a good file");
    while let Some(band) = decoder.next_band().expect("a good file") {
        samples +=
            band.planes().iter().map(|plane| (plane.width * plane.height) as u64).sum::<u64>();
    }
    (ALLOCATOR.peak_usage() - base_bytes, samples)
}

#[test]
fn a_picture_of_280_megapixels_takes_a_few_megabytes() {
    let _alone = MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
    for scale in Scale::ALL {
        let giant = Giant::new();
        let foretold = Header::read(&giant.header).unwrap().decoding_bytes(scale);
        let (peak_bytes, samples) = decoding_peak_bytes(giant, scale);
        let side = u64::from(scale.eighths());
        let full = u64::from(WIDTH) * u64::from(HEIGHT) * 3 / 2;
        assert!(samples >= full * side * side / 64);
        println!("{scale:?}: {peak_bytes} bytes, {foretold} predicted");
        assert!(peak_bytes < 2 * MEBIBYTE, "{peak_bytes} at {scale:?}");
        assert!(peak_bytes as u64 <= foretold, "{peak_bytes}, {foretold} predicted");
    }
}

/// The same with a real file, for which other decoders need a gigabyte.
#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn a_real_picture_of_280_megapixels_does_as_well() {
    let _alone = MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
    let path = fixtures::outside::corpus().join("sharp/giant-image.jpg");
    let file = BufReader::new(File::open(&path).unwrap());
    let (peak_bytes, samples) = decoding_peak_bytes(file, Scale::Full);
    assert_eq!(samples, 280_000_000);
    assert!(peak_bytes < 16 * MEBIBYTE, "{peak_bytes}");
}

#[test]
fn no_file_takes_more_than_its_header_predicts() {
    let _alone = MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/images");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = fs::read(&path).unwrap();
        if !file.starts_with(&[0xff, 0xd8]) {
            continue;
        }
        count += 1;
        for scale in Scale::ALL {
            let foretold = Header::read(&file).unwrap().decoding_bytes(scale);
            let (peak_bytes, _) = decoding_peak_bytes(file.as_slice(), scale);
            let name = path.display();
            assert!(peak_bytes as u64 <= foretold, "{name}: {peak_bytes}, {foretold} predicted");
        }
    }
    assert!(count > 40, "{count} files");
}
