//! One picture in many forms: files that ordinary encoders do not write decode like their ordinary
//! twins.

use resizer_jpeg::{DecodeOptions, Header, Scale};

use crate::huffman::Huffman;
use crate::pictures::{exact_samples, random};
use crate::support::{assert_same, decode, decode_with};
use crate::writer::{Picture, ScanPlan, quantization, segment};

/// Mixes of sampling factors.
const SAMPLINGS: [&[(usize, usize)]; 16] = [
    &[(1, 1)],
    &[(1, 1), (1, 1), (1, 1)],
    &[(2, 1), (1, 1), (1, 1)],
    &[(1, 2), (1, 1), (1, 1)],
    &[(2, 2), (1, 1), (1, 1)],
    &[(4, 1), (1, 1), (1, 1)],
    &[(1, 4), (1, 1), (1, 1)],
    &[(4, 2), (1, 1), (1, 1)],
    &[(2, 4), (1, 1), (1, 1)],
    &[(3, 1), (1, 1), (1, 1)],
    &[(3, 2), (2, 1), (1, 2)],
    &[(2, 1), (1, 2), (1, 1)],
    &[(1, 1), (2, 2), (2, 1)],
    &[(2, 2), (1, 1), (2, 1)],
    &[(1, 1), (1, 1), (1, 1), (1, 1)],
    &[(2, 2), (1, 1), (1, 1), (2, 2)],
];

/// Scans that code every coefficient bit by bit.
fn progression(picture: &Picture) -> Vec<ScanPlan> {
    let all = picture.all();
    let mut scans = vec![ScanPlan { last: 0, low: 2, ..ScanPlan::of(&all) }];
    for &component in &all {
        scans.push(ScanPlan::part(component, (1, 5), (0, 2)));
        scans.push(ScanPlan::part(component, (6, 63), (0, 1)));
        scans.push(ScanPlan::part(component, (1, 5), (2, 1)));
    }
    scans.push(ScanPlan { last: 0, high: 2, low: 1, ..ScanPlan::of(&all) });
    for &component in &all {
        scans.push(ScanPlan::part(component, (0, 0), (1, 0)));
        scans.push(ScanPlan::part(component, (1, 63), (1, 0)));
    }
    scans
}

#[test]
fn full_scale_is_the_cosine_transform() {
    for sampling in SAMPLINGS {
        let picture = random(70, 45, sampling);
        let planes = decode(&picture.baseline(), Scale::Full).unwrap();
        for (component, plane) in planes.iter().enumerate() {
            let exact = exact_samples(&picture, component).concat();
            assert_eq!(plane.bytes.len(), exact.len());
            for (&found, exact) in plane.bytes.iter().zip(exact) {
                let error = (f64::from(found) - exact).abs();
                assert!(error < 1.0, "{exact} became {found} in {component} of {sampling:?}");
            }
        }
    }
}

#[test]
fn scans_of_one_component_each() {
    for sampling in SAMPLINGS {
        let picture = random(83, 61, sampling);
        let scans: Vec<_> = picture.all().iter().map(|&one| ScanPlan::of(&[one])).collect();
        let what = format!("not interleaved {sampling:?}");
        assert_same(&picture.file(0xc0, &scans), &picture.baseline(), &what);
        if sampling.len() > 1 {
            let two = [ScanPlan::of(&[0]), ScanPlan::of(&picture.all()[1..])];
            assert_same(&picture.file(0xc1, &two), &picture.baseline(), &what);
        }
    }
}

#[test]
fn progressive_scans_of_every_kind() {
    for sampling in SAMPLINGS {
        for size in [(83, 61), (1, 1), (8, 130), (200, 7)] {
            let picture = random(size.0, size.1, sampling);
            let file = picture.file(0xc2, &progression(&picture));
            assert_same(&file, &picture.baseline(), &format!("progressive {size:?} {sampling:?}"));
        }
    }
}

#[test]
fn restart_intervals() {
    for sampling in SAMPLINGS {
        let picture = random(83, 61, sampling);
        for interval in [1, 2, 3, 7, 8, 11, 1000] {
            let restarting = |mut scan: ScanPlan| {
                scan.restart_interval = interval;
                scan
            };
            let what = format!("an interval of {interval}, {sampling:?}");
            let one = [restarting(ScanPlan::of(&picture.all()))];
            assert_same(&picture.file(0xc0, &one), &picture.baseline(), &what);
            let many: Vec<_> = progression(&picture).into_iter().map(restarting).collect();
            assert_same(&picture.file(0xc2, &many), &picture.baseline(), &what);
        }
    }
}

