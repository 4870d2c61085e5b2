//! Marker codes, and the parsing and checking of marker segments. Source: ITU T.81, annex B; JFIF
//! 1.02; Adobe technical note 5116.

use crate::error::{DecodeError, Unsupported};
use crate::frame::{ColorModel, Component, Frame, Process};
use crate::zigzag::ZIGZAG;

pub(crate) const SOI: u8 = 0xd8;
pub(crate) const EOI: u8 = 0xd9;
pub(crate) const SOS: u8 = 0xda;
pub(crate) const DQT: u8 = 0xdb;
pub(crate) const DNL: u8 = 0xdc;
pub(crate) const DRI: u8 = 0xdd;
pub(crate) const DHT: u8 = 0xc4;
pub(crate) const DAC: u8 = 0xcc;
pub(crate) const RST0: u8 = 0xd0;
pub(crate) const RST7: u8 = 0xd7;
pub(crate) const APP0: u8 = 0xe0;
pub(crate) const APP1: u8 = 0xe1;
pub(crate) const APP2: u8 = 0xe2;
pub(crate) const APP13: u8 = 0xed;
pub(crate) const APP14: u8 = 0xee;

/// A violation of the specification; the caller adds the offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flaw(pub(crate) &'static str);

impl Flaw {
    pub(crate) fn at(self, offset: u64) -> DecodeError {
        DecodeError::Malformed { what: self.0, offset }
    }
}

/// Whether the marker has a segment with a length.
pub(crate) fn has_body(marker: u8) -> bool {
    !matches!(marker, 0x00 | 0x01 | RST0..=RST7 | SOI | EOI)
}

/// Whether the marker opens a frame of any process, or a hierarchical sequence (DHP, EXP).
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf | 0xde | 0xdf) && !matches!(marker, DHT | 0xc8 | DAC)
}

/// The coding process of a frame, where this crate does not decode it.
fn unsupported_process(marker: u8, precision_bits: u8) -> Option<Unsupported> {
    match marker {
        0xc3 => Some(Unsupported::Lossless),
        0xc5..=0xc7 => Some(Unsupported::Hierarchical),
        0xc9 | 0xca => Some(Unsupported::Arithmetic),
        0xcb => Some(Unsupported::LosslessArithmetic),
        0xcd..=0xcf => Some(Unsupported::HierarchicalArithmetic),
        0xde | 0xdf => Some(Unsupported::Hierarchical),
        _ => (precision_bits == 12).then_some(Unsupported::TwelveBit),
    }
}

/// A frame header without the color space of its components.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHeader {
    pub(crate) process: Process,
    pub(crate) width: u32,
    /// 0 if a DNL segment after the first scan has it.
    pub(crate) height: u32,
    pub(crate) components: [Component; 4],
    pub(crate) component_count: usize,
}

impl FrameHeader {
    fn read(marker: u8, body: &[u8], offset: u64) -> Result<Self, DecodeError> {
        let precision_bits = body.first().copied().unwrap_or(0);
        if let Some(feature) = unsupported_process(marker, precision_bits) {
            return Err(DecodeError::Unsupported(feature));
        }
        if body.get(5).is_some_and(|&count| count == 2 || count > 4) {
            return Err(DecodeError::Unsupported(Unsupported::ComponentCount));
        }
        Self::parse(marker, body).map_err(|flaw| flaw.at(offset))
    }

    fn parse(marker: u8, body: &[u8]) -> Result<Self, Flaw> {
        let &[precision_bits, h1, h0, w1, w0, count, ref rest @ ..] = body else {
            return Err(Flaw("a frame header that is too short"));
        };
        if precision_bits != 8 {
            return Err(Flaw("a sample precision other than 8 bits"));
        }
        let process = match marker {
            0xc0 => Process::Baseline,
            0xc1 => Process::Extended,
            _ => Process::Progressive,
        };
        let component_count = usize::from(count);
        if component_count == 0 {
            return Err(Flaw("a frame header without components"));
        }
        if rest.len() != 3 * component_count {
            return Err(Flaw("a frame header whose length does not fit its components"));
        }
        let mut components = [Component::default(); 4];
        for (component, bytes) in components.iter_mut().zip(rest.chunks_exact(3)) {
            let (horizontal, vertical) = (bytes[1] >> 4, bytes[1] & 15);
            if !(1..=4).contains(&horizontal) || !(1..=4).contains(&vertical) {
                return Err(Flaw("a sampling factor outside 1 to 4"));
            }
            if bytes[2] > 3 {
                return Err(Flaw("a quantization table outside 0 to 3"));
            }
            *component = Component { id: bytes[0], horizontal, vertical, quantization: bytes[2] };
        }
        if component_count == 1 {
            // A single component is never interleaved, so its factors mean nothing.
            components[0].horizontal = 1;
            components[0].vertical = 1;
        }
        let (width, height) = (u32::from(be16(w1, w0)), u32::from(be16(h1, h0)));
        if width == 0 {
            return Err(Flaw("a width of 0"));
        }
        Ok(Self { process, width, height, components, component_count })
    }

