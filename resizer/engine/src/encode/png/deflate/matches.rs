//! Bytes in, the matches of each position with earlier positions out.

use std::ops::Range;

/// Matches begin at most this many bytes back.
const WINDOW: usize = 1 << 15;
const HASH_BITS: u32 = 15;
const SHORTEST: usize = 3;
const LONGEST: usize = 258;

/// The positions within a match of at least this length are not searched.
const LONG: usize = 192;

/// The number of equal bytes, and how far back the earlier ones begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) length: u16,
    pub(super) distance: u16,
}

/// Chains of positions whose next three bytes have the same hash.
#[derive(Debug)]
pub(super) struct Finder {
    depth: usize,
    /// By hash: the last position plus 1, or 0 if there is none.
    heads: Vec<u32>,
    /// By position in the window: the previous position in its chain plus 1, or 0.
    before: Vec<u32>,
    found: Vec<Match>,
    /// By position in the piece: the end of its matches in `found`.
    ends: Vec<u32>,
}

impl Finder {
    pub(super) fn new(depth: usize) -> Self {
        let heads = vec![0; 1 << HASH_BITS];
        Self { depth, heads, before: vec![0; WINDOW], found: Vec::new(), ends: Vec::new() }
    }

    /// Finds the matches of the next piece. They do not extend beyond it.
    pub(super) fn find(&mut self, bytes: &[u8], piece: Range<usize>) {
        self.found.clear();
        self.ends.clear();
        let mut skipped_to = 0;
        for place in piece.clone() {
            let longest =
                if place < skipped_to { 0 } else { self.search(&bytes[..piece.end], place) };
            if longest >= LONG {
                skipped_to = place + longest;
            }
            self.ends.push(self.found.len() as u32);
            self.insert(bytes, place);
        }
    }

    /// The matches of a position in the piece, each longer than the one before.
    pub(super) fn at(&self, place: usize) -> &[Match] {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.found[start as usize..self.ends[place] as usize]
    }

    /// Adds the matches of a position, and returns the length of the longest one, or 0.
    fn search(&mut self, bytes: &[u8], place: usize) -> usize {
        let rest = &bytes[place..usize::min(place + LONGEST, bytes.len())];
        let Some(hash) = hash(rest) else { return 0 };
        let mut next = self.heads[hash] as usize;
        let mut longest = SHORTEST - 1;
        for _ in 0..self.depth {
            let Some(other) = next.checked_sub(1).filter(|other| place - other < WINDOW) else {
                break;
            };
            let there = &bytes[other..];
            if there[longest] == rest[longest] {
                let length =
                    std::iter::zip(rest, there).take_while(|(one, two)| one == two).count();
                if length > longest {
                    longest = length;
                    let distance = (place - other) as u16;
                    self.found.push(Match { length: length as u16, distance });
                    if length == rest.len() {
                        break;
                    }
                }
            }
            let following = self.before[other % WINDOW] as usize;
            if following >= next {
                break;
            }
            next = following;
        }
        if longest < SHORTEST { 0 } else { longest }
    }

    fn insert(&mut self, bytes: &[u8], place: usize) {
        if let Some(hash) = hash(&bytes[place..]) {
            self.before[place % WINDOW] = self.heads[hash];
            self.heads[hash] = place as u32 + 1;
        }
    }
}

fn hash(bytes: &[u8]) -> Option<usize> {
    let [one, two, three] = *bytes.first_chunk()?;
    let key = u32::from_le_bytes([one, two, three, 0]);
    Some((key.wrapping_mul(0x9e37_79b1) >> (32 - HASH_BITS)) as usize)
}
