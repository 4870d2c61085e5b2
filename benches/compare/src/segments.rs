//! JPEG files as segments: the same file without metadata, and what its frame says.

const START_OF_SCAN: u8 = 0xda;

/// The same file without its APPn and COM segments and whatever follows its end; tables and
/// entropy-coded data stay byte for byte. `None` if the segments do not lead to a scan and an end.
pub(crate) fn without_metadata(file: &[u8]) -> Option<Vec<u8>> {
    let mut out = file.get(..2)?.to_vec();
    let mut at = 2;
    loop {
        let segment = segment(file, at)?;
        at += segment.len();
        if !matches!(segment[1], 0xe0..=0xef | 0xfe) {
            out.extend_from_slice(segment);
        }
        if segment[1] == START_OF_SCAN {
            break;
        }
    }
    // In a scan 0xff is followed by 0 or the number of a restart, so that this pair is the end.
    let end = file[at..].windows(2).position(|pair| pair == [0xff, 0xd9])?;
    out.extend_from_slice(&file[at..at + end + 2]);
    Some(out)
}

/// `4:2:0` and the like, of a file with three components; `None` for anything else.
pub(crate) fn chroma(file: &[u8]) -> Option<&'static str> {
    let mut at = 2;
    loop {
        let segment = segment(file, at)?;
        at += segment.len();
        match segment[1] {
            0xc4 | 0xc8 | 0xcc => {}
            0xc0..=0xcf => {
                // Of each component: its name, its factors, its table.
                let factors = |component: usize| segment.get(11 + 3 * component).copied();
                return match [factors(0)?, factors(1)?, factors(2)?] {
                    [0x11, 0x11, 0x11] => Some("4:4:4"),
                    [0x21, 0x11, 0x11] => Some("4:2:2"),
                    [0x22, 0x11, 0x11] => Some("4:2:0"),
                    _ => None,
                };
            }
            START_OF_SCAN => return None,
            _ => {}
        }
    }
}

/// Marker, length and payload.
fn segment(file: &[u8], at: usize) -> Option<&[u8]> {
    let head = file.get(at..at + 4)?;
    let length = 2 + usize::from(u16::from_be_bytes([head[2], head[3]]));
    file.get(at..at + length)
}

#[cfg(test)]
mod tests {
    use fixtures::jpeg::{JpegOptions, Subsampling, jpeg};
    use fixtures::scene::photograph;

    use super::{chroma, without_metadata};

    #[test]
    fn only_metadata_and_what_follows_the_end_are_left_out() {
        let [soi, eoi] = [&[0xff, 0xd8][..], &[0xff, 0xd9]];
        let (app1, com) = (&[0xff, 0xe1, 0, 4, 7, 7][..], &[0xff, 0xfe, 0, 3, 7][..]);
        let (table, scan) = (&[0xff, 0xdb, 0, 3, 1][..], &[0xff, 0xda, 0, 3, 2, 5, 0xff, 0, 6][..]);
        let file = [soi, app1, table, com, scan, eoi, &[9, 9]].concat();
        assert_eq!(without_metadata(&file), Some([soi, table, scan, eoi].concat()));
        assert_eq!(without_metadata(&file[..12]), None);
    }

    #[test]
    fn chroma_is_read_from_the_frame() {
        let picture = photograph(64, 48, 1);
        let cases = [
            (Subsampling::S444, Some("4:4:4")),
            (Subsampling::S422, Some("4:2:2")),
            (Subsampling::S420, Some("4:2:0")),
        ];
        for (subsampling, expected) in cases {
            let options = JpegOptions { subsampling, ..JpegOptions::default() };
            assert_eq!(chroma(&jpeg(&picture, &options)), expected);
        }
        let gray = JpegOptions { gray: true, ..JpegOptions::default() };
        assert_eq!(chroma(&jpeg(&picture, &gray)), None);
    }
}
