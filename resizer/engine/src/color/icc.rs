//! ICC profiles as writers break them, in a form that the color management reads: what LittleCMS
//! takes, this makes readable.

use std::borrow::Cow;

/// Types of tags that other programs write in place of the specified ones, as LittleCMS knows them.
/// Source: LittleCMS 2, `cmstypes.c`.
const MISNAMED: [([u8; 4], [u8; 4]); 2] = [
    // Corbis's, for coordinates.
    ([0x17, 0xa5, 0x05, 0xb8], *b"XYZ "),
    // Monaco's, for curves.
    ([0x94, 0x78, 0xee, 0x00], *b"curv"),
];

/// The newest major version that is read; what version 5 adds to it is optional.
const NEWEST_MAJOR: u8 = 4;

/// The header, and the number of tags behind it.
const TABLE_START: usize = 132;

/// More tags than any profile has.
const MAX_TAGS: usize = 256;

/// The profile itself where nothing is to be repaired.
pub(super) fn repaired(icc: &[u8]) -> Cow<'_, [u8]> {
    let mut own = Cow::Borrowed(icc);
    if icc.get(8).is_some_and(|&major| major == NEWEST_MAJOR + 1) {
        own.to_mut()[8..12].copy_from_slice(&[NEWEST_MAJOR, 0x40, 0, 0]);
    }
    for start in data_starts(icc) {
        let Some(name) = icc.get(start..).and_then(|data| data.first_chunk::<4>()) else {
            continue;
        };
        if let Some((_, right)) = MISNAMED.iter().find(|(wrong, _)| wrong == name) {
            own.to_mut()[start..start + 4].copy_from_slice(right);
        }
    }
    own
}

/// Where the data of each tag begin.
fn data_starts(icc: &[u8]) -> impl Iterator<Item = usize> {
    let number = |at: usize| {
        let bytes = icc.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied()?;
        usize::try_from(u32::from_be_bytes(bytes)).ok()
    };
    let count = number(TABLE_START - 4).unwrap_or(0).min(MAX_TAGS);
    (0..count).map_while(move |index| number(TABLE_START + 12 * index + 4))
}
