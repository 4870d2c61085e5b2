//! Where each block of a sequential scan begins: found without decoding it, for the scales that
//! need little of a block.
//!
//! Codes can only be read one after the other, and a processor waits for each look-up. So three
//! readers take turns: one where the last block ended, the others further on in the bytes at hand,
//! at a guess. Huffman codes fall into step by themselves: once a reader meets a place where the
//! next one began an MCU, all that the next one found behind it is right.

use super::block::BlockTables;
use super::entropy::{Bits, Broken, Bytes, Entropy, load};
use super::huffman::Codes;
use super::steps::{ENDED, Entries, OTHERS, UNCLEAR, look_up, slow_step};

/// Blocks that a reader may note, as a mask.
const NOTES: usize = 1 << 13;
/// Less than that, so that readers need not look at each block whether there is room.
const MOST_NOTES: usize = NOTES - 2 - 2 * STRIDE;
/// How many readers take turns.
const READERS: usize = 3;
/// Below this many bits for each they do not pay.
const WORTH_ALL: usize = 8 << 10;
/// Pairs of look-ups of each reader between two looks at whether it is where it should be.
const STRIDE: usize = 2;

/// One block of an MCU, as far as it matters to where it ends.
#[derive(Clone, Copy)]
pub(crate) struct PatternBlock<'a> {
    steps: &'a Entries,
    /// Of its first coefficient; that of the others is `OTHERS` behind it.
    section: u16,
    first: &'a Codes,
    others: &'a Codes,
}

impl<'a> PatternBlock<'a> {
    pub(crate) fn new(tables: BlockTables<'a>) -> Self {
        let BlockTables { dc, ac, steps, section } = tables;
        Self { steps, section: section.wrapping_sub(OTHERS), first: dc, others: &ac.codes }
    }
}

/// First bits of blocks, whole MCUs.
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

    /// Finds the blocks of up to `most_mcus` MCUs in the bytes at hand, and moves `entropy` behind
    /// them. At least one is found if the bytes are right.
    #[inline(always)]
    pub(crate) fn find(
        &mut self,
        pattern: &[PatternBlock<'_>],
        most_mcus: usize,
        entropy: &mut Entropy,
    ) -> Result<(), Broken> {
        let blocks = pattern.len();
        let most_starts = most_mcus.saturating_mul(blocks);
        let codebook = Codebook {
            bytes: entropy.bytes(),
            entries: pattern[0].steps,
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
            let most = MOST_NOTES.min(most_starts);
            let mut reader = Reader::new(begin, codebook, notes);
            reader = reader.run(codebook, notes, 8 * entropy.safe_next(), most);
            // What is kept in reserve holds an MCU.
            reader = reader.run(codebook, notes, end_of_bytes, blocks.min(most));
            let whole = reader.count - reader.count % blocks;
            self.starts.extend_from_slice(&notes[..whole]);
            (notes[whole], reader.bit)
        };
        end = self.starts.get(most_starts).copied().unwrap_or(end);
        self.starts.truncate(most_starts);
        // Behind the last byte there are zeros, which may look like codes.
        while end as usize > entropy.end_position() && !self.starts.is_empty() {
            let shorter = self.starts.len() - blocks;
            end = self.starts[shorter];
            self.starts.truncate(shorter);
        }
        // Where nothing was found, what is wrong is where the reading stopped.
        let found = !self.starts.is_empty();
        entropy.bits = Bits::at(entropy.bytes(), if found { end as usize } else { reached });
        if found { Ok(()) } else { Err(Broken) }
    }

    /// All readers over as many shares of the bits from `begin` on. Gives the end of the last MCU
    /// and where the reading stopped.
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
            // Goes on until it is where the next one began an MCU.
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
                let most = MOST_NOTES.min(reader.count + blocks);
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

/// Where two readers' notes are compared, in steps of MCUs.
struct Meeting {
    mine: usize,
    theirs: usize,
    blocks: usize,
}

impl Meeting {
    /// Begins shortly before the first note of the reader behind `nth`.
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

    /// Goes on to the first place that is in both.
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

/// A reader, without what it notes. It lives in registers, so it is small and handed on by value:
/// a reference to it, even one for a path that is never taken, would keep it in memory.
#[derive(Clone, Copy)]
struct Reader {
    /// The next bit.
    bit: usize,
    /// The next coefficient, 1 to 63; the block of the MCU << 8; the section of the tables << 16.
    state: usize,
    /// Blocks that are over.
    count: usize,
}

const BLOCK_SHIFT: u32 = 8;
const SECTION_SHIFT: u32 = 16;
/// Leads from the section of a first coefficient to that of the others.
const WITHIN: usize = (OTHERS as usize) << SECTION_SHIFT;

/// What all readers look up.
#[derive(Clone, Copy)]
struct Codebook<'a> {
    bytes: &'a Bytes,
    entries: &'a Entries,
    /// For each block of an MCU the state behind it.
    behind: &'a [usize; 16],
    blocks: &'a [PatternBlock<'a>],
}

