//! Chunks of a PNG: slices of it, by name, and whether their checksum is right.
//! Source: W3C PNG (third edition), sections 5.3 and D.

use flate2::Crc;

const SIGNATURE_BYTES: usize = 8;

/// One chunk, whole.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) name: [u8; 4],
    pub(super) body: &'a [u8],
    checksum: u32,
}

impl Chunk<'_> {
    /// Whether its checksum is right; reads all of the body.
    pub(super) fn is_intact(&self) -> bool {
        checksum(&[&self.name, self.body]) == self.checksum
    }
}

/// Whole chunks in order; stops where the file is cut or its lengths make no sense.
pub(super) fn chunks(source: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = source.get(SIGNATURE_BYTES..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (name, after) = after.split_first_chunk::<4>()?;
        let length_bytes = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (body, after) = after.split_at_checked(length_bytes)?;
        let (checksum, after) = after.split_first_chunk::<4>()?;
        rest = after;
        Some(Chunk { name: *name, body, checksum: u32::from_be_bytes(*checksum) })
    })
}

/// CRC-32 of these bytes, one after the other.
pub(crate) fn checksum(parts: &[&[u8]]) -> u32 {
    let mut crc = Crc::new();
    parts.iter().for_each(|part| crc.update(part));
    crc.sum()
}
