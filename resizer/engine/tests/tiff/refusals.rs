//! Kinds that are not decoded, each refused by a name that tells a person what to do.

use fixtures::tiff::{Compression, TiffOptions, TiffSamples, Value, tiff};
use resizer_engine::{Reject, RenderError};

use crate::support::picture;

/// Eight by eight pixels.
fn samples(model: u16, bits: u32, per_pixel: usize) -> TiffSamples {
    let values = vec![1; 64 * per_pixel];
    TiffSamples { width: 8, height: 8, bits, per_pixel, model, values }
}

fn name(samples: &TiffSamples, fields: &[(u16, Value)]) -> String {
    named(samples, TiffOptions { fields: fields.to_vec(), ..TiffOptions::default() })
}

fn named(samples: &TiffSamples, options: TiffOptions) -> String {
    match picture(&tiff(samples, &options)) {
        Err(RenderError::Rejected(Reject::Unsupported { what })) => what.to_owned(),
        other => format!("{:?}", other.map(|picture| picture.dimensions())),
    }
}

fn short(tag: u16, value: u16) -> (u16, Value) {
    (tag, Value::Short(vec![value]))
}

#[test]
fn samples_that_are_no_unsigned_integers_are_named() {
    let gray = samples(1, 8, 1);
    assert_eq!(name(&gray, &[short(339, 2)]), "a TIFF of signed samples");
    assert_eq!(name(&gray, &[short(339, 3), short(258, 32)]), "a TIFF of floating-point samples");
    assert_eq!(name(&gray, &[short(339, 5)]), "a TIFF of complex samples");
    assert_eq!(name(&gray, &[short(258, 32)]), "a TIFF of more than 16 bits a sample");
    let bits = (258, Value::Short(vec![5, 6, 5]));
    assert_eq!(name(&samples(2, 8, 3), &[bits]), "a TIFF whose samples differ in depth");
}

#[test]
fn color_models_are_named() {
    for (model, expected) in [
        (4, "a TIFF that is a transparency mask"),
        (8, "a TIFF in CIE L*a*b*"),
        (9, "a TIFF in ICC L*a*b*"),
        (10, "a TIFF in ITU L*a*b*"),
        (32_803, "a camera RAW file"),
        (32_844, "a TIFF of logarithmic samples (SGI)"),
        (32_845, "a TIFF of logarithmic samples (SGI)"),
        (777, "a TIFF with a color model that is not known"),
    ] {
        assert_eq!(name(&samples(model, 8, 3), &[]), expected);
    }
    let inks = samples(5, 8, 4);
    assert_eq!(name(&inks, &[short(332, 2)]), "a TIFF of inks other than CMYK");
    assert_eq!(name(&samples(5, 8, 3), &[]), "a TIFF of inks other than CMYK");
    let palette = samples(3, 16, 1);
    let expected = "a TIFF with a palette of more than 256 colors";
    assert_eq!(name(&palette, &[(320, Value::Short(vec![0; 3]))]), expected);
}

#[test]
fn compressions_are_named() {
    for (code, expected) in [
        (6, "a TIFF compressed with old-style JPEG"),
        (34_661, "a TIFF compressed with JBIG"),
        (32_809, "a TIFF compressed with ThunderScan"),
        (34_712, "a TIFF compressed with JPEG 2000"),
        (34_887, "a TIFF compressed with LERC"),
        (34_925, "a TIFF compressed with LZMA"),
        (50_000, "a TIFF compressed with Zstandard"),
        (50_001, "a TIFF compressed with WebP"),
        (50_002, "a TIFF compressed with JPEG XL"),
        (12_345, "a TIFF with a compression that is not known"),
    ] {
        let compression = Compression::Done(code, vec![vec![0; 64]]);
        let options = TiffOptions { compression, ..TiffOptions::default() };
        assert_eq!(named(&samples(1, 8, 1), options), expected);
    }
    let deflate = |predictor: u16| TiffOptions {
        compression: Compression::Deflate(8),
        fields: vec![short(317, predictor)],
        ..TiffOptions::default()
    };
    let expected = "a TIFF with a predictor for other than 8 or 16 bits";
    assert_eq!(named(&samples(1, 4, 1), deflate(2)), expected);
    let expected = "a TIFF with the floating-point predictor";
    assert_eq!(named(&samples(1, 8, 1), deflate(3)), expected);
}

#[test]
fn raw_files_of_cameras_are_named_before_their_thumbnail_is_taken() {
    let thumbnail = samples(2, 8, 3);
    let version = (50_706, Value::Bytes(vec![1, 4, 0, 0]));
    assert_eq!(name(&thumbnail, &[version]), "a camera RAW file (DNG)");
    let of = |make: &str, reduced: u16| {
        [
            (254, Value::Long(vec![reduced.into()])),
            (271, Value::Text([make.as_bytes(), &[0]].concat())),
            (330, Value::Long(vec![8])),
        ]
    };
    assert_eq!(name(&thumbnail, &of("NIKON CORPORATION", 1)), "a camera RAW file (NEF)");
    assert_eq!(name(&thumbnail, &of("SONY", 1)), "a camera RAW file (ARW)");
    assert_eq!(name(&thumbnail, &of("Phase One", 1)), "a camera RAW file");
    // A scanner's picture with smaller copies is none.
    assert_eq!(name(&thumbnail, &of("NIKON CORPORATION", 0)), "Ok((8, 8))");
    let beginnings: [(&[u8], &str); 5] = [
        (b"IIRO\x08\0\0\0", "a camera RAW file (ORF)"),
        (b"IIRS\x08\0\0\0", "a camera RAW file (ORF)"),
        (b"IIU\0\x18\0\0\0", "a camera RAW file (RW2)"),
        (b"FUJIFILMCCD-RAW ", "a camera RAW file (RAF)"),
        (b"II*\0\x10\0\0\0CR\x02\0\0\0\0\0\0\0\0\0\0\0", "a camera RAW file (CR2)"),
    ];
    for (start, expected) in beginnings {
        let what = match picture(start) {
            Err(RenderError::Rejected(Reject::Unsupported { what })) => what,
            other => panic!("{expected}: {other:?}"),
        };
        assert_eq!(what, expected);
    }
}

#[test]
fn more_parts_than_pixels_need_are_named() {
    let tiles = [(322, Value::Long(vec![1])), (323, Value::Long(vec![1]))];
    let expected = "a TIFF of tiles of fewer than 256 pixels";
    assert_eq!(name(&samples(1, 8, 1), &tiles), expected);
    let expected = "a TIFF of more than 16 samples a pixel";
    assert_eq!(name(&samples(1, 8, 17), &[]), expected);
}
