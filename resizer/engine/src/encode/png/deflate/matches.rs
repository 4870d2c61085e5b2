//! Bytes in, for each of them the earlier places where the same ones follow out.

use std::ops::Range;

/// How far back a match may begin.
const WINDOW: usize = 1 << 15;
const HASH_BITS: u32 = 15;
const SHORTEST: usize = 3;
const LONGEST: usize = 258;

/// A match of this length is taken without a look at what begins within it.
const LONG: usize = 192;

/// Bytes that follow, and how far back they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) length: u16,
    pub(super) distance: u16,
}

/// Chains of places with the same three bytes.
#[derive(Debug)]
pub(super) struct Finder {
    depth: usize,
    /// By hash: the last place and 1, or 0.
    heads: Vec<u32>,
    /// By place in the window: the one before it in its chain.
    before: Vec<u32>,
    found: Vec<Match>,
    /// By place in the piece: where its matches end in `found`.
    ends: Vec<u32>,
}

impl Finder {
    pub(super) fn new(depth: usize) -> Self {
        let heads = vec![0; 1 << HASH_BITS];
        Self { depth, heads, before: vec![0; WINDOW], found: Vec::new(), ends: Vec::new() }
    }

    /// Finds the matches of the next piece, which end with it.
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

    /// The matches of a place of the piece, each longer than the one before.
    pub(super) fn at(&self, place: usize) -> &[Match] {
        let start = place.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.found[start as usize..self.ends[place] as usize]
    }

    /// Returns the length of the longest match.
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
