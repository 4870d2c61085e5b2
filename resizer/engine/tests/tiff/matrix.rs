//! Every layout in every order of bytes, compression, division and arrangement: exact pixels.

use fixtures::tiff::{Chunks, Compression, Lzw, TiffOptions, tiff};

use crate::layouts::{Layout, all};
use crate::support::{difference, picture};

/// Compressions, and whether samples are stored as differences.
const COMPRESSIONS: [(Compression, bool); 6] = [
    (Compression::None, false),
    (Compression::PackBits, false),
    (Compression::Lzw(Lzw::Whole), false),
    (Compression::Lzw(Lzw::Whole), true),
    (Compression::Deflate(8), false),
    (Compression::Deflate(8), true),
];

/// All ways of storing one layout.
fn ways(layout: &Layout) -> Vec<TiffOptions> {
    let mut ways = Vec::new();
    for (compression, differences) in COMPRESSIONS {
        if differences && ![8, 16].contains(&layout.samples.bits) {
            continue;
        }
        for chunks in [Chunks::Strips(5), Chunks::Tiles(16, 16), Chunks::Tiles(48, 32)] {
            for planar in [false, true] {
                if planar && (layout.samples.per_pixel == 1 || layout.samples.model == 6) {
                    continue;
                }
                for big_endian in [false, true] {
                    ways.push(TiffOptions {
                        big_endian,
                        // As many as not, in every other respect.
                        is_big: ways.len() % 3 == 0,
                        compression: compression.clone(),
                        differences,
                        chunks,
                        planar,
                        fields: layout.fields.clone(),
                        ..TiffOptions::default()
                    });
                }
            }
        }
    }
    ways
}

#[test]
fn every_layout_is_exact_in_every_way_of_storing_it() {
    let mut compared = 0;
    let mut faults = Vec::new();
    for layout in all() {
        for options in ways(&layout) {
            let fault = match picture(&tiff(&layout.samples, &options)) {
                Ok(found) => difference(&found, &layout.expected, layout.tolerance),
                Err(reject) => Some(reject.to_string()),
            };
            let options = TiffOptions { fields: Vec::new(), ..options };
            faults.extend(fault.map(|fault| format!("{}: {fault}: {options:?}", layout.name)));
            compared += 1;
        }
    }
    assert!(
        faults.is_empty(),
        "{} of {compared}: {:#?}",
        faults.len(),
        &faults[..faults.len().min(5)]
    );
    assert_eq!(compared, 1320);
}

#[test]
fn bits_may_come_in_either_order() {
    let mut compared = 0;
    for layout in all() {
        for (compression, differences) in COMPRESSIONS {
            if differences && ![8, 16].contains(&layout.samples.bits) {
                continue;
            }
            let options = TiffOptions {
                compression,
                differences,
                reversed_bits: true,
                chunks: Chunks::Strips(9),
                fields: layout.fields.clone(),
                ..TiffOptions::default()
            };
            let found = picture(&tiff(&layout.samples, &options)).expect(layout.name);
            let fault = difference(&found, &layout.expected, layout.tolerance);
            assert_eq!(fault, None, "{}: {options:?}", layout.name);
            compared += 1;
        }
    }
    assert_eq!(compared, 138);
}
