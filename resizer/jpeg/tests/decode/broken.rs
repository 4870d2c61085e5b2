//! Files that break one rule each: the error, and that it is the same at all scales.

use resizer_jpeg::options::{Damage, Limits};
use resizer_jpeg::{DecodeError, DecodeOptions, Header, Scale};

use crate::huffman::{BitWriter, Huffman};
use crate::pictures::random;
use crate::support::{assert_same, decode, decode_with};
use crate::writer::{Picture, ScanPlan, segment};

#[test]
fn unsupported_processes_are_named() {
    let picture = random(20, 20, &[(1, 1), (1, 1), (1, 1)]);
    let cases = [
        (0xc3, 8, "lossless JPEG"),
        (0xc5, 8, "hierarchical JPEG"),
        (0xc6, 8, "hierarchical JPEG"),
        (0xc7, 8, "hierarchical JPEG"),
        (0xc9, 8, "arithmetic-coded JPEG"),
        (0xca, 8, "arithmetic-coded JPEG"),
        (0xcb, 8, "lossless arithmetic-coded JPEG"),
        (0xcd, 8, "hierarchical arithmetic-coded JPEG"),
        (0xce, 8, "hierarchical arithmetic-coded JPEG"),
        (0xcf, 8, "hierarchical arithmetic-coded JPEG"),
        (0xc1, 12, "12-bit JPEG"),
        (0xc2, 12, "12-bit JPEG"),
    ];
    for (marker, precision_bits, name) in cases {
        let mut file = picture.baseline();
        let at = position(&file, 0xc0);
        file[at + 1] = marker;
        file[at + 4] = precision_bits;
        for error in [decode(&file, Scale::Full).err(), Header::read(&file).err()] {
            match error {
                Some(DecodeError::Unsupported(feature)) => assert_eq!(feature.name(), name),
                other => panic!("{marker:#x}: {other:?}"),
            }
        }
    }
}

#[test]
fn other_numbers_of_components_are_not_supported() {
    let mut file = random(20, 20, &[(1, 1), (1, 1), (1, 1)]).baseline();
    let at = position(&file, 0xc0);
    for count in [2, 5, 255] {
        file[at + 9] = count;
        assert!(matches!(decode(&file, Scale::Full), Err(DecodeError::Unsupported(_))), "{count}");
        assert!(matches!(Header::read(&file), Err(DecodeError::Unsupported(_))), "{count}");
    }
}

/// The offset of the first segment with this marker.
fn position(file: &[u8], marker: u8) -> usize {
    file.windows(2).position(|two| two == [0xff, marker]).expect("it has such a segment")
}

#[test]
fn every_cut_is_seen() {
    let picture = random(34, 50, &[(2, 1), (1, 1), (1, 1)]);
    let restarting = ScanPlan { restart_interval: 2, ..ScanPlan::of(&[0, 1, 2]) };
    let parts = [0, 1, 2].map(|one| ScanPlan::part(one, (1, 63), (0, 0)));
    let progressive =
        [vec![ScanPlan { last: 0, ..ScanPlan::of(&[0, 1, 2]) }], parts.to_vec()].concat();
    let files = [
        picture.baseline(),
        picture.file(0xc0, &[restarting]),
        picture.file(0xc0, &[ScanPlan::of(&[1]), ScanPlan::of(&[0, 2])]),
        picture.file(0xc2, &progressive),
    ];
    let progressive_start = picture.start(0xc2);
    for file in files {
        for scale in Scale::ALL {
            let whole = decode(&file, scale).unwrap();
            let passes_over = scale == Scale::Eighth && file.starts_with(&progressive_start);
            for length in 0..file.len() {
                let cut = &file[..length];
                match decode(cut, scale) {
                    // Of the last scan's last byte only the filling may be missing.
                    Ok(planes) if length >= file.len() - 3 => assert_eq!(planes, whole),
                    // It did not look at the last scan.
                    Ok(planes) if passes_over => assert_eq!(planes, whole),
                    Ok(_) => panic!("{length} of {} bytes pass at {scale:?}", file.len()),
                    Err(DecodeError::NotJpeg) => assert!(length < 2),
                    Err(DecodeError::Truncated { offset }) => assert_eq!(offset, length as u64),
                    Err(DecodeError::Malformed { offset, .. }) => assert!(offset <= length as u64),
                    Err(other) => panic!("{other}"),
                }
            }
            let without_end = decode(&file[..file.len() - 2], scale);
            assert_eq!(without_end.unwrap(), whole, "the end marker alone is missing");
        }
    }
}