type Notes = [u32; NOTES];

/// The state at the start of a block.
fn start(blocks: &[PatternBlock<'_>], index: usize) -> usize {
    usize::from(blocks[index].section) << SECTION_SHIFT | index << BLOCK_SHIFT | 1
}

fn behind(blocks: &[PatternBlock<'_>]) -> [usize; 16] {
    std::array::from_fn(|index| start(blocks, (index + 1) % blocks.len()))
}

/// The next 57 bits or more.
#[inline(always)]
fn window(bytes: &Bytes, bit: usize) -> u64 {
    load(bytes, bit / 8) << (bit % 8)
}

/// One code alone, where the look-up was unclear: its bits and the state behind it; no bits where
/// there is no such code.
#[cold]
#[inline(never)]
fn unclear(bytes: &Bytes, blocks: &[PatternBlock<'_>], bit: usize, state: usize) -> (usize, usize) {
    let position = state % (1 << BLOCK_SHIFT);
    let block = &blocks[state >> BLOCK_SHIFT & 15];
    let first = (state & WITHIN == 0).then_some(block.first);
    let step = slow_step(window(bytes, bit), position as u32, first, block.others);
    let (taken, reached) = step.unwrap_or((0, position as u32));
    (taken as usize, state - position + reached as usize)
}

impl Reader {
    #[inline(always)]
    fn new(bit: usize, codebook: Codebook<'_>, notes: &mut Notes) -> Self {
        notes[0] = bit as u32;
        Self { bit, state: start(codebook.blocks, 0), count: 0 }
    }

    /// Reads until the bit `until` or `most_notes` blocks, or up to a code that does not exist.
    #[inline(always)]
    fn run(
        mut self,
        codebook: Codebook<'_>,
        notes: &mut Notes,
        until: usize,
        most_notes: usize,
    ) -> Self {
        while self.bit < until && self.count < most_notes {
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

    /// One look-up. Where it leads nowhere, the reader stays.
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
            // The next look-up may need more than is left.
            ahead = window(codebook.bytes, self.bit);
        }
        ahead <<= taken & 63;
        self.bit += taken;
        let ended = reached & ENDED;
        self.state = if ended == 0 { reached | WITHIN } else { behind };
        // Overwritten until the block is over.
        notes[(self.count + 1) & (NOTES - 1)] = self.bit as u32;
        self.count += ended / ENDED;
        (self, ahead)
    }
}

/// All readers in turns, until each is over its share. Those that are early go on: each has to
/// meet the next one. A guess that comes to a code that does not exist begins anew.
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
        let full = readers.iter().any(|reader| reader.count >= MOST_NOTES);
        // No reader goes behind the bytes at hand, the first one either, while a guess is stuck.
        let over = readers.iter().any(|reader| reader.bit >= until(READERS - 1));
        if all_over || full || over || readers[0].bit == before[0].bit {
            break;
        }
    }
    for (nth, (reader, notes)) in readers.iter_mut().zip(notes.iter_mut()).enumerate() {
        *reader = reader.run(codebook, notes, until(nth), MOST_NOTES);
    }
    readers
}
