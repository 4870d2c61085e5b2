//! The author and the owner that IPTC names become EXIF, where EXIF has none of its own.

use fixtures::exif::{ExifSpec, tiff as exif};
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::scene::photograph;
use fixtures::tiff::{TiffOptions, TiffSamples, Value, tiff as tiff_file};
use resizer_engine::spec::{FormatSpec, Metadata, OutputFormat, VariantSpec};

use crate::by_default::rendered;
use crate::scan::scan;
use crate::sources::Source;
use crate::tiff;

const ARTIST: u16 = 0x013b;
const COPYRIGHT: u16 = 0x8298;

/// Two authors, in Latin-1.
fn block() -> Vec<u8> {
    let set = |number: u8, text: &[u8]| {
        [&[0x1c, 2, number][..], &(text.len() as u16).to_be_bytes(), text].concat()
    };
    [set(80, b"Zo\xeb"), set(80, b"Ada"), set(90, b"London"), set(116, b"\xa9 Zo\xeb")].concat()
}

fn with_iptc(exif: Option<Vec<u8>>) -> Vec<u8> {
    let file = jpeg(&photograph(40, 30, 5), &JpegOptions::default());
    let segment = |marker: u8, body: &[u8]| {
        [&[0xff, marker], &(body.len() as u16 + 2).to_be_bytes()[..], body].concat()
    };
    let resource = [&b"8BIM\x04\x04\0\0"[..], &(block().len() as u32).to_be_bytes(), &block()];
    let resources = [&b"Photoshop 3.0\0"[..], &resource.concat()].concat();
    let exif = exif.map(|exif| segment(0xe1, &[b"Exif\0\0", &exif[..]].concat()));
    [&file[..2], &exif.unwrap_or_default(), &segment(0xed, &resources), &file[2..]].concat()
}

/// The texts of the variant of a source: artist and copyright.
fn texts(bytes: Vec<u8>, metadata: Metadata) -> (tiff::Tiff, [Option<String>; 2]) {
    let formats = vec![FormatSpec::Fixed(OutputFormat::Jpeg)];
    let spec = VariantSpec { metadata, formats, ..VariantSpec::default() };
    let source = Source { name: "iptc".to_owned(), bytes };
    let told = scan(&rendered(&source, &vec![spec].into()).variants[0]);
    assert_eq!(told.foreign, Vec::<String>::new(), "the block itself stays behind");
    let found = told
        .exif
        .first()
        .map_or_else(tiff::Tiff::default, |exif| tiff::read(exif).expect("EXIF that can be read"));
    let text = |tag: u16| {
        let field = found.fields.iter().find(|field| field.tag == tag);
        field.map(|field| field.text.clone())
    };
    let texts = [text(ARTIST), text(COPYRIGHT)];
    (found, texts)
}

fn named() -> [Option<String>; 2] {
    [Some("Zoë; Ada".to_owned()), Some("© Zoë".to_owned())]
}

#[test]
fn the_names_of_iptc_go_along_where_exif_has_none() {
    let nameless = || exif(&ExifSpec { serial: Some("SERIAL-4711"), ..ExifSpec::turned(6) });
    for metadata in [Metadata::Copyright, Metadata::All] {
        assert_eq!(texts(with_iptc(None), metadata).1, named(), "{metadata:?}");
        let (found, names) = texts(with_iptc(Some(nameless())), metadata);
        assert_eq!(names, named(), "{metadata:?}");
        // All that EXIF says besides stays where it is asked for.
        let says = |text: &str| found.fields.iter().any(|field| field.text == text);
        assert_eq!(says("SERIAL-4711"), metadata == Metadata::All);
        let orientation = found.fields.iter().find(|field| field.tag == 0x0112);
        let upright = (metadata == Metadata::All).then_some(1);
        assert_eq!(orientation.map(|field| field.number), upright);
    }
    assert_eq!(texts(with_iptc(None), Metadata::None).1, [None, None]);
}

#[test]
fn the_names_of_exif_count_more() {
    let named = exif(&ExifSpec { artist: Some("A Photographer"), ..ExifSpec::turned(1) });
    for metadata in [Metadata::Copyright, Metadata::All] {
        let (_, [artist, copyright]) = texts(with_iptc(Some(named.clone())), metadata);
        assert_eq!(artist.as_deref(), Some("A Photographer"));
        assert_eq!(copyright.as_deref(), Some("2024 A Photographer"));
    }
}

#[test]
fn a_tiff_has_its_iptc_in_a_field() {
    let gray = TiffSamples {
        width: 8,
        height: 4,
        bits: 8,
        per_pixel: 1,
        model: 1,
        values: (0..32).collect(),
    };
    let fields = vec![(33_723, Value::Bytes(block()))];
    let file = tiff_file(&gray, &TiffOptions { fields, ..TiffOptions::default() });
    assert_eq!(texts(file, Metadata::Copyright).1, named());
}
