//! The sequence header, the frame header, and the units that hold them. Source: AV1 specification,
//! sections "OBU syntax", "Sequence header OBU syntax", and "Frame header OBU syntax", with
//! `reduced_still_picture_header` = 1.

use crate::bit_writer::BitWriter;
use crate::frame::{Frame, Tiles};
use crate::picture::Chroma;

const OBU_SEQUENCE_HEADER: u8 = 1;
const OBU_FRAME: u8 = 6;

/// The largest picture, width, and height of each level, and the level's index. Source: AV1
/// specification, annex "Profiles and levels". Of levels with equal limits, the lowest is listed.
const LEVELS: [(usize, usize, usize, u8); 8] = [
    (147_456, 2_048, 1_152, 0),
    (278_784, 2_816, 1_584, 1),
    (665_856, 4_352, 2_448, 4),
    (1_065_024, 5_504, 3_096, 5),
    (2_359_296, 6_144, 3_456, 8),
    (8_912_896, 8_192, 4_352, 12),
    (35_651_584, 16_384, 8_704, 16),
    (142_606_336, 32_768, 17_408, 20),
];
/// The level without limits.
const MAXIMUM_PARAMETERS: u8 = 31;

/// The profile: 0 for 4:0:0 and 4:2:0, 1 for 4:4:4.
pub(crate) fn profile(frame: &Frame) -> u8 {
    u8::from(frame.chroma == Chroma::Full)
}

/// The index of the lowest level that allows the picture.
pub(crate) fn level(frame: &Frame) -> u8 {
    let fits = |&&(area, width, height, _): &&(usize, usize, usize, u8)| {
        frame.width * frame.height <= area && frame.width <= width && frame.height <= height
    };
    LEVELS.iter().find(fits).map_or(MAXIMUM_PARAMETERS, |level| level.3)
}

/// The unit with the sequence header.
pub(crate) fn sequence_header(frame: &Frame) -> Vec<u8> {
    let mut bits = BitWriter::default();
    bits.bits(u32::from(profile(frame)), 3);
    bits.flag(true); // still_picture
    bits.flag(true); // reduced_still_picture_header
    bits.bits(u32::from(level(frame)), 5);
    bits.bits(15, 4); // frame_width_bits_minus_1
    bits.bits(15, 4); // frame_height_bits_minus_1
    bits.bits(frame.width as u32 - 1, 16);
    bits.bits(frame.height as u32 - 1, 16);
    bits.flag(false); // use_128x128_superblock
    bits.flag(true); // enable_filter_intra
    bits.flag(true); // enable_intra_edge_filter
    bits.flag(false); // enable_superres
    bits.flag(frame.has_cdef()); // enable_cdef
    bits.flag(false); // enable_restoration
    color_config(&mut bits, frame);
    bits.flag(false); // film_grain_params_present
    bits.flag(true); // the first trailing bit
    unit(OBU_SEQUENCE_HEADER, &[&bits.into_bytes()])
}

fn color_config(bits: &mut BitWriter, frame: &Frame) {
    bits.flag(false); // high_bitdepth
    if profile(frame) == 0 {
        bits.flag(frame.chroma == Chroma::None);
    }
    bits.flag(true); // color_description_present_flag
    let color = frame.color;
    for code in [color.primaries, color.transfer, color.matrix] {
        bits.bits(u32::from(code), 8);
    }
    bits.flag(true); // color_range: full
    match frame.chroma {
        Chroma::None => return,
        Chroma::Half => bits.bits(0, 2), // chroma_sample_position: unknown
        Chroma::Full => {}
    }
    bits.flag(false); // separate_uv_delta_q
}

