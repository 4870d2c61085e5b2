//! Finds where each block of a sequential scan begins, without decoding it, for the scales that
//! need few coefficients of a block.
//!
//! Huffman codes can only be read in order, and the processor waits for each look-up. So three
//! readers take turns. One starts where the last block ended, and two speculative readers start
//! further on in the bytes at hand. Huffman codes resynchronize by themselves: once a reader meets
//! a position where the next reader began an MCU, everything that the next reader found from there
//! on is right.

use super::block::BlockTables;
use super::entropy::{Bits, Broken, Bytes, Entropy, load};
use super::huffman::Codes;
use super::skip_table::{ENDED, OTHERS, SkipEntries, UNCLEAR, look_up, skip_one};

/// The number of positions that a reader can note, a power of 2.
const NOTES: usize = 1 << 13;
/// Fewer than that, so that readers need not check for room at each block.
const MAX_NOTES: usize = NOTES - 2 - 2 * STRIDE;
/// The number of readers.
const READERS: usize = 3;
/// With fewer bits per reader, speculation does not pay.
const WORTH_ALL: usize = 8 << 10;
/// Pairs of look-ups of each reader between two checks of its position.
const STRIDE: usize = 2;

/// What finding the end of one block of an MCU needs.
#[derive(Clone, Copy)]
pub(crate) struct PatternBlock<'a> {
    skip: &'a SkipEntries,
    /// The section of its DC coefficient; that of the AC coefficients is `OTHERS` further.
    section: u16,
    first: &'a Codes,
    others: &'a Codes,
}

impl<'a> PatternBlock<'a> {
    pub(crate) fn new(tables: BlockTables<'a>) -> Self {
        let BlockTables { dc, ac, skip, section } = tables;
        Self { skip, section: section.wrapping_sub(OTHERS), first: dc, others: &ac.codes }
    }
}

/// The first bit of each block, for whole MCUs.
pub(crate) struct BlockIndex {
    pub(crate) starts: Vec<u32>,
    notes: Vec<Box<Notes>>,
}

impl std::fmt::Debug for BlockIndex {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("BlockIndex").field("starts", &self.starts.len()).finish_non_exhaustive()
    }
}

impl BlockIndex {
    pub(crate) fn new() -> Self {
        let notes = || {
            let notes = vec![0; NOTES].into_boxed_slice();
            notes.try_into().expect("the length is the array's")
        };
        Self { starts: Vec::new(), notes: (0..READERS).map(|_| notes()).collect() }
    }