/// With concealed damage a truncated file gives all rows, and those above the damage are right.
#[test]
fn cuts_can_be_concealed() {
    let picture = random(34, 50, &[(2, 1), (1, 1), (1, 1)]);
    for file in [picture.baseline(), picture.file(0xc0, &[0, 1, 2].map(|c| ScanPlan::of(&[c])))] {
        let data = position(&file, 0xda) + 20;
        for scale in Scale::ALL {
            let whole = decode(&file, scale).unwrap();
            let options = DecodeOptions::default().with_scale(scale).with_damage(Damage::Conceal);
            for length in data..file.len() {
                let planes = decode_with(&file[..length], &options).unwrap();
                for (found, expected) in planes.iter().zip(&whole) {
                    assert_eq!(found.bytes.len(), expected.bytes.len());
                }
            }
            assert_eq!(decode_with(file.as_slice(), &options).unwrap(), whole);
        }
    }
}

/// A gray file of 8 x 8 pixels, with the codes of its one block from `write`.
fn one_block(others: &Huffman, write: impl FnOnce(&mut BitWriter)) -> Vec<u8> {
    let picture = random(8, 8, &[(1, 1)]);
    let mut file = picture.start(0xc0);
    segment(&mut file, 0xc4, &Huffman::for_differences().segment_body(0, 0));
    segment(&mut file, 0xc4, &others.segment_body(1, 0));
    segment(&mut file, 0xda, &[1, 1, 0, 0, 63, 0]);
    let mut bits = BitWriter::default();
    bits.symbol(&Huffman::for_differences(), 0);
    write(&mut bits);
    bits.finish_byte();
    // Zeros, which are codes as well: the data do not end early.
    file.extend(bits.bytes);
    file.extend([0; 40]);
    file.extend([0xff, 0xd9]);
    file
}

/// Runs that lead past the last coefficient, after every combination of codes that a look-up may
/// meet.
#[test]
fn blocks_that_run_over_are_broken_at_every_scale() {
    let lengths = [(0xf3, 1), (0xd1, 2), (0x00, 3), (0x01, 13), (0xf0, 14)];
    let others = Huffman::new(&lengths);
    for alone in 40..63 {
        for pattern in 0..1 << 5 {
            let mut place = alone;
            let file = one_block(&others, |bits| {
                for _ in 0..alone {
                    bits.symbol(&others, 0x01);
                    bits.bits(1, 1);
                }
                for nth in 0..5 {
                    let (symbol, size, advance) =
                        if pattern >> nth & 1 == 0 { (0xd1, 1, 14) } else { (0xf3, 3, 16) };
                    bits.symbol(&others, symbol);
                    bits.bits(0, size);
                    place += if place == 63 { 0 } else { advance };
                }
            });
            // A block that ends with its last coefficient is a good one.
            for scale in Scale::ALL.into_iter().filter(|_| place != 63) {
                let found = decode(&file, scale);
                let what = format!("{alone} and {pattern:#b} at {scale:?}");
                assert!(matches!(found, Err(DecodeError::Malformed { .. })), "{what}: {found:?}");
            }
        }
    }
}

/// The longest codes with the most extra bits in a row: all scales count bits correctly.
#[test]
fn codes_of_31_bits() {
    let mut picture = random(64, 16, &[(1, 1)]);
    for (nth, block) in picture.planes[0].blocks.iter_mut().enumerate() {
        *block = [0; 64];
        for (place, value) in block.iter_mut().enumerate().skip(1) {
            if (place * 7 + nth) % 3 > 0 {
                *value = if place % 2 == 0 { 20_000 } else { -32_000 };
            }
        }
    }
    let lengths = [(0x00, 3), (0x1f, 13), (0x2f, 15), (0x0f, 16)];
    let scan = ScanPlan { others: Huffman::new(&lengths), ..ScanPlan::of(&[0]) };
    let twin = [
        ScanPlan { last: 0, ..ScanPlan::of(&[0]) },
        ScanPlan { others: Huffman::new(&lengths), ..ScanPlan::part(0, (1, 63), (0, 0)) },
    ];
    assert_same(&picture.file(0xc0, &[scan]), &picture.file(0xc2, &twin), "31 bits");
}

/// Few bytes that ask for much work: scans that skip all blocks at once.
#[test]
fn work_is_bound_by_the_bytes() {
    let mut picture = random(8, 8, &[(1, 1)]);
    (picture.width, picture.height) = (8 * 512, 8 * 256);
    picture.planes[0].wide = 512;
    picture.planes[0].blocks = vec![[0; 64]; 512 * 256];
    let runs: Vec<u8> = (0..15).map(|bits| bits << 4).collect();
    let others = Huffman::even(&runs);
    let empty = |place| ScanPlan { others: others.clone(), ..ScanPlan::part(0, place, (0, 0)) };
    let scans: Vec<_> = (1..40).map(|place| empty((place, place))).collect();
    let file = picture.file(0xc2, &scans);
    assert!(file.len() < 10_000);
    let found = decode(&file, Scale::Full);
    assert!(matches!(found, Err(DecodeError::TooLarge { .. })), "{:?}", found.err());
}