#[test]
fn codes_of_16_bits_in_every_slot() {
    for sampling in [SAMPLINGS[0], SAMPLINGS[4], SAMPLINGS[10]] {
        let picture = random(83, 61, sampling);
        let deep = |mut scan: ScanPlan, slot| {
            scan.slot = slot;
            scan.differences = Huffman::deep(&(0..=11).collect::<Vec<_>>());
            scan.others = Huffman::for_others(Huffman::deep);
            scan
        };
        for slot in 0..4 {
            let what = format!("tables in slot {slot}, {sampling:?}");
            let one = [deep(ScanPlan::of(&picture.all()), slot)];
            assert_same(&picture.file(0xc1, &one), &picture.baseline(), &what);
            let many = progression(&picture).into_iter().map(|scan| deep(scan, slot));
            let file = picture.file(0xc2, &many.collect::<Vec<_>>());
            assert_same(&file, &picture.baseline(), &what);
        }
    }
}

/// Blocks whose last coefficient is number 63 have no end of block, and the coefficients before it
/// may be 0.
#[test]
fn blocks_that_end_with_their_last_coefficient() {
    for others in [Huffman::even, Huffman::deep] {
        let mut picture = random(128, 128, &[(2, 2), (1, 1), (1, 1)]);
        for (nth, block) in picture.planes.iter_mut().flat_map(|p| &mut p.blocks).enumerate() {
            let from = [1, 2, 15, 16, 17, 31, 32, 33, 47, 48, 49, 62, 63][nth % 13];
            block[1..63].fill(0);
            block[from] = if nth % 3 == 0 { 1 } else { -30 };
            block[63] = if nth % 5 == 0 { -1 } else { 9 };
        }
        let mut scan = ScanPlan::of(&picture.all());
        scan.others = Huffman::for_others(others);
        let file = picture.file(0xc0, &[scan]);
        for component in 0..3 {
            let plane = &decode(&file, Scale::Full).unwrap()[component];
            for (&found, exact) in
                plane.bytes.iter().zip(exact_samples(&picture, component).concat())
            {
                assert!((f64::from(found) - exact).abs() < 1.0);
            }
        }
        let twin = picture.file(0xc2, &progression(&picture));
        assert_same(&file, &twin, "blocks without an end");
    }
}

/// 65,536 empty blocks, coded with as few end-of-band runs as possible and with one for each block.
#[test]
fn long_runs_of_ends() {
    let mut picture = random(2048, 2048, &[(1, 1)]);
    for (nth, block) in picture.planes[0].blocks.iter_mut().enumerate() {
        block[1..].fill(0);
        if nth % 40_000 == 39_000 {
            block[3..7].fill(-5);
        }
    }
    let file = |longest_run| {
        let mut scans = progression(&picture);
        scans.iter_mut().for_each(|scan| scan.longest_run = longest_run);
        picture.file(0xc2, &scans)
    };
    assert_same(&file(0x7fff), &picture.baseline(), "long runs");
    assert_same(&file(1), &picture.baseline(), "no runs");
    assert_same(&file(3), &picture.baseline(), "short runs");
}

#[test]
fn steps_of_16_bits() {
    let mut wide = random(50, 50, &[(2, 1), (1, 1), (1, 1)]);
    wide.steps[1] = std::array::from_fn(|place| 300 + place as u16);
    for block in &mut wide.planes[1].blocks {
        block[0] /= 300;
        block[1..].iter_mut().for_each(|value| *value = value.signum());
    }
    let planes = decode(&wide.file(0xc1, &[ScanPlan::of(&[0, 1, 2])]), Scale::Full).unwrap();
    for (&found, exact) in planes[1].bytes.iter().zip(exact_samples(&wide, 1).concat()) {
        assert!((f64::from(found) - exact).abs() < 1.0);
    }
    // The same numbers, 8 bits and 16.
    let narrow = random(50, 50, &[(1, 1)]);
    let file = narrow.baseline();
    let mut body = vec![0x10];
    body.extend(narrow.steps[0].iter().flat_map(|step| step.to_be_bytes()));
    let mut twin = vec![0xff, 0xd8];
    segment(&mut twin, 0xdb, &body);
    twin.extend(&file[2 + 2 + 67..]);
    assert_same(&twin, &file, "steps in 16 bits");
}