    /// The frame. `height` is that of a DNL segment if the header has none.
    pub(crate) fn frame(&self, height: u32, clues: ColorClues) -> Frame {
        let ids = self.components.map(|component| component.id);
        Frame {
            width: self.width,
            height,
            process: self.process,
            color: clues.model(&ids[..self.component_count]),
            adobe: clues.adobe_transform.is_some(),
            components: self.components,
            component_count: self.component_count,
        }
    }
}

/// What the segments before the frame tell about its color space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ColorClues {
    pub(crate) jfif: bool,
    pub(crate) adobe_transform: Option<u8>,
}

impl ColorClues {
    /// Reads an application segment.
    fn note(&mut self, marker: u8, body: &[u8]) {
        match marker {
            APP0 if body.starts_with(b"JFIF\0") => self.jfif = true,
            APP14 if body.starts_with(b"Adobe") => {
                self.adobe_transform = body.get(11).copied().or(self.adobe_transform);
            }
            _ => {}
        }
    }

    /// JFIF takes precedence over Adobe, and Adobe over the identifiers, as in other decoders.
    fn model(self, ids: &[u8]) -> ColorModel {
        match (ids.len(), self.adobe_transform) {
            (1, _) => ColorModel::Gray,
            (4, Some(1..)) => ColorModel::Ycck,
            (4, _) => ColorModel::Cmyk,
            _ if self.jfif => ColorModel::YCbCr,
            (_, Some(0)) => ColorModel::Rgb,
            (_, Some(_)) => ColorModel::YCbCr,
            (_, None) if ids == b"RGB" => ColorModel::Rgb,
            (_, None) => ColorModel::YCbCr,
        }
    }
}

/// What the segments before the first scan tell about the frame.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Preamble {
    pub(crate) frame: Option<FrameHeader>,
    pub(crate) clues: ColorClues,
}

impl Preamble {
    /// Reads a segment, if it is a frame header or tells about its color space.
    pub(crate) fn note(&mut self, marker: u8, body: &[u8], offset: u64) -> Result<(), DecodeError> {
        if matches!(marker, 0x02..=0xbf | 0xc8 | 0xf0..=0xfd) {
            return Err(Flaw("a marker that the specification reserves").at(offset));
        }
        if !is_frame(marker) {
            self.clues.note(marker, body);
        } else if self.frame.is_some() {
            return Err(Flaw("a second frame header").at(offset));
        } else {
            self.frame = Some(FrameHeader::read(marker, body, offset)?);
        }
        Ok(())
    }

    /// The frame header, which a scan needs.
    pub(crate) fn frame(&self, offset: u64) -> Result<FrameHeader, DecodeError> {
        self.frame.ok_or(Flaw("a scan before the frame header").at(offset))
    }
}

/// A quantization table, row by row.
pub(crate) type QuantizationTable = [u16; 64];

/// Reads all tables of a DQT segment into their slots.
pub(crate) fn read_quantization(
    mut body: &[u8],
    slots: &mut [Option<QuantizationTable>; 4],
) -> Result<(), Flaw> {
    while let &[kind, ref rest @ ..] = body {
        let (wide, slot) = (kind >> 4, usize::from(kind & 15));
        if wide > 1 || slot > 3 {
            return Err(Flaw("a quantization table of an unknown kind"));
        }
        let bytes_each = 1 + usize::from(wide);
        let Some((coded, rest)) = rest.split_at_checked(64 * bytes_each) else {
            return Err(Flaw("a truncated quantization table"));
        };
        let mut table = [0; 64];
        for (&place, bytes) in ZIGZAG.iter().zip(coded.chunks_exact(bytes_each)) {
            let divisor = bytes.iter().fold(0, |sum, &byte| sum << 8 | u16::from(byte));
            table[usize::from(place)] = divisor;
        }
        slots[slot] = Some(table);
        body = rest;
    }
    Ok(())
}

/// A Huffman table as a file defines it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct CodeLengths {
    /// The number of codes of 1, 2, .. 16 bits.
    pub(crate) counts: [u8; 16],
    /// Symbols in the order of their codes.
    pub(crate) symbols: [u8; 256],
}