/// The unit with the frame header and the coded tiles.
pub(crate) fn frame_unit(frame: &Frame, tiles: &[Vec<u8>]) -> Vec<u8> {
    let grid = frame.tiles();
    let largest = tiles.iter().map(Vec::len).max().unwrap_or(1);
    let size_bytes = (1..4).find(|bytes| (largest - 1) >> (8 * bytes) == 0).unwrap_or(4);
    let header = frame_header(frame, &grid, size_bytes as u32);
    let mut parts = vec![header];
    if tiles.len() > 1 {
        parts.push(vec![0]); // tile_start_and_end_present_flag, and the alignment
    }
    for (index, tile) in tiles.iter().enumerate() {
        if index + 1 < tiles.len() {
            parts.push((tile.len() as u32 - 1).to_le_bytes()[..size_bytes].to_vec());
        }
        parts.push(tile.clone());
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    unit(OBU_FRAME, &parts)
}

fn frame_header(frame: &Frame, grid: &Tiles, size_bytes: u32) -> Vec<u8> {
    let mut bits = BitWriter::default();
    bits.flag(false); // disable_cdf_update
    bits.flag(frame.is_screen_content); // allow_screen_content_tools
    if frame.is_screen_content {
        bits.flag(true); // force_integer_mv
    }
    bits.flag(false); // render_and_frame_size_different
    if frame.is_screen_content {
        bits.flag(false); // allow_intrabc
    }
    tile_info(&mut bits, grid, size_bytes);
    quantization(&mut bits, frame);
    bits.flag(false); // segmentation_enabled
    bits.flag(frame.has_delta_q); // delta_q_present
    if frame.has_delta_q {
        bits.bits(2, 2); // delta_q_res
        bits.flag(false); // delta_lf_present
    }
    filters(&mut bits, frame);
    bits.flag(false); // tx_mode_select
    bits.flag(false); // reduced_tx_set
    bits.into_bytes()
}

fn tile_info(bits: &mut BitWriter, grid: &Tiles, size_bytes: u32) {
    bits.flag(true); // uniform_tile_spacing_flag
    if grid.can_have_more_columns {
        bits.flag(false); // increment_tile_cols_log2
    }
    if grid.can_have_more_rows {
        bits.flag(false); // increment_tile_rows_log2
    }
    if grid.index_bits() > 0 {
        bits.bits(0, grid.index_bits()); // context_update_tile_id
        bits.bits(size_bytes - 1, 2);
    }
}

fn quantization(bits: &mut BitWriter, frame: &Frame) {
    bits.bits(u32::from(frame.q_index), 8);
    bits.flag(false); // DeltaQYDc
    if frame.chroma != Chroma::None {
        bits.flag(false); // DeltaQUDc
        bits.flag(false); // DeltaQUAc
    }
    bits.flag(frame.has_matrix);
    if frame.has_matrix {
        bits.bits(Frame::MATRIX_LEVEL, 4); // qm_y
        bits.bits(Frame::MATRIX_LEVEL, 4); // qm_u, and qm_v
    }
}

fn filters(bits: &mut BitWriter, frame: &Frame) {
    let level = frame.deblocking_level();
    let has_chroma = frame.chroma != Chroma::None;
    bits.bits(level, 6);
    bits.bits(level, 6);
    if has_chroma && level > 0 {
        bits.bits(level, 6);
        bits.bits(level, 6);
    }
    bits.bits(0, 3); // loop_filter_sharpness
    bits.flag(false); // loop_filter_delta_enabled
    if frame.has_cdef() {
        bits.bits(0, 2); // cdef_damping_minus_3
        bits.bits(0, 2); // cdef_bits
        bits.bits(2, 4); // cdef_y_pri_strength
        bits.bits(1, 2); // cdef_y_sec_strength
        if has_chroma {
            bits.bits(1, 4); // cdef_uv_pri_strength
            bits.bits(0, 2); // cdef_uv_sec_strength
        }
    }
}

/// An open bitstream unit with its size.
fn unit(kind: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut size: usize = parts.iter().map(|part| part.len()).sum();
    let mut unit = vec![kind << 3 | 2];
    while size > 0x7f {
        unit.push(size as u8 | 0x80);
        size >>= 7;
    }
    unit.push(size as u8);
    parts.iter().for_each(|part| unit.extend_from_slice(part));
    unit
}

#[cfg(test)]
mod tests {
    use super::{level, sequence_header};
    use crate::frame::Frame;
    use crate::options::ColorCode;
    use crate::picture::Chroma;

    fn frame(width: usize, height: usize) -> Frame {
        Frame {
            width,
            height,
            chroma: Chroma::Half,
            color: ColorCode::SRGB,
            q_index: 100,
            has_matrix: true,
            has_delta_q: true,
            is_screen_content: false,
            has_filters: true,
        }
    }

    #[test]
    fn the_level_follows_from_the_size() {
        let levels = [(1, 1), (640, 480), (1920, 1080), (4096, 2160), (8192, 4352), (1, 65_535)];
        let levels = levels.map(|(width, height)| level(&frame(width, height)));
        assert_eq!(levels, [0, 4, 8, 12, 16, 31]);
    }

    #[test]
    fn large_pictures_have_tiles() {
        let grid = |width, height| {
            let tiles = frame(width, height).tiles();
            (tiles.columns, tiles.rows)
        };
        assert_eq!(grid(4096, 2304), (1, 1));
        assert_eq!(grid(4097, 10), (2, 1));
        assert_eq!(grid(4096, 2305), (1, 2));
        assert_eq!(grid(100, 65_535), (1, 1));
    }

    #[test]
    fn a_sequence_header_has_its_size() {
        let header = sequence_header(&frame(640, 480));
        assert_eq!((header[0], usize::from(header[1])), (0x0a, header.len() - 2));
    }
}