/// A component keeps the quantization table that was in its slot when its first scan began.
#[test]
fn steps_redefined_between_scans() {
    let mut picture = random(64, 40, &[(1, 1), (1, 1), (1, 1)]);
    let expected = picture.baseline();
    picture.planes.iter_mut().for_each(|plane| plane.steps = 0);
    let mut file = picture.start(0xc0);
    for component in 0..3 {
        segment(&mut file, 0xdb, &quantization(0, &picture.steps[component]));
        picture.scan(&mut file, false, &ScanPlan::of(&[component]));
    }
    file.extend([0xff, 0xd9]);
    assert_same(&file, &expected, "one slot, three tables");
}

/// A single component is never interleaved, whatever its factors.
#[test]
fn factors_of_gray_mean_nothing() {
    let picture = random(61, 43, &[(1, 1)]);
    let file = picture.baseline();
    let header = file.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    for factors in [0x22, 0x12, 0x41, 0x44, 0x31] {
        let mut twin = file.clone();
        twin[header + 11] = factors;
        assert_same(&twin, &file, "gray with factors");
    }
}

#[test]
fn a_height_behind_the_first_scan() {
    for sampling in [SAMPLINGS[0], SAMPLINGS[4]] {
        let picture = random(50, 75, sampling);
        for scans in [
            vec![ScanPlan::of(&picture.all())],
            picture.all().iter().map(|&one| ScanPlan::of(&[one])).collect(),
        ] {
            let mut file = picture.start_of_height(0xc0, 0);
            for (nth, scan) in scans.iter().enumerate() {
                picture.scan(&mut file, false, scan);
                if nth == 0 {
                    segment(&mut file, 0xdc, &75_u16.to_be_bytes());
                }
            }
            file.extend([0xff, 0xd9]);
            let height = Header::read(&file).unwrap().frame.height;
            assert_eq!(height, 75);
            for scale in Scale::ALL {
                let options = DecodeOptions::default().with_scale(scale).with_dnl_height(height);
                let expected = decode(&picture.baseline(), scale).unwrap();
                assert_eq!(decode_with(file.as_slice(), &options).unwrap(), expected);
                assert!(decode(&file, scale).is_err(), "no height is known");
            }
        }
    }
}

/// Fill bytes before markers and garbage between segments.
#[test]
fn bytes_between_segments() {
    let picture = random(40, 40, &[(2, 2), (1, 1), (1, 1)]);
    let file = picture.baseline();
    let mut twin = vec![0xff, 0xd8];
    let mut at = 2;
    loop {
        let length = usize::from(u16::from_be_bytes([file[at + 2], file[at + 3]]));
        twin.extend([0xff, 0xff, 0xff]);
        twin.extend(&file[at + 1..at + 2 + length]);
        if file[at + 1] == 0xda {
            at += 2 + length;
            break;
        }
        twin.extend([0x12, 0x00, 0xff, 0x00, 0x34]);
        at += 2 + length;
    }
    twin.extend(&file[at..file.len() - 2]);
    twin.extend([0xff, 0xff, 0xd9]);
    assert_same(&twin, &file, "fill bytes");
    assert_eq!(Header::read(&twin).unwrap().frame, Header::read(&file).unwrap().frame);
}

/// The source may return bytes in pieces of any size.
#[test]
fn pieces_of_any_size() {
    let picture = random(200, 150, &[(2, 2), (1, 1), (1, 1)]);
    let files = [picture.baseline(), picture.file(0xc2, &progression(&picture))];
    for file in &files {
        for scale in Scale::ALL {
            let options = DecodeOptions::default().with_scale(scale);
            let expected = decode(file, scale).unwrap();
            for piece in [1, 2, 3, 31, 32, 33, 1000] {
                let source = std::io::BufReader::with_capacity(piece, file.as_slice());
                assert_eq!(decode_with(source, &options).unwrap(), expected);
            }
        }
    }
}
