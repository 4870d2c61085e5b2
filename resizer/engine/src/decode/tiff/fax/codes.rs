//! The codes of runs and of modes: each as its value and its bits.
//! Source: ITU-T T.4, tables 2, 3 and 4.

use std::sync::LazyLock;

/// The longest code.
const CODE_BITS: u32 = 13;

/// How a two-dimensional row goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Both changes of the row above are passed by.
    Pass,
    /// Two runs follow.
    Horizontal,
    /// A change that lies so many pixels right of the one above.
    Vertical(i8),
    /// Another way of coding.
    Extension,
}

/// The mode that seven bits begin with, and the bits of its code.
pub(super) fn mode(bits: u32) -> Option<(Mode, u32)> {
    Some(match bits {
        0b100_0000..=0b111_1111 => (Mode::Vertical(0), 1),
        0b011_0000..=0b011_1111 => (Mode::Vertical(1), 3),
        0b010_0000..=0b010_1111 => (Mode::Vertical(-1), 3),
        0b001_0000..=0b001_1111 => (Mode::Horizontal, 3),
        0b000_1000..=0b000_1111 => (Mode::Pass, 4),
        0b000_0110 | 0b000_0111 => (Mode::Vertical(2), 6),
        0b000_0100 | 0b000_0101 => (Mode::Vertical(-2), 6),
        0b000_0011 => (Mode::Vertical(3), 7),
        0b000_0010 => (Mode::Vertical(-3), 7),
        0b000_0001 => (Mode::Extension, 7),
        _ => return None,
    })
}

/// The length of the run that 13 bits begin with, and the bits of its code.
pub(super) fn run(bits: u32, is_black: bool) -> Option<(u16, u32)> {
    static TABLES: LazyLock<[Table; 2]> =
        LazyLock::new(|| [table(&WHITE, &WHITE_MANY), table(&BLACK, &BLACK_MANY)]);
    let (length, code_bits) = TABLES[usize::from(is_black)][bits as usize];
    (code_bits > 0).then_some((length, code_bits.into()))
}

/// For each 13 bits the length of the run and the bits of its code; 0 where there is none.
type Table = Box<[(u16, u8)]>;

fn table(few: &[(u16, u8)], many: &[(u16, u8)]) -> Table {
    let mut table = vec![(0, 0); 1 << CODE_BITS].into_boxed_slice();
    let few = (0..).zip(few);
    let many = (64..).step_by(64).zip(many.iter().chain(&MOST));
    for (length, &(code, bits)) in few.chain(many) {
        let free_bits = CODE_BITS - u32::from(bits);
        let first = usize::from(code) << free_bits;
        table[first..first + (1 << free_bits)].fill((length, bits));
    }
    table
}

/// Runs of 0 to 63 white pixels.
const WHITE: [(u16, u8); 64] = [
    (0x35, 8),
    (0x7, 6),
    (0x7, 4),
    (0x8, 4),
    (0xb, 4),
    (0xc, 4),
    (0xe, 4),
    (0xf, 4),
    (0x13, 5),
    (0x14, 5),
    (0x7, 5),
    (0x8, 5),
    (0x8, 6),
    (0x3, 6),
    (0x34, 6),
    (0x35, 6),
    (0x2a, 6),
    (0x2b, 6),
    (0x27, 7),
    (0xc, 7),
    (0x8, 7),
    (0x17, 7),
    (0x3, 7),
    (0x4, 7),
    (0x28, 7),
    (0x2b, 7),
    (0x13, 7),
    (0x24, 7),
    (0x18, 7),
    (0x2, 8),
    (0x3, 8),
    (0x1a, 8),
    (0x1b, 8),
    (0x12, 8),
    (0x13, 8),
    (0x14, 8),
    (0x15, 8),
    (0x16, 8),
    (0x17, 8),
    (0x28, 8),
    (0x29, 8),
    (0x2a, 8),
    (0x2b, 8),
    (0x2c, 8),
    (0x2d, 8),
    (0x4, 8),
    (0x5, 8),
    (0xa, 8),
    (0xb, 8),
    (0x52, 8),
    (0x53, 8),
    (0x54, 8),
    (0x55, 8),
    (0x24, 8),
    (0x25, 8),
    (0x58, 8),
    (0x59, 8),
    (0x5a, 8),
    (0x5b, 8),
    (0x4a, 8),
    (0x4b, 8),
    (0x32, 8),
    (0x33, 8),
    (0x34, 8),
];