#[test]
fn limits_are_kept() {
    let picture = random(64, 64, &[(1, 1)]);
    let progressive = picture.file(
        0xc2,
        &[
            ScanPlan { last: 0, ..ScanPlan::of(&[0]) },
            ScanPlan::part(0, (1, 30), (0, 0)),
            ScanPlan::part(0, (31, 63), (0, 0)),
        ],
    );
    let with = |limits| DecodeOptions::default().with_limits(limits);
    let refused =
        |limits, bound: u64| match decode_with(progressive.as_slice(), &with(limits)).err() {
            Some(DecodeError::TooLarge { value, limit, .. }) => {
                assert!(value > limit && limit == bound);
            }
            other => panic!("{other:?}"),
        };
    let exact =
        Limits::unlimited().with_max_pixels(4096).with_max_scans(3).with_max_memory_bytes(64 * 138);
    assert!(decode_with(progressive.as_slice(), &with(exact)).is_ok());
    refused(exact.with_max_pixels(4095), 4095);
    refused(exact.with_max_scans(2), 2);
    refused(exact.with_max_memory_bytes(64 * 138 - 1), 64 * 138 - 1);
    // One scan that holds everything takes no memory for coefficients.
    let streaming = exact.with_max_memory_bytes(0);
    assert!(decode_with(picture.baseline().as_slice(), &with(streaming)).is_ok());
}

/// Segments after the first scan do not change the header.
#[test]
fn late_segments_are_too_late() {
    let picture = random(20, 20, &[(1, 1), (1, 1), (1, 1)]);
    let scans = [0, 1, 2].map(|one| ScanPlan::of(&[one]));
    let file = picture.file(0xc0, &scans);
    let first = position(&file, 0xda);
    let second = first + 4 + position(&file[first + 4..], 0xc4);
    let mut late = file[..second].to_vec();
    segment(&mut late, 0xee, b"Adobe\0\x64\0\0\0\0\0");
    late.extend(&file[second..]);
    assert_eq!(Header::read(&late).unwrap().frame, Header::read(&file).unwrap().frame);
    assert_same(&late, &file, "a late marker");
}

/// Each of these breaks one rule of a header.
#[test]
fn broken_headers_are_malformed() {
    let picture = random(20, 20, &[(2, 2), (1, 1), (1, 1)]);
    let file = picture.baseline();
    let (frame, scan) = (position(&file, 0xc0), position(&file, 0xda));
    let table = position(&file, 0xdb);
    let broken: [(&str, usize, u8); 13] = [
        ("a precision of 9 bits", frame + 4, 9),
        ("no component", frame + 9, 0),
        ("a sampling factor of 0", frame + 11, 0x02),
        ("a sampling factor of 5", frame + 11, 0x25),
        ("an unknown quantization table", frame + 12, 4),
        ("a missing quantization table", frame + 12, 3),
        ("more components than the frame", scan + 4, 4),
        ("no component in a scan", scan + 4, 0),
        ("an unknown component", scan + 5, 77),
        ("a component twice", scan + 7, 1),
        ("a Huffman table outside 0 to 3", scan + 6, 0x40),
        ("a Huffman table that is not defined", scan + 6, 0x33),
        ("an unknown kind of quantization table", table + 4, 0x24),
    ];
    for (what, at, value) in broken {
        let mut file = file.clone();
        assert_ne!(file[at], value);
        file[at] = value;
        for scale in Scale::ALL {
            let found = decode(&file, scale);
            assert!(
                matches!(found, Err(DecodeError::Malformed { .. })),
                "{what}: {:?}",
                found.err()
            );
        }
    }
    let mut eleven_blocks = random(20, 20, &[(3, 3), (1, 1), (1, 1)]);
    assert!(decode(&eleven_blocks.baseline(), Scale::Full).is_err());
    eleven_blocks.planes.truncate(1);
    assert!(decode(&single(&eleven_blocks), Scale::Full).is_ok());
}

/// The same with the factors that a single component really has.
fn single(picture: &Picture) -> Vec<u8> {
    let mut picture = picture.clone();
    picture.planes[0].sampling = (1, 1);
    picture.baseline()
}
