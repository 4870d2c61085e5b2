//! GIF: GIF89a specification, sections 17 to 27.

use super::Told;

pub(super) fn scan(bytes: &[u8], told: &mut Told) -> Option<usize> {
    let table = |packed: u8| if packed & 0x80 == 0 { 0 } else { 3 << ((packed & 7) + 1) };
    let mut at = bytes.starts_with(b"GIF89a").then_some(13)? + table(*bytes.get(10)?);
    loop {
        let body = match *bytes.get(at)? {
            0x3b => return Some(at + 1),
            0x2c => at + 11 + table(*bytes.get(at + 9)?),
            0x21 => {
                match bytes.get(at + 1..)? {
                    // How a frame is shown; how often all of them.
                    [0xf9, 4, ..]
                    | [0xff, 11, b'N', b'E', b'T', b'S', b'C', b'A', b'P', b'E', ..] => {}
                    [label, ..] => told.foreign(format!("an extension {label:#04x}")),
                    [] => return None,
                }
                at + 2
            }
            _ => return None,
        };
        at = body;
        while let length @ 1.. = *bytes.get(at)? {
            at += 1 + usize::from(length);
        }
        at += 1;
    }
}
