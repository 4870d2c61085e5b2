//! The configuration of an HEVC picture, without its pixels: size, planes, and colors.
//! Source: ISO/IEC 14496-15, 8.3.3.1; ITU-T H.265, 7.3.2.2 and E.2.1.

use heic_decoder::bitreader::{BitReader, strip_emulation_prevention};
use heic_decoder::hevc::params::{Sps, parse_sps};
use heic_decoder::isobmff::{HevcDecoderConfig, HevcNalArray};
use heic_decoder::{HeifError, MAX_IMAGE_PIXELS};

use super::boxes::Numbers;
use super::{Cicp, Matrix, within};
use crate::error::{Quantity, Reject};
use crate::format::ImageFormat;
use crate::guard::guarded;
use crate::raster::{Rect, Size};

/// Parameter sets have some hundred bytes.
const MAX_CONFIGURATION_BYTES: usize = 1 << 16;

/// What precedes the parameter sets.
const FIXED_BYTES: usize = 21;

const SPS: u8 = 33;
const PPS: u8 = 34;

/// What precedes the numbers of an SPS: the profile and the level of its only sub-layer.
const SUB_LAYER_BYTES: usize = 13;

/// Tables and contexts, whatever the picture.
const DECODER_BYTES: u64 = 1 << 18;

/// The range of bit depths that is decoded.
const BITS: std::ops::RangeInclusive<u32> = 8..=12;

/// What is known of a coded picture before it is decoded.
#[derive(Debug)]
pub(crate) struct Hevc {
    /// One set of parameters of each kind.
    pub(crate) configuration: HevcDecoderConfig,
    /// Of the planes, with what the window leaves out.
    pub(crate) coded_size: Size,
    /// The conformance window, the part to be seen.
    pub(crate) window: Rect,
    /// Bits of a sample.
    pub(crate) bits: u32,
    /// 0 for gray, 1 to 3 for 4:2:0, 4:2:2 and 4:4:4.
    pub(crate) chroma_format: u32,
    matrix: Matrix,
    cicp: Option<Cicp>,
}

impl Hevc {
    /// Reads the body of an `hvcC` box.
    ///
    /// # Errors
    /// `Malformed` without parameter sets that can be read; `Unsupported` for coding tools that
    /// are not decoded; `TooLarge` for a picture that the decoder has no room for.
    pub(super) fn read(body: &[u8]) -> Result<Self, Reject> {
        let configuration = configuration(body)
            .ok_or_else(|| malformed("its configuration is truncated or has no parameter sets"))?;
        let sps = configuration.nalus_of_type(SPS).next();
        let sps = sps.and_then(|unit| unit.get(2..)).ok_or_else(|| malformed("it has no SPS"))?;
        let sps = strip_emulation_prevention(sps);
        within(Quantity::Pixels, pixels(&sps).unwrap_or(0), MAX_IMAGE_PIXELS)?;
        let sps = guarded(ImageFormat::Heic, || parse_sps(&sps).map_err(|error| reject(&error)))?;
        let bits = sps.bit_depth_luma;
        if sps.chroma_format_idc > 3 {
            return Err(malformed("its chroma format is not defined"));
        }
        let is_gray = sps.chroma_format_idc == 0;
        if !BITS.contains(&bits) || !(is_gray || sps.bit_depth_chroma == bits) {
            return Err(Reject::Unsupported { what: "a HEIC of such a bit depth" });
        }
        let (coded_size, window) = sizes(&sps).ok_or_else(|| malformed("its window is empty"))?;
        Ok(Self {
            configuration,
            coded_size,
            window,
            bits,
            chroma_format: sps.chroma_format_idc,
            matrix: matrix(&sps),
            cicp: cicp(&sps),
        })
    }

    /// Width and height of what is to be seen.
    pub(super) fn size(&self) -> (u32, u32) {
        (self.window.size.width(), self.window.size.height())
    }

    pub(super) fn coded_pixels(&self) -> u64 {
        self.coded_size.pixels()
    }

    /// Copied from the file.
    pub(super) fn owned_bytes(&self) -> u64 {
        let units = self.configuration.arrays.iter().flat_map(|array| &array.nalus);
        units.map(|unit| unit.len() as u64).sum()
    }

