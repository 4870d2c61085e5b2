//! Damage in files with restart markers: data after the next marker decode as if nothing had
//! happened, at every scale.

use fixtures::jpeg::{JpegOptions, Subsampling, jpeg};
use fixtures::scene::photograph;
use resizer_jpeg::options::Damage;
use resizer_jpeg::{DecodeOptions, Header, Scale};

use crate::support::{Samples, decode, decode_with};

const INTERVAL: usize = 5;

/// The offset of each interval of the first scan that has any, and the end of the last one.
fn intervals(file: &[u8]) -> Vec<usize> {
    let marker = |at: usize, code: std::ops::RangeInclusive<u8>| {
        file[at] == 0xff && code.contains(&file[at + 1])
    };
    let scan = (0..file.len() - 1).find(|&at| marker(at, 0xda..=0xda)).expect("a scan");
    let body = usize::from(u16::from_be_bytes([file[scan + 2], file[scan + 3]]));
    let mut starts = vec![scan + 2 + body];
    for at in starts[0]..file.len() - 1 {
        if marker(at, 0xd0..=0xd7) {
            starts.push(at + 2);
        } else if file[at] == 0xff && !matches!(file[at + 1], 0 | 0xff) {
            starts.push(at + 2);
            break;
        }
    }
    starts
}

/// The MCUs in which two pictures differ.
fn differing(one: &[Samples], other: &[Samples], file: &[u8], scale: Scale) -> Vec<usize> {
    let frame = Header::read(file).expect("a good file").frame;
    let most = frame.components().iter().map(|one| u32::from(one.horizontal)).max().unwrap_or(1);
    let wide = frame.width.div_ceil(8 * most) as usize;
    let mut mcus = Vec::new();
    for ((one, other), component) in one.iter().zip(other).zip(frame.components()) {
        let side = |factor: u8| usize::from(factor) * scale.eighths() as usize;
        for (at, (one_sample, other_sample)) in one.bytes.iter().zip(&other.bytes).enumerate() {
            if one_sample != other_sample {
                let (x, y) = (at % one.width, at / one.width);
                mcus.push(y / side(component.vertical) * wide + x / side(component.horizontal));
            }
        }
    }
    mcus.sort_unstable();
    mcus.dedup();
    mcus
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let scene = photograph(173, 91, 4);
    let options = |subsampling, gray, progressive| JpegOptions {
        subsampling,
        gray,
        progressive,
        restart_interval: INTERVAL as u16,
        ..JpegOptions::default()
    };
    vec![
        ("4:2:0", jpeg(&scene, &options(Subsampling::S420, false, false))),
        ("4:4:4", jpeg(&scene, &options(Subsampling::S444, false, false))),
        ("gray", jpeg(&scene, &options(Subsampling::S444, true, false))),
        ("progressive", jpeg(&scene, &options(Subsampling::S444, true, true))),
    ]
}

/// Overwrites some bytes without making a marker, unless one is asked for.
fn damaged(file: &[u8], from: usize, length: usize, filling: &[u8]) -> Vec<u8> {
    let mut out = file.to_vec();
    for (place, byte) in out[from..from + length].iter_mut().zip(filling.iter().cycle()) {
        *place = *byte;
    }
    out
}

#[test]
fn what_lies_behind_the_next_restart_marker_is_right() {
    let fillings: [&[u8]; 4] =
        [&[0], &[0x55, 0x9c, 0xe1], &[0xfe, 0xfe, 0xfe], &[0x5a, 0xff, 0xc4, 0x17, 0xff, 0xe1]];
    for (what, file) in files() {
        let starts = intervals(&file);
        let count = starts.len() - 1;
        assert!(count >= 12, "{what} has {count} intervals");
        for scale in [Scale::Full, Scale::FiveEighths, Scale::Half, Scale::Quarter, Scale::Eighth] {
            let whole = decode(&file, scale).expect("a good file");
            let options = DecodeOptions::default().with_scale(scale).with_damage(Damage::Conceal);
            for (first, length) in [(0, 4), (1, 40), (3, 1), (4, 150), (count - 3, 9)] {
                let from = starts[first] + 1;
                let end = from + length;
                // The marker before the last interval may be gone too.
                let last = (first..count).rfind(|&nth| starts[nth] < end + 2).unwrap_or(first);
                // Markers count to eight: more of them cannot be missed.
                if last - first > 5 {
                    continue;
                }
                for filling in fillings {
                    // A marker that could end one of several scans does.
                    if what == "progressive" && filling.contains(&0xff) {
                        continue;
                    }
                    let broken = damaged(&file, from, length, filling);
                    let found = decode_with(&broken[..], &options).expect("all bands come");
                    let mcus = differing(&found, &whole, &file, scale);
                    let lost = first * INTERVAL..(last + 1) * INTERVAL;
                    assert!(
                        mcus.iter().all(|mcu| lost.contains(mcu)),
                        "{what} at {scale:?}, {length} bytes of interval {first}: {mcus:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn markers_that_are_gone_cost_their_intervals_and_no_more() {
    for (what, file) in files() {
        let starts = intervals(&file);
        for gone in 1..=5 {
            // All from within interval 2 to the start of another.
            let last = 2 + gone;
            let mut cut = file[..starts[2] + 2].to_vec();
            cut.extend(&file[starts[last + 1] - 2..]);
            for scale in [Scale::Full, Scale::Eighth] {
                let options =
                    DecodeOptions::default().with_scale(scale).with_damage(Damage::Conceal);
                let whole = decode(&file, scale).expect("a good file");
                let found = decode_with(&cut[..], &options).expect("all bands come");
                let mcus = differing(&found, &whole, &file, scale);
                let lost = 2 * INTERVAL..(last + 1) * INTERVAL;
                assert!(mcus.iter().all(|mcu| lost.contains(mcu)), "{what}, {gone}: {mcus:?}");
            }
        }
    }
}
