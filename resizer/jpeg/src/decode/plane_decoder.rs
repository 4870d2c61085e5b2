//! A file to planes, one band at a time: the rows of a row of MCUs. Between two calls the decoder
//! keeps one band, or all coefficients if the first scan does not hold all of them.

use std::io::BufRead;
use std::ops::Range;

use super::band_buffer::BandBuffer;
use super::coefficient_store::CoefficientStore;
use super::entropy::ScanData;
use super::input::{End, Input};
use super::options::DecodeOptions;
use super::scan::Scan;
use super::streaming::Streaming;
use super::tables::Tables;
use crate::band::{Band, Region};
use crate::error::{DecodeError, Quantity};
use crate::frame::{Frame, Process};
use crate::marker::{
    EOI, Flaw, FrameHeader, Preamble, QuantizationTable, SOI, SOS, ScanHeader, has_body,
};
use crate::scale::Scale;
use resizer_cpu::Cpu;

/// Memory of a decoder besides its buffers and coefficients.
const FIXED_BYTES: u64 = 1 << 19;

/// A file that is decoded to planes as it arrives, one row of MCUs at a time.
#[derive(Debug)]
pub struct PlaneDecoder<R> {
    data: ScanData<R>,
    cpu: Cpu,
    options: DecodeOptions,
    preamble: Preamble,
    frame_header: FrameHeader,
    frame: Frame,
    /// The columns and rows of MCUs whose samples are wanted.
    wanted: [Range<usize>; 2],
    tables: Tables,
    /// The quantization table of each component at the start of its first scan.
    quantization: [Option<QuantizationTable>; 4],
    samples: BandBuffer,
    state: State,
    /// Bands returned so far.
    rows_done: usize,
}

#[derive(Debug)]
enum State {
    /// One scan holds everything: bits are decoded straight to samples.
    Streaming(Streaming),
    /// The first of several scans is next.
    Scans(ScanHeader),
    /// All scans are decoded to coefficients.
    Stored(CoefficientStore),
    /// An error was returned.
    Failed,
}

impl<R: BufRead> PlaneDecoder<R> {
    /// Reads up to the first scan.
    ///
    /// # Errors
    /// `NotJpeg`; `Unsupported`; `Malformed` or `Truncated` before the first scan's data;
    /// `TooLarge` for the pixels; `Io` where the source could not be read.
    pub fn new(source: R, options: &DecodeOptions) -> Result<Self, DecodeError> {
        let mut input = Input::new(source);
        for expected in [0xff, SOI] {
            match input.byte() {
                Ok(byte) if byte == expected => {}
                Err(error @ DecodeError::Io(_)) => return Err(error),
                _ => return Err(DecodeError::NotJpeg),
            }
        }
        let mut tables = Tables::default();
        let mut preamble = Preamble::default();
        let (frame_header, scan) = loop {
            let marker = input.next_marker()?;
            let offset = input.offset;
            if marker == EOI {
                return Err(Flaw("an end before any scan").at(offset));
            }
            if !has_body(marker) {
                continue;
            }
            let body = input.segment()?;
            if marker == SOS {
                let frame = preamble.frame(offset)?;
                let scan = ScanHeader::parse(body, &frame).map_err(|flaw| flaw.at(offset))?;
                break (frame, scan);
            }
            preamble.note(marker, body, offset)?;
            tables.define(marker, body).map_err(|flaw| flaw.at(offset))?;
        };
        let height = match frame_header.height {
            0 => options.dnl_height.filter(|&height| height <= 0xffff).unwrap_or(0),
            height => height,
        };
        if height == 0 {
            return Err(Flaw("a height of 0").at(input.offset));
        }
        let frame = frame_header.frame(height, preamble.clues);
        options.limits.admit(&frame)?;
        let samples = BandBuffer::new(&frame, options.scale);
        let streaming = frame.process != Process::Progressive
            && scan.components().len() == frame.components().len();
        let mut decoder = Self {
            data: ScanData::new(input),
            cpu: Cpu::detect(),
            options: *options,
            preamble,
            frame_header,
            wanted: frame.mcus_of(None),
            frame,
            tables,
            quantization: [None; 4],
            samples,
            state: State::Scans(scan),
            rows_done: 0,
        };
        if streaming {
            decoder.note_quantization(&scan)?;
            let offset = decoder.data.input.offset;
            let Self { frame, quantization, tables, cpu, .. } = &mut decoder;
            let streaming = Streaming::new(&scan, frame, options.scale, quantization, tables, *cpu);
            decoder.state = State::Streaming(streaming.map_err(|flaw| flaw.at(offset))?);
        }
        Ok(decoder)
    }

    /// Restricts the decoder to a region: the transforms of all other MCUs are left out. Bands keep
    /// their size, and their samples outside of the region are unspecified. All of the file is
    /// still read and checked. To be called before the first band.
    #[must_use]
    pub fn with_region(mut self, region: Region) -> Self {
        self.wanted = self.frame.mcus_of(Some(region));
        self
    }

    /// What the frame header says: size, coding process, components.
    pub fn frame(&self) -> &Frame {
        &self.frame
    }