/// The slots for Huffman tables: class 0 (DC) and 1 (AC), four of each.
pub(crate) type CodeSlots = [[Option<CodeLengths>; 4]; 2];

/// Reads all tables of a DHT segment into their slots.
pub(crate) fn read_huffman(mut body: &[u8], slots: &mut CodeSlots) -> Result<(), Flaw> {
    while let &[kind, ref rest @ ..] = body {
        let (class, slot) = (usize::from(kind >> 4), usize::from(kind & 15));
        if class > 1 || slot > 3 {
            return Err(Flaw("a Huffman table of an unknown kind"));
        }
        let Some((counts, rest)) = rest.split_first_chunk::<16>() else {
            return Err(Flaw("a truncated Huffman table"));
        };
        let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
        let used: u32 =
            (1..).zip(counts).map(|(bits, &count)| u32::from(count) << (16 - bits)).sum();
        if total > 256 || used > 1 << 16 {
            return Err(Flaw("a Huffman table with more codes than there can be"));
        }
        let Some((given, behind)) = rest.split_at_checked(total) else {
            return Err(Flaw("a truncated Huffman table"));
        };
        if class == 0 && given.iter().any(|&symbol| symbol > 15) {
            return Err(Flaw("a Huffman table with a DC difference of more than 15 bits"));
        }
        let mut symbols = [0; 256];
        symbols[..total].copy_from_slice(given);
        slots[class][slot] = Some(CodeLengths { counts: *counts, symbols });
        body = behind;
    }
    Ok(())
}

/// One component of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct ScanComponent {
    /// The index in the frame.
    pub(crate) index: usize,
    /// The slots of its Huffman tables.
    pub(crate) dc: usize,
    pub(crate) ac: usize,
}

/// A scan header, checked against its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScanHeader {
    components: [ScanComponent; 4],
    count: usize,
    /// The first and last coefficient in zigzag order.
    pub(crate) first: u8,
    pub(crate) last: u8,
    /// Successive approximation: the low bits that the scan before left out (0 for a first scan),
    /// and those that this one leaves out.
    pub(crate) high: u8,
    pub(crate) low: u8,
}

impl ScanHeader {
    pub(crate) fn components(&self) -> &[ScanComponent] {
        &self.components[..self.count]
    }

    pub(crate) fn parse(body: &[u8], frame: &FrameHeader) -> Result<Self, Flaw> {
        let &[count, ref rest @ ..] = body else { return Err(Flaw("an empty scan header")) };
        let count = usize::from(count);
        if !(1..=frame.component_count).contains(&count) {
            return Err(Flaw("a scan with more components than its frame"));
        }
        let Some((named, &[first, last, approximation])) = rest.split_at_checked(2 * count) else {
            return Err(Flaw("a scan header whose length does not fit its components"));
        };
        let mut components = [ScanComponent::default(); 4];
        let mut blocks = 0;
        let mut after = 0;
        for (component, pair) in components.iter_mut().zip(named.chunks_exact(2)) {
            let known = &frame.components[..frame.component_count];
            // In the order of the frame, so that components with equal identifiers are told apart.
            let index = (after..known.len())
                .find(|&index| known[index].id == pair[0])
                .ok_or(Flaw("a scan of a component that the frame does not have"))?;
            after = index + 1;
            blocks += known[index].horizontal * known[index].vertical;
            let (dc, ac) = (usize::from(pair[1] >> 4), usize::from(pair[1] & 15));
            if dc > 3 || ac > 3 {
                return Err(Flaw("a scan with a Huffman table outside 0 to 3"));
            }
            *component = ScanComponent { index, dc, ac };
        }
        if count > 1 && blocks > 10 {
            return Err(Flaw("a scan with more than ten blocks in an MCU"));
        }
        let (high, low) = (approximation >> 4, approximation & 15);
        let scan = Self { components, count, first, last, high, low };
        if frame.process == Process::Progressive {
            scan.check_progression()?;
            Ok(scan)
        } else {
            // These values are fixed for sequential scans; files with others mean the same.
            Ok(Self { first: 0, last: 63, high: 0, low: 0, ..scan })
        }
    }

    fn check_progression(&self) -> Result<(), Flaw> {
        let spectrum = match self.first {
            0 => self.last == 0,
            first => first <= self.last && self.last <= 63 && self.count == 1,
        };
        if !spectrum {
            return Err(Flaw("a progressive scan of impossible coefficients"));
        }
        if self.low > 13 || (self.high != 0 && self.high != self.low + 1) {
            return Err(Flaw("a progressive scan of impossible bits"));
        }
        Ok(())
    }
}

pub(crate) fn be16(high: u8, low: u8) -> u16 {
    u16::from_be_bytes([high, low])
}
