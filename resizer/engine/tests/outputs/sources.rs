//! Files that tell much beside their pixels: made here, committed, and real ones from outside.

use std::path::{Path, PathBuf};

use fixtures::exif::{ExifSpec, Position, tiff};
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::png::chunks::chunk;
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use fixtures::webp::{WebpOptions, webp};
use image::DynamicImage;

/// A file and its name.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) const ARTIST: &str = "A Photographer";

/// XMP of this picture alone.
pub(crate) const OWN_XMP: &[u8] =
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><d tiff:Orientation=\"6\">secret</d></x:xmpmeta>";

/// XMP of a picture that does not go along.
const FOREIGN_XMP: &[u8] = b"<x:xmpmeta><d hdrgm:Version=\"1.0\">GContainer</d></x:xmpmeta>";

fn source(name: &str, bytes: Vec<u8>) -> Source {
    Source { name: name.to_owned(), bytes }
}

/// Turned, with a place, artist, serial number and a thumbnail.
fn exif() -> Vec<u8> {
    let spec = ExifSpec {
        gps: Some(Position { latitude: [51, 28, 40], longitude: [0, 0, 5] }),
        artist: Some(ARTIST),
        serial: Some("SERIAL-4711"),
        ..ExifSpec::turned(6)
    };
    let mut exif = tiff(&spec);
    let entries = usize::from(u16::from_le_bytes([exif[8], exif[9]]));
    let second = exif.len() as u32;
    exif[10 + 12 * entries..][..4].copy_from_slice(&second.to_le_bytes());
    let thumbnail = jpeg(&photograph(16, 12, 5), &JpegOptions::default());
    let field = |tag: u16, value: u32| {
        let kind_and_count = [4, 0, 1, 0, 0, 0];
        [&tag.to_le_bytes()[..], &kind_and_count, &value.to_le_bytes()].concat()
    };
    exif.extend([2, 0]);
    exif.extend(field(0x0201, second + 30));
    exif.extend(field(0x0202, thumbnail.len() as u32));
    exif.extend([0; 4]);
    exif.extend(thumbnail);
    exif
}

/// One file for each format that can tell much, with XMP that is the picture's own or not.
pub(crate) fn made(xmp_is_own: bool) -> Vec<Source> {
    let xmp = if xmp_is_own { OWN_XMP } else { FOREIGN_XMP };
    let scene = photograph(96, 64, 5);
    let segment = |marker: u8, parts: [&[u8]; 2]| {
        let body = parts.concat();
        [&[0xff, marker], &(body.len() as u16 + 2).to_be_bytes()[..], &body].concat()
    };
    let file = jpeg(&scene, &JpegOptions::default());
    let told = [
        segment(0xe1, [b"Exif\0\0", &exif()]),
        segment(0xe1, [b"http://ns.adobe.com/xap/1.0/\0", xmp]),
        segment(0xe2, [b"MPF\0", b"II*\0\x08\0\0\0\0\0"]),
        segment(0xed, [b"Photoshop 3.0\0", b"8BIM of somebody"]),
        segment(0xe5, [b"Ranking\0", b"of a camera"]),
        segment(0xfe, [b"<script>", b"alert(1)</script>"]),
    ]
    .concat();
    let behind = [b"<?php echo 1; ?>".to_vec(), file.clone()].concat();
    let jpeg = [&file[..2], &told, &file[2..], &behind].concat();

    let text = |keyword: &str, text: &str| [keyword.as_bytes(), b"\0", text.as_bytes()].concat();
    let chunks = vec![
        (*b"eXIf", exif()),
        (*b"iTXt", [b"XML:com.adobe.xmp\0\0\0\0\0", xmp].concat()),
        (*b"tEXt", text("Comment", "<script>alert(1)</script>")),
        (*b"tEXt", text("Software", "MakerNote")),
        (*b"tIME", vec![7, 232, 1, 1, 0, 0, 0]),
        (*b"prVt", b"8BIM of somebody".to_vec()),
    ];
    let mut png = png(&Samples::rgb(&scene), &PngOptions { chunks, ..PngOptions::default() });
    png.extend(chunk(b"zzZz", b"<?php echo 1; ?>"));

    let mut webp = webp(
        &DynamicImage::ImageRgb8(scene).to_rgba8(),
        &WebpOptions { exif: Some(ExifSpec::default()), ..WebpOptions::default() },
    );
    // Its own EXIF chunk, which is the last one, makes way for more.
    let last = webp.windows(4).rposition(|name| name == b"EXIF").expect("it has EXIF");
    webp.truncate(last);
    for (name, body) in [(b"EXIF", &exif()[..]), (b"XMP ", xmp), (b"PRVT", b"8BIM of somebody")] {
        webp.extend(name);
        webp.extend((body.len() as u32).to_le_bytes());
        webp.extend(body);
        webp.resize(webp.len().next_multiple_of(2), 0);
    }
    webp[20] |= 0x04;
    let length = webp.len() as u32 - 8;
    webp[4..8].copy_from_slice(&length.to_le_bytes());
    vec![source("made.jpg", jpeg), source("made.png", png), source("made.webp", webp)]
}

