//! In: a JPEG. Out: the same without its APPn and COM segments and whatever follows its end;
//! tables and entropy-coded data stay byte for byte.

/// `None` if the segments do not lead to a scan and an end.
pub(super) fn without_metadata(file: &[u8]) -> Option<Vec<u8>> {
    let mut out = file.get(..2)?.to_vec();
    let mut at = 2;
    loop {
        let head = file.get(at..at + 4)?;
        let marker = head[1];
        let length = 2 + usize::from(u16::from_be_bytes([head[2], head[3]]));
        let segment = file.get(at..at + length)?;
        let is_metadata = matches!(marker, 0xe0..=0xef | 0xfe);
        if !is_metadata {
            out.extend_from_slice(segment);
        }
        at += length;
        if marker == 0xda {
            break;
        }
    }
    // In a scan 0xff is followed by 0 or the number of a restart; the first other one that ends
    // the picture is its end.
    let end = file[at..].windows(2).position(|pair| pair == [0xff, 0xd9])?;
    out.extend_from_slice(&file[at..at + end + 2]);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::without_metadata;

    #[test]
    fn only_metadata_and_what_follows_the_end_are_left_out() {
        let [soi, eoi] = [&[0xff, 0xd8][..], &[0xff, 0xd9]];
        let (app1, com) = (&[0xff, 0xe1, 0, 4, 7, 7][..], &[0xff, 0xfe, 0, 3, 7][..]);
        let (table, scan) = (&[0xff, 0xdb, 0, 3, 1][..], &[0xff, 0xda, 0, 3, 2, 5, 0xff, 0, 6][..]);
        let file = [soi, app1, table, com, scan, eoi, &[9, 9]].concat();
        assert_eq!(without_metadata(&file), Some([soi, table, scan, eoi].concat()));
        assert_eq!(without_metadata(&file[..12]), None);
    }
}