    /// Finds the blocks of up to `max_mcus` MCUs in the bytes at hand, and moves `entropy` past
    /// them. It finds at least one MCU if the data are intact.
    #[inline(always)]
    pub(crate) fn find(
        &mut self,
        pattern: &[PatternBlock<'_>],
        max_mcus: usize,
        entropy: &mut Entropy,
    ) -> Result<(), Broken> {
        let blocks = pattern.len();
        let max_starts = max_mcus.saturating_mul(blocks);
        let codebook = Codebook {
            bytes: entropy.bytes(),
            entries: pattern[0].skip,
            behind: &behind(pattern),
            blocks: pattern,
        };
        let begin = entropy.bits.position();
        let end_of_bytes = 8 * entropy.length();
        let share = (8 * entropy.ample_next()).saturating_sub(begin) / READERS;
        self.starts.clear();
        let (mut end, reached) = if share >= WORTH_ALL {
            self.find_together(codebook, begin, share)
        } else {
            let notes = &mut self.notes[0];
            let most = MAX_NOTES.min(max_starts);
            let mut reader = Reader::new(begin, codebook, notes);
            reader = reader.run(codebook, notes, 8 * entropy.safe_next(), most);
            // The bytes kept in reserve hold at least an MCU.
            reader = reader.run(codebook, notes, end_of_bytes, blocks.min(most));
            let whole = reader.count - reader.count % blocks;
            self.starts.extend_from_slice(&notes[..whole]);
            (notes[whole], reader.bit)
        };
        end = self.starts.get(max_starts).copied().unwrap_or(end);
        self.starts.truncate(max_starts);
        // After the last byte there are zeros, which may look like codes.
        while end as usize > entropy.end_position() && !self.starts.is_empty() {
            let shorter = self.starts.len() - blocks;
            end = self.starts[shorter];
            self.starts.truncate(shorter);
        }
        // If no MCU was found, the error is where reading stopped.
        let found = !self.starts.is_empty();
        entropy.bits = Bits::at(entropy.bytes(), if found { end as usize } else { reached });
        if found { Ok(()) } else { Err(Broken) }
    }

    /// Runs all readers over equal shares of the bits from `begin` on. Returns the end of the last
    /// MCU and where reading stopped.
    #[inline(always)]
    fn find_together(
        &mut self,
        codebook: Codebook<'_>,
        begin: usize,
        share: usize,
    ) -> (u32, usize) {
        let blocks = codebook.blocks.len();
        let far = begin + READERS * share;
        let [first, second, third] = &mut self.notes[..] else { return (begin as u32, begin) };
        let mut notes: [&mut Notes; READERS] = [first, second, third];
        let mut readers: [Reader; READERS] =
            std::array::from_fn(|nth| Reader::new(begin + nth * share, codebook, notes[nth]));
        readers = run_together(codebook, readers, &mut notes, begin, share);
        let mut from = 0;
        for nth in 0..READERS {
            let mut reader = readers[nth];
            // Reads on until this reader meets an MCU of the next one.
            let mut meeting = Meeting::new(&notes, nth, (from, reader.count), blocks);
            let meeting = loop {
                let next_count = readers.get(nth + 1).map(|next| next.count);
                let met = next_count.is_some_and(|count| {
                    meeting.seek(&notes[nth][..=reader.count], &notes[nth + 1][..=count])
                });
                if met {
                    break Some((meeting.mine, meeting.theirs));
                }
                let before = reader.bit;
                let most = MAX_NOTES.min(reader.count + blocks);
                reader = reader.run(codebook, notes[nth], far, most);
                if reader.bit == before {
                    break None;
                }
            };
            let Some((mine, theirs)) = meeting else {
                let whole = reader.count - reader.count % blocks;
                self.starts.extend_from_slice(&notes[nth][from.min(whole)..whole]);
                return (notes[nth][whole], reader.bit);
            };
            self.starts.extend_from_slice(&notes[nth][from..mine]);
            from = theirs;
        }
        (begin as u32, begin)
    }
}

/// Compares the notes of two readers, in steps of MCUs.
struct Meeting {
    mine: usize,
    theirs: usize,
    blocks: usize,
}

impl Meeting {
    /// Begins shortly before the first note of the reader after `nth`.
    fn new(
        notes: &[&mut Notes; READERS],
        nth: usize,
        (from, count): (usize, usize),
        blocks: usize,
    ) -> Self {
        let first = notes.get(nth + 1).map_or(0, |theirs| theirs[0]);
        let own = &notes[nth][from..count + 1];
        let before = own.iter().take_while(|&&bit| bit < first).count();
        Self { mine: from + before - before % blocks, theirs: 0, blocks }
    }

    /// Advances to the first position that both have noted.
    fn seek(&mut self, mine: &[u32], theirs: &[u32]) -> bool {
        while let (Some(left), Some(right)) = (mine.get(self.mine), theirs.get(self.theirs)) {
            match left.cmp(right) {
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Less => self.mine += self.blocks,
                std::cmp::Ordering::Greater => self.theirs += self.blocks,
            }
        }
        false
    }
}

/// A reader without its notes. It lives in registers, so it is small and passed by value: a
/// reference to it, even on a path that is never taken, would keep it in memory.
#[derive(Clone, Copy)]
struct Reader {
    /// The position of the next bit.
    bit: usize,
    /// The next coefficient, 1 to 63; the block of the MCU << 8; the section of the skip table <<
    /// 16.
    state: usize,
    /// The number of blocks read.
    count: usize,
}

const BLOCK_SHIFT: u32 = 8;
const SECTION_SHIFT: u32 = 16;
/// The distance from the section of a DC coefficient to that of the AC coefficients.
const WITHIN: usize = (OTHERS as usize) << SECTION_SHIFT;

/// The tables that all readers share.
#[derive(Clone, Copy)]
struct Codebook<'a> {
    bytes: &'a Bytes,
    entries: &'a SkipEntries,
    /// For each block of an MCU, the state after it.
    behind: &'a [usize; 16],
    blocks: &'a [PatternBlock<'a>],
}

type Notes = [u32; NOTES];

