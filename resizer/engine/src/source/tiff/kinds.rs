//! The kinds of TIFF that are refused, by the names that a person would give them.

use super::directory::{Directory, File};
use super::tags::{DNG_VERSION, MAKE, PHOTOMETRIC, SUB_DIRECTORIES, SUBFILE_TYPE, Tags};

/// Sub-directories that are looked into; cameras write at most four.
const MAX_SUB_DIRECTORIES: u64 = 16;

/// The color filter array of a sensor, and its linear values.
const SENSOR_VALUES: [u64; 2] = [32_803, 34_892];

/// The name of a camera's raw file, whose first picture is a thumbnail or what the sensor saw.
///
/// Source: DNG 1.7, which defines the tags; the others follow the same structure: a maker's name,
/// a reduced picture, and the sensor's values in a sub-directory.
pub(super) fn camera_raw(file: &File<'_>, tags: &Tags<'_>) -> Option<&'static str> {
    if tags.values(DNG_VERSION).is_some() {
        return Some("a camera RAW file (DNG)");
    }
    if file.bytes.get(8..10) == Some(b"CR") {
        return Some("a camera RAW file (CR2)");
    }
    let make = tags.bytes(MAKE)?;
    let is_reduced = tags.number(SUBFILE_TYPE).is_some_and(|kind| kind & 1 == 1);
    let subs = tags.values(SUB_DIRECTORIES);
    let holds_sensor_values = |directory: Directory<'_>| {
        let photometric = directory.fields().find(|(tag, _)| *tag == PHOTOMETRIC);
        let kind = photometric.and_then(|(_, values)| values.get(0));
        kind.is_some_and(|kind| SENSOR_VALUES.contains(&kind))
    };
    let is_raw = subs.is_some_and(|subs| {
        let subs = (0..subs.count().min(MAX_SUB_DIRECTORIES)).filter_map(|index| subs.get(index));
        is_reduced || subs.filter_map(|at| file.directory(at)).any(holds_sensor_values)
    });
    let is_sensor = tags.number(PHOTOMETRIC).is_some_and(|kind| SENSOR_VALUES.contains(&kind));
    (is_raw || is_sensor).then(|| {
        const MAKERS: [(&[u8], &str); 5] = [
            (b"NIKON", "a camera RAW file (NEF)"),
            (b"SONY", "a camera RAW file (ARW)"),
            (b"PENTAX", "a camera RAW file (PEF)"),
            (b"RICOH", "a camera RAW file (PEF)"),
            (b"SAMSUNG", "a camera RAW file (SRW)"),
        ];
        let is_maker = |(name, _): &&(&[u8], _)| {
            make.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        };
        MAKERS.iter().find(is_maker).map_or("a camera RAW file", |(_, name)| name)
    })
}

/// A compression that is not decoded here.
pub(super) fn compression(code: u64) -> &'static str {
    match code {
        6 => "a TIFF compressed with old-style JPEG",
        9 | 10 | 34_661 => "a TIFF compressed with JBIG",
        32_766 => "a TIFF compressed for NeXT",
        32_767 | 32_769 | 32_770 | 34_713 | 65_000 | 65_535 => "a camera RAW file",
        32_809 => "a TIFF compressed with ThunderScan",
        32_895..=32_898 => "a TIFF compressed for prepress (IT8)",
        32_908 | 32_909 => "a TIFF compressed for Pixar",
        33_003 | 33_004 | 33_005 | 34_712 => "a TIFF compressed with JPEG 2000",
        34_676 | 34_677 => "a TIFF of logarithmic samples (SGI)",
        34_718..=34_720 => "a TIFF of Microsoft Document Imaging",
        34_887 => "a TIFF compressed with LERC",
        34_892 => "a camera RAW file (DNG)",
        34_925 => "a TIFF compressed with LZMA",
        50_000 | 34_926 => "a TIFF compressed with Zstandard",
        50_001 | 34_927 => "a TIFF compressed with WebP",
        50_002 | 52_546 => "a TIFF compressed with JPEG XL",
        _ => "a TIFF with a compression that is not known",
    }
}

/// A color model that is not converted here.
pub(super) fn color_model(code: u64) -> &'static str {
    match code {
        4 => "a TIFF that is a transparency mask",
        8 => "a TIFF in CIE L*a*b*",
        9 => "a TIFF in ICC L*a*b*",
        10 => "a TIFF in ITU L*a*b*",
        32_803 | 34_892 => "a camera RAW file",
        32_844 | 32_845 => "a TIFF of logarithmic samples (SGI)",
        _ => "a TIFF with a color model that is not known",
    }
}

/// Samples that are no unsigned integers.
pub(super) fn sample_format(code: u64) -> Option<&'static str> {
    match code {
        1 | 4 => None,
        2 => Some("a TIFF of signed samples"),
        3 => Some("a TIFF of floating-point samples"),
        5 | 6 => Some("a TIFF of complex samples"),
        _ => Some("a TIFF with a sample format that is not known"),
    }
}