/// Runs of 64, 128 to 1,728 white pixels, behind which another run follows.
const WHITE_MANY: [(u16, u8); 27] = [
    (0x1b, 5),
    (0x12, 5),
    (0x17, 6),
    (0x37, 7),
    (0x36, 8),
    (0x37, 8),
    (0x64, 8),
    (0x65, 8),
    (0x68, 8),
    (0x67, 8),
    (0xcc, 9),
    (0xcd, 9),
    (0xd2, 9),
    (0xd3, 9),
    (0xd4, 9),
    (0xd5, 9),
    (0xd6, 9),
    (0xd7, 9),
    (0xd8, 9),
    (0xd9, 9),
    (0xda, 9),
    (0xdb, 9),
    (0x98, 9),
    (0x99, 9),
    (0x9a, 9),
    (0x18, 6),
    (0x9b, 9),
];

/// Runs of 0 to 63 black pixels.
const BLACK: [(u16, u8); 64] = [
    (0x37, 10),
    (0x2, 3),
    (0x3, 2),
    (0x2, 2),
    (0x3, 3),
    (0x3, 4),
    (0x2, 4),
    (0x3, 5),
    (0x5, 6),
    (0x4, 6),
    (0x4, 7),
    (0x5, 7),
    (0x7, 7),
    (0x4, 8),
    (0x7, 8),
    (0x18, 9),
    (0x17, 10),
    (0x18, 10),
    (0x8, 10),
    (0x67, 11),
    (0x68, 11),
    (0x6c, 11),
    (0x37, 11),
    (0x28, 11),
    (0x17, 11),
    (0x18, 11),
    (0xca, 12),
    (0xcb, 12),
    (0xcc, 12),
    (0xcd, 12),
    (0x68, 12),
    (0x69, 12),
    (0x6a, 12),
    (0x6b, 12),
    (0xd2, 12),
    (0xd3, 12),
    (0xd4, 12),
    (0xd5, 12),
    (0xd6, 12),
    (0xd7, 12),
    (0x6c, 12),
    (0x6d, 12),
    (0xda, 12),
    (0xdb, 12),
    (0x54, 12),
    (0x55, 12),
    (0x56, 12),
    (0x57, 12),
    (0x64, 12),
    (0x65, 12),
    (0x52, 12),
    (0x53, 12),
    (0x24, 12),
    (0x37, 12),
    (0x38, 12),
    (0x27, 12),
    (0x28, 12),
    (0x58, 12),
    (0x59, 12),
    (0x2b, 12),
    (0x2c, 12),
    (0x5a, 12),
    (0x66, 12),
    (0x67, 12),
];

/// Runs of 64, 128 to 1,728 black pixels, behind which another run follows.
const BLACK_MANY: [(u16, u8); 27] = [
    (0xf, 10),
    (0xc8, 12),
    (0xc9, 12),
    (0x5b, 12),
    (0x33, 12),
    (0x34, 12),
    (0x35, 12),
    (0x6c, 13),
    (0x6d, 13),
    (0x4a, 13),
    (0x4b, 13),
    (0x4c, 13),
    (0x4d, 13),
    (0x72, 13),
    (0x73, 13),
    (0x74, 13),
    (0x75, 13),
    (0x76, 13),
    (0x77, 13),
    (0x52, 13),
    (0x53, 13),
    (0x54, 13),
    (0x55, 13),
    (0x5a, 13),
    (0x5b, 13),
    (0x64, 13),
    (0x65, 13),
];

/// Runs of 1,792, 1,856 to 2,560 pixels of either color.
const MOST: [(u16, u8); 13] = [
    (0x8, 11),
    (0xc, 11),
    (0xd, 11),
    (0x12, 12),
    (0x13, 12),
    (0x14, 12),
    (0x15, 12),
    (0x16, 12),
    (0x17, 12),
    (0x1c, 12),
    (0x1d, 12),
    (0x1e, 12),
    (0x1f, 12),
];