/// The state at the start of block `index`.
fn start(blocks: &[PatternBlock<'_>], index: usize) -> usize {
    usize::from(blocks[index].section) << SECTION_SHIFT | index << BLOCK_SHIFT | 1
}

fn behind(blocks: &[PatternBlock<'_>]) -> [usize; 16] {
    std::array::from_fn(|index| start(blocks, (index + 1) % blocks.len()))
}

/// At least the next 57 bits.
#[inline(always)]
fn window(bytes: &Bytes, bit: usize) -> u64 {
    load(bytes, bit / 8) << (bit % 8)
}

/// Reads a single code where the look-up was unclear. Returns its length and the state after it; a
/// length of 0 for an invalid code.
#[cold]
#[inline(never)]
fn unclear(bytes: &Bytes, blocks: &[PatternBlock<'_>], bit: usize, state: usize) -> (usize, usize) {
    let position = state % (1 << BLOCK_SHIFT);
    let block = &blocks[state >> BLOCK_SHIFT & 15];
    let first = (state & WITHIN == 0).then_some(block.first);
    let step = skip_one(window(bytes, bit), position as u32, first, block.others);
    let (taken, reached) = step.unwrap_or((0, position as u32));
    (taken as usize, state - position + reached as usize)
}

impl Reader {
    #[inline(always)]
    fn new(bit: usize, codebook: Codebook<'_>, notes: &mut Notes) -> Self {
        notes[0] = bit as u32;
        Self { bit, state: start(codebook.blocks, 0), count: 0 }
    }

    /// Reads until the bit `until`, until `max_notes` blocks are noted, or up to an invalid code.
    #[inline(always)]
    fn run(
        mut self,
        codebook: Codebook<'_>,
        notes: &mut Notes,
        until: usize,
        max_notes: usize,
    ) -> Self {
        while self.bit < until && self.count < max_notes {
            let before = self.bit;
            self = self.two_steps(codebook, notes);
            if self.bit == before {
                break;
            }
        }
        self
    }

    /// Two look-ups, which take at most 56 bits.
    #[inline(always)]
    fn two_steps(self, codebook: Codebook<'_>, notes: &mut Notes) -> Self {
        let (reader, window) = self.step(window(codebook.bytes, self.bit), codebook, notes);
        reader.step(window, codebook, notes).0
    }

    /// One look-up. At an invalid code the reader stays where it is.
    #[inline(always)]
    fn step(mut self, mut ahead: u64, codebook: Codebook<'_>, notes: &mut Notes) -> (Self, u64) {
        let behind = codebook.behind[self.state >> BLOCK_SHIFT & 15];
        let section = (self.state >> SECTION_SHIFT) as u16;
        let (mut taken, advance) = look_up(codebook.entries, section, ahead);
        let mut reached = self.state + advance;
        if reached & UNCLEAR != 0 {
            (taken, reached) = unclear(codebook.bytes, codebook.blocks, self.bit, self.state);
            if taken == 0 {
                return (self, ahead);
            }
            // The next look-up may need more bits than are left.
            ahead = window(codebook.bytes, self.bit);
        }
        ahead <<= taken & 63;
        self.bit += taken;
        let ended = reached & ENDED;
        self.state = if ended == 0 { reached | WITHIN } else { behind };
        // Overwritten until the block has ended.
        notes[(self.count + 1) & (NOTES - 1)] = self.bit as u32;
        self.count += ended / ENDED;
        (self, ahead)
    }
}

/// Runs all readers in turns until each has read its share. Readers that are early read on, because
/// each has to meet the next one. A speculative reader that comes to an invalid code starts again.
#[inline(always)]
fn run_together(
    codebook: Codebook<'_>,
    mut readers: [Reader; READERS],
    notes: &mut [&mut Notes; READERS],
    begin: usize,
    share: usize,
) -> [Reader; READERS] {
    let until = |nth: usize| begin + (nth + 1) * share;
    loop {
        let before = readers;
        for _ in 0..STRIDE {
            for (reader, notes) in readers.iter_mut().zip(notes.iter_mut()) {
                *reader = reader.two_steps(codebook, notes);
            }
        }
        for nth in 1..READERS {
            if readers[nth].bit == before[nth].bit {
                readers[nth] = Reader::new(before[nth].bit + 1, codebook, notes[nth]);
            }
        }
        let all_over = (0..READERS).all(|nth| readers[nth].bit >= until(nth));
        let full = readers.iter().any(|reader| reader.count >= MAX_NOTES);
        // No reader goes past the bytes at hand, not even the first one while a speculative reader
        // is stuck.
        let over = readers.iter().any(|reader| reader.bit >= until(READERS - 1));
        if all_over || full || over || readers[0].bit == before[0].bit {
            break;
        }
    }
    for (nth, (reader, notes)) in readers.iter_mut().zip(notes.iter_mut()).enumerate() {
        *reader = reader.run(codebook, notes, until(nth), MAX_NOTES);
    }
    readers
}
