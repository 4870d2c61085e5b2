//! A sequential scan of all components, coded at once with the standard Huffman tables. Source: ITU
//! T.81, F.1.2.

use std::io::{self, Write};
use std::ops::Range;

use super::bits::{BitWriter, Bits};
use super::block::Block;
use super::component::Component;
use super::huffman::Codes;
use crate::standard::{AC_CHROMA, AC_LUMA, DC_CHROMA, DC_LUMA};
use resizer_cpu::Cpu;

/// Codes for DC differences and AC coefficients.
#[derive(Debug)]
struct Tables {
    dc: Codes,
    ac: Codes,
}

/// The number of extra bits after a symbol of a sequential scan.
fn following_bits(symbol: u8) -> u32 {
    u32::from(symbol & 15)
}

impl Tables {
    /// The tables of the specification, for luma and chroma.
    fn standard() -> [Self; 2] {
        let new = |dc, ac| Self {
            dc: Codes::new(dc, following_bits),
            ac: Codes::new(ac, following_bits),
        };
        [new(&DC_LUMA, &AC_LUMA), new(&DC_CHROMA, &AC_CHROMA)]
    }
}

/// The scan and the state of its coding.
#[derive(Debug)]
pub(super) struct Scan {
    tables: [Tables; 2],
    writer: BitWriter,
    last_dc: [i16; 3],
    restart_interval: u16,
    /// MCUs since the last restart marker, and the number of markers so far modulo 8.
    since_restart: u16,
    restarts: u8,
}

/// What coding some MCUs of a row needs.
#[derive(Debug)]
struct Direct<'a> {
    tables: &'a [Tables; 2],
    components: &'a [Component],
    last_dc: &'a mut [i16; 3],
    writer: &'a mut BitWriter,
}

/// The sink gets at least so many bytes at a time: few calls, and the bytes are still cached.
const FLUSHED_BYTES: usize = 1 << 16;
/// MCUs coded at a time, for which room is reserved.
const PIECE: usize = 32;
/// The largest size of a block: 64 codes with their extra bits, 27 bits each.
const BLOCK_BYTES: usize = 64 * 27 / 8;

impl Scan {
    /// A scan that follows the headers.
    pub(super) fn new(headers: Vec<u8>, restart_interval: u16) -> Self {
        Self {
            tables: Tables::standard(),
            writer: BitWriter::after(headers),
            last_dc: [0; 3],
            restart_interval,
            since_restart: 0,
            restarts: 0,
        }
    }

    /// Codes the blocks that the components hold.
    pub(super) fn write_row(&mut self, cpu: Cpu, components: &[Component], mcus: usize) {
        let mut at = 0;
        while at < mcus {
            let mut end = mcus.min(at + PIECE);
            if self.restart_interval > 0 {
                if self.since_restart == self.restart_interval {
                    self.writer.restart(self.restarts);
                    self.restarts = (self.restarts + 1) & 7;
                    self.since_restart = 0;
                    self.last_dc = [0; 3];
                }
                end = end.min(at + usize::from(self.restart_interval - self.since_restart));
                self.since_restart += (end - at) as u16;
            }
            let mut direct = Direct {
                tables: &self.tables,
                components,
                last_dc: &mut self.last_dc,
                writer: &mut self.writer,
            };
            write_mcus_on(cpu, &mut direct, at..end);
            at = end;
        }
    }

    /// Writes the bytes so far once they are enough to be worth a call.
    pub(super) fn flush(&mut self, sink: &mut impl Write) -> io::Result<()> {
        if self.writer.length() < FLUSHED_BYTES {
            return Ok(());
        }
        sink.write_all(self.writer.bytes())?;
        self.writer.clear();
        Ok(())
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.writer.into_bytes()
    }
}

/// Codes some MCUs with the bit instructions that the CPU has.
fn write_mcus_on(cpu: Cpu, direct: &mut Direct<'_>, mcus: Range<usize>) {
    match cpu {
        #[cfg(target_arch = "x86_64")]
        Cpu::Avx2(_) => {
            // SAFETY: the token is the proof that the machine has these instructions.
            #[expect(unsafe_code, reason = "the call into code for one instruction set")]
            unsafe {
                write_mcus_avx2(direct, mcus);
            }
        }
        _ => write_mcus(direct, mcus),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn write_mcus_avx2(direct: &mut Direct<'_>, mcus: Range<usize>) {
    write_mcus(direct, mcus);
}

#[inline(always)]
fn write_mcus(direct: &mut Direct<'_>, mcus: Range<usize>) {
    let Direct { tables, components, last_dc, writer } = direct;
    let blocks: usize = components.iter().map(Component::blocks_in_mcu).sum();
    writer.with_room(mcus.len() * blocks * BLOCK_BYTES, |bits| {
        for mcu in mcus {
            for (at, component) in components.iter().enumerate() {
                let tables = &tables[at.min(1)];
                for row in 0..component.vertical {
                    let first = row * component.row_blocks + mcu * component.horizontal;
                    let blocks = first..first + component.horizontal;
                    let masks = &component.levels[0][blocks.clone()];
                    for (block, mask) in component.blocks[blocks].iter().zip(masks) {
                        write_block(bits, tables, block, *mask, &mut last_dc[at]);
                    }
                }
            }
        }
    });
}

/// The size category of a value and its extra bits.
#[inline(always)]
pub(super) fn sized(value: i32) -> (u8, u64) {
    let size = 32 - value.unsigned_abs().leading_zeros();
    let bits = (value + (value >> 31)) as u32 & ((1u32 << size) - 1);
    (size as u8, u64::from(bits))
}

#[inline(always)]
fn write_block(bits: &mut Bits<'_>, tables: &Tables, block: &Block, mask: u64, last_dc: &mut i16) {
    let (size, more) = sized(i32::from(block.0[0]) - i32::from(*last_dc));
    *last_dc = block.0[0];
    let (code, length) = tables.dc.get(size);
    bits.put(code | more, length);
    let mut rest = mask & !1;
    let mut last = 0;
    while rest != 0 {
        let at = rest.trailing_zeros();
        rest &= rest - 1;
        let mut run = at - last - 1;
        last = at;
        while run > 15 {
            let (code, length) = tables.ac.get(0xF0);
            bits.put(code, length);
            run -= 16;
        }
        let (size, more) = sized(i32::from(block.0[at as usize & 63]));
        let (code, length) = tables.ac.get((run as u8) << 4 | size);
        bits.put(code | more, length);
    }
    if last != 63 {
        let (code, length) = tables.ac.get(0);
        bits.put(code, length);
    }
}