    /// What decoding takes: for each sample 4 bytes and a flag, 4 bytes of a copy of the largest
    /// plane, and up to 3 bytes of what is known of blocks.
    pub(super) fn decoder_bytes(&self) -> u64 {
        let samples_of_two = [2_u64, 3, 4, 6][self.chroma_format as usize];
        let pixels = self.coded_size.pixels().saturating_add(1 << 16);
        pixels
            .saturating_mul((5 * samples_of_two).div_ceil(2) + 4 + 3)
            .saturating_add(DECODER_BYTES)
    }

    pub(super) fn is_gray(&self) -> bool {
        self.chroma_format == 0
    }

    /// What the picture says of its own colors.
    pub(super) fn colors(&self) -> (Matrix, Option<Cicp>) {
        (self.matrix, self.cicp)
    }
}

/// The decoder's error as a refusal.
pub(crate) fn reject(error: &HeifError) -> Reject {
    match error {
        HeifError::Unsupported(_) => {
            Reject::Unsupported { what: "a HEIC with HEVC coding tools that the decoder lacks" }
        }
        error => malformed(&error.to_string()),
    }
}

/// The coded pixels that an SPS says. The decoder refuses too many without telling their number.
fn pixels(sps: &[u8]) -> Option<u64> {
    // With several sub-layers, which are not decoded, more of them would come first.
    let rest = sps.get(SUB_LAYER_BYTES..).filter(|_| sps[0] >> 1 & 7 == 0)?;
    let mut bits = BitReader::new(rest);
    bits.ue().ok()?;
    // Of 4:4:4 a flag says whether the planes are coded as three pictures.
    if bits.ue().ok()? == 3 {
        bits.bit().ok()?;
    }
    Some(u64::from(bits.ue().ok()?) * u64::from(bits.ue().ok()?))
}

/// The first SPS and the first PPS of the base layer.
fn configuration(body: &[u8]) -> Option<HevcDecoderConfig> {
    let mut numbers = Numbers(body.get(..body.len().min(MAX_CONFIGURATION_BYTES))?);
    numbers.bytes(FIXED_BYTES)?;
    let length_size_minus_one = (numbers.next(1)? & 3) as u8;
    let mut arrays = Vec::new();
    for _ in 0..numbers.next(1)? {
        let kind = (numbers.next(1)? & 0x3f) as u8;
        for _ in 0..numbers.next(2)? {
            let length = numbers.next(2)? as usize;
            let unit = numbers.bytes(length)?;
            let has_kind = |array: &HevcNalArray| array.nal_unit_type == kind;
            let is_known = matches!(kind, SPS | PPS) && is_of_base_layer(unit, kind);
            if is_known && !arrays.iter().any(has_kind) {
                arrays.push(HevcNalArray { nal_unit_type: kind, nalus: vec![unit.to_vec()] });
            }
        }
    }
    let configuration = HevcDecoderConfig { length_size_minus_one, arrays, ..Default::default() };
    (configuration.arrays.len() == 2).then_some(configuration)
}

/// Whether a unit's header says that kind and layer 0.
fn is_of_base_layer(unit: &[u8], kind: u8) -> bool {
    matches!(unit, [first, second, ..]
        if first >> 1 & 0x3f == kind && first & 1 == 0 && second >> 3 == 0)
}

/// Of the planes and of the window in them.
fn sizes(sps: &Sps) -> Option<(Size, Rect)> {
    let (width, height) = (sps.pic_width_in_luma_samples, sps.pic_height_in_luma_samples);
    let [left, right, top, bottom] = sps.conformance_window;
    let width_inside = width.checked_sub(left)?.checked_sub(right)?;
    let height_inside = height.checked_sub(top)?.checked_sub(bottom)?;
    let size = Size::new(width_inside, height_inside)?;
    Some((Size::new(width, height)?, Rect { x: left, y: top, size }))
}

/// How planes become colors, where no box says it.
fn matrix(sps: &Sps) -> Matrix {
    let said = sps.color_info.as_ref();
    let coefficients = said.map_or(2, |info| info.matrix_coefficients as u8);
    Matrix { coefficients, full_range: said.is_some_and(|info| info.full_range) }
}

fn cicp(sps: &Sps) -> Option<Cicp> {
    let info = sps.color_info.as_ref()?;
    let primaries = info.color_primaries as u8;
    Some(Cicp { primaries, transfer: info.transfer_characteristics as u8 })
}

fn malformed(detail: &str) -> Reject {
    Reject::malformed(ImageFormat::Heic, detail)
}
