//! The maker notes of Apple's phones, as far as gain maps need them. Source: the tags that ExifTool
//! lists as 0x0021 and 0x0030 of Apple.

use super::{EXIF_DIRECTORY, Exif, Numbers, Order};

const MAKER_NOTE: u16 = 0x927c;

/// What Apple's notes begin with. Their offsets count from here, and their directory follows.
const APPLE: &[u8] = b"Apple iOS\0\0\x01MM";

const GLOBAL: u16 = 0x0021;
const LOCAL: u16 = 0x0030;
const SIGNED_RATIONAL: u16 = 10;

impl Exif<'_> {
    /// The two numbers that say how much light Apple's gain map adds.
    pub(crate) fn apple_hdr(&self) -> Option<[f64; 2]> {
        let more = self.numbers.fields(self.first).find(|field| field.tag == EXIF_DIRECTORY)?;
        let more = self.numbers.directory(self.numbers.long(more.at + 8)?)?;
        let bytes = self.numbers.undefined(more, MAKER_NOTE)?;
        bytes.starts_with(APPLE).then_some(())?;
        let notes = Numbers { bytes, order: Order::Big };
        let directory = notes.directory(APPLE.len())?;
        let number = |tag: u16| {
            let mut fields = notes.fields(directory);
            let field = fields.find(|field| field.tag == tag && field.kind == SIGNED_RATIONAL)?;
            let place = notes.long(field.at + 8)?;
            let over = notes.long(place)? as u32 as i32;
            let under = notes.long(place.checked_add(4)?)? as u32 as i32;
            (under != 0).then(|| f64::from(over) / f64::from(under))
        };
        Some([number(GLOBAL)?, number(LOCAL)?])
    }
}