/// The committed pictures.
pub(crate) fn committed() -> Vec<Source> {
    let good = fixtures::good::all().into_iter();
    good.map(|fixture| source(&fixture.name, fixture.bytes)).collect()
}

/// Photographs straight from cameras and telephones: in P3, on their side, Ultra HDR, several
/// pictures in one; and what other programs write.
pub(crate) fn real() -> Vec<Source> {
    let (corpus, photos) = (fixtures::outside::corpus(), fixtures::outside::photos());
    let photos = files(&photos);
    assert_eq!(photos.len(), 9, "photographs");
    let mut ultrahdr = files(&corpus.join("ultrahdr"));
    ultrahdr.retain(|path| path.extension().is_some_and(|extension| extension == "jpg"));
    assert_eq!(ultrahdr.len(), 5, "files with gain maps, or made for them");
    let others = [
        "fuzzdb/POC_phpinfo-metadata.gif",
        "fuzzdb/POC_phpinfo-metadata.jpg",
        "image-gif/samples__beacon_icc.gif",
        "image-gif/samples__beacon_xmp.gif",
        "image-rs-image/tests__images__jpg__exif-xmp-metadata.jpg",
        "image-rs-image/tests__images__jpg__iptc.jpg",
        "image-rs-image/tests__images__png__iptc.png",
        "image-rs-image/tests__images__png__transparency__tp1n3p08_xmp.png",
        "image-rs-image/tests__images__tiff__testsuite__l1_xmp.tiff",
        "image-rs-image/tests__images__webp__lossless_images__simple_xmp.webp",
        "libavif/apple_gainmap_new.jpg",
        "libavif/apple_gainmap_old.jpg",
        "libavif/paris_exif_xmp_gainmap_bigendian.jpg",
        "libavif/paris_exif_xmp_icc.jpg",
        "libavif/paris_icc_exif_xmp.avif",
        "libavif/seine_sdr_gainmap_srgb.avif",
        "libavif/seine_sdr_gainmap_srgb.jpg",
        "sharp/gain-map.jpg",
        "sharp/p3.png",
        "sharp/tifftag-photoshop.tiff",
        "zune-jpeg/crates__zune-png__tests__png_suite__exif2c08.png",
    ];
    let others = others.map(|name| corpus.join(name));
    let all = photos.into_iter().chain(ultrahdr).chain(others);
    all.map(|path| {
        let bytes = std::fs::read(&path).expect("the set's file can be read");
        source(&path.file_name().expect("a file").to_string_lossy(), bytes)
    })
    .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the set's folder can be listed");
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry can be read").path()).collect();
    files.sort();
    files
}