    /// The planes of the next row of MCUs; `None` after the last.
    ///
    /// # Errors
    /// `Malformed` or `Truncated` where the data of the row are damaged or missing, `TooLarge`
    /// where several scans exceed the limits, `Io` where the source could not be read. All bands
    /// before are right; every call after an error is an error.
    pub fn next_band(&mut self) -> Result<Option<Band<'_>>, DecodeError> {
        let row = self.next_row()?;
        Ok(row.map(|row| self.samples.band(&self.samples.bytes, row)))
    }

    /// The same in the caller's buffer, which is overwritten and grows to the size of a band.
    /// [`Band::offsets`] tells where each plane lies in it.
    ///
    /// # Errors
    /// Those of [`next_band`](Self::next_band).
    pub fn next_band_in<'a>(
        &mut self,
        buffer: &'a mut Vec<u8>,
    ) -> Result<Option<Band<'a>>, DecodeError> {
        self.samples.exchange(buffer);
        let row = self.next_row();
        self.samples.exchange(buffer);
        Ok(row?.map(|row| self.samples.band(buffer, row)))
    }

    /// Decodes the next band and returns its number.
    fn next_row(&mut self) -> Result<Option<usize>, DecodeError> {
        if self.rows_done == self.frame.mcus().1 {
            return Ok(None);
        }
        let done = self.decode_row();
        if done.is_err() {
            self.state = State::Failed;
        }
        done?;
        self.rows_done += 1;
        Ok(Some(self.rows_done - 1))
    }

    fn decode_row(&mut self) -> Result<(), DecodeError> {
        if let State::Scans(first) = self.state {
            self.state = State::Stored(self.read_scans(first)?);
        }
        let [columns, rows] = self.wanted.clone();
        let columns = if rows.contains(&self.rows_done) { columns } else { 0..0 };
        match &mut self.state {
            State::Streaming(scan) => {
                let Self { samples, data, .. } = self;
                loop {
                    let decoded = scan.decode_row(columns.clone(), samples, data);
                    if !self.options.damage.passes(&decoded) {
                        return decoded;
                    }
                    scan.resume(data)?;
                }
            }
            State::Stored(store) => {
                let quantization =
                    &self.quantization.map(|quantization| quantization.unwrap_or([0; 64]));
                let mcus = (self.rows_done, columns);
                store.transform_row(self.cpu, quantization, mcus, &mut self.samples);
                Ok(())
            }
            State::Scans(_) => Ok(()),
            State::Failed => {
                Err(Flaw("an error that was returned before").at(self.data.input.offset))
            }
        }
    }

    /// Keeps the quantization tables at the start of the first scan of a component.
    fn note_quantization(&mut self, header: &ScanHeader) -> Result<(), DecodeError> {
        for component in header.components() {
            let slot = usize::from(self.frame.components()[component.index].quantization);
            let quantization = &mut self.quantization[component.index];
            *quantization = quantization.or(self.tables.quantization[slot]);
            if quantization.is_none() {
                let flaw = Flaw("a scan without its quantization table");
                return Err(flaw.at(self.data.input.offset));
            }
        }
        Ok(())
    }

    /// Decodes all scans up to the end marker.
    fn read_scans(&mut self, first: ScanHeader) -> Result<CoefficientStore, DecodeError> {
        let mut store =
            CoefficientStore::new(&self.frame, self.options.scale, &self.options.limits)?;
        let mut header = first;
        let mut scans = 0_u32;
        loop {
            scans += 1;
            let max_scans = self.options.limits.max_scans;
            if scans > max_scans {
                let (value, limit) = (scans.into(), max_scans.into());
                return Err(DecodeError::TooLarge { quantity: Quantity::Scans, value, limit });
            }
            let mut ended = None;
            // The search for the next marker skips the data of scans that are not needed.
            self.note_quantization(&header)?;
            if store.needs(&header) {
                self.data.entropy.restart();
                let scan = Scan::new(header, &self.frame, &mut self.tables);
                let mut scan = scan.map_err(|flaw| flaw.at(self.data.input.offset))?;
                loop {
                    let decoded = scan.decode_into(self.cpu, &mut store, &mut self.data);
                    if !self.options.damage.passes(&decoded) {
                        decoded?;
                        break;
                    }
                    if !scan.resume(&mut self.data)? {
                        break;
                    }
                }
                ended = match self.data.finish() {
                    Err(error @ DecodeError::Io(_)) => return Err(error),
                    finished => finished.ok(),
                };
                store.count_work(&header, self.data.input.offset)?;
            }
            store.note(&header);
            match self.next_scan(ended) {
                Ok(Some(next)) => header = next,
                Ok(None) => break,
                // Only the end marker is missing.
                Err(DecodeError::Truncated { .. }) if store.is_complete() => break,
                Err(error) => {
                    let ended = Err(error);
                    if !self.options.damage.passes(&ended) {
                        ended?;
                    }
                    break;
                }
            }
        }
        Ok(store)
    }

    /// The header of the next scan; `None` at the end of the file.
    fn next_scan(&mut self, ended: Option<End>) -> Result<Option<ScanHeader>, DecodeError> {
        let mut known = match ended {
            Some(End::Marker(marker)) => Some(marker),
            Some(End::Input) => {
                return Err(DecodeError::Truncated { offset: self.data.input.offset });
            }
            None => None,
        };
        loop {
            let marker = match known.take() {
                Some(marker) => marker,
                None => self.data.input.next_marker()?,
            };
            if marker == EOI {
                return Ok(None);
            }
            if !has_body(marker) {
                continue;
            }
            let offset = self.data.input.offset;
            let body = self.data.input.segment()?;
            if marker == SOS {
                let scan = ScanHeader::parse(body, &self.frame_header);
                return scan.map(Some).map_err(|flaw| flaw.at(offset));
            }
            self.preamble.note(marker, body, offset)?;
            self.tables.define(marker, body).map_err(|flaw| flaw.at(offset))?;
        }
    }
}

/// The peak memory of decoding a file, without the file and without the output.
pub(crate) fn decoding_bytes(frame: &Frame, stored: bool, scale: Scale) -> u64 {
    let coefficients = if stored { CoefficientStore::bytes(frame, scale) } else { 0 };
    FIXED_BYTES + BandBuffer::bytes(frame, scale) + coefficients
}
