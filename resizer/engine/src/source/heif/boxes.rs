//! Boxes of an ISO base media file: slices of it, by name. Source: ISO/IEC 14496-12, 4.2.

/// A name and what is in it, without its header.
#[derive(Debug, Clone, Copy)]
pub(super) struct BmffBox<'a> {
    pub(super) name: [u8; 4],
    pub(super) body: &'a [u8],
}

/// Boxes in order; stops where one is truncated or its length makes no sense.
pub(super) fn boxes(mut rest: &[u8]) -> impl Iterator<Item = BmffBox<'_>> {
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (&name, after) = after.split_first_chunk::<4>()?;
        let (length_bytes, after) = match u32::from_be_bytes(*length) {
            0 => (after.len(), after),
            1 => {
                let (length, after) = after.split_first_chunk::<8>()?;
                let length_bytes = u64::from_be_bytes(*length).checked_sub(16)?;
                (usize::try_from(length_bytes).ok()?, after)
            }
            length => (usize::try_from(length).ok()?.checked_sub(8)?, after),
        };
        let body = after.get(..length_bytes)?;
        rest = &after[length_bytes..];
        Some(BmffBox { name, body })
    })
}

/// The first box of that name.
pub(super) fn find<'a>(boxes_of: &'a [u8], name: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(boxes_of).find(|one| one.name == *name).map(|one| one.body)
}

/// Big-endian numbers, one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers<'a>(pub(super) &'a [u8]);

impl<'a> Numbers<'a> {
    /// A full box: its version, its flags, and what follows.
    pub(super) fn of_full_box(body: &'a [u8]) -> Option<(u8, u32, Self)> {
        let mut numbers = Self(body);
        let both = numbers.next(4)?;
        Some(((both >> 24) as u8, both as u32 & 0x00ff_ffff, numbers))
    }

    /// The next number of so many bytes, up to eight; of none it is zero.
    pub(super) fn next(&mut self, bytes: usize) -> Option<u64> {
        let number = self.bytes(bytes)?;
        Some(number.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    /// The next bytes.
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }
}
