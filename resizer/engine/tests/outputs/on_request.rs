//! What goes along where it is asked for: artist and copyright word by word, EXIF made right for
//! the variant, XMP of this picture alone, the source's profile.

use image::ImageDecoder;
use image::codecs::jpeg::JpegDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use resizer_engine::Variant;
use resizer_engine::spec::{Metadata, OutputColor, OutputFormat, VariantSpec};

use crate::by_default::{in_all_formats, rendered};
use crate::scan::{Told, scan};
use crate::sources::{ARTIST, OWN_XMP, Source, committed, made, real};
use crate::tiff::{self, Field, Tiff};

fn with_metadata(source: &Source, metadata: Metadata) -> Vec<(Variant, Told)> {
    let spec = VariantSpec { metadata, ..VariantSpec::default() };
    let variants = rendered(source, &in_all_formats(&spec).into()).variants;
    variants.into_iter().map(|variant| (scan(&variant), variant)).map(|(t, v)| (v, t)).collect()
}

fn only_exif(told: &Told) -> Tiff {
    assert_eq!(told.exif.len(), 1, "one block of EXIF");
    tiff::read(&told.exif[0]).expect("EXIF that can be read")
}

#[test]
fn artist_and_copyright_go_along_word_by_word() {
    let text = |tag: u16, text: String| Field { tag, number: 0, text };
    let expected = [text(0x013b, ARTIST.to_owned()), text(0x8298, format!("2024 {ARTIST}"))];
    for source in made(true) {
        for (variant, told) in with_metadata(&source, Metadata::Copyright) {
            if variant.format == OutputFormat::Gif {
                assert_eq!(told, Told::default(), "a GIF has no place for it");
                continue;
            }
            let mut found = only_exif(&told);
            found.fields.iter_mut().for_each(|field| field.number = 0);
            let expected = Tiff { fields: expected.to_vec(), further_images: 0 };
            assert_eq!(found, expected, "{} as {:?}", source.name, variant.format);
            assert!(told.xmp.is_empty() && told.foreign.is_empty(), "{}", source.name);
        }
    }
}

#[test]
fn all_is_upright_has_no_thumbnail_and_says_the_variants_size() {
    let has_own_xmp = [(made(true), true), (made(false), false)];
    let sources = has_own_xmp
        .into_iter()
        .flat_map(|(sources, own)| sources.into_iter().map(move |source| (source, own)));
    for (source, own_xmp) in sources {
        for (variant, told) in with_metadata(&source, Metadata::All) {
            let name = format!("{} as {:?}", source.name, variant.format);
            assert_eq!(told.foreign, Vec::<String>::new(), "{name}");
            if variant.format == OutputFormat::Gif {
                assert_eq!(told, Told::default(), "a GIF has no place for it");
                continue;
            }
            let tiff = only_exif(&told);
            let orientation = tiff.fields.iter().find(|field| field.tag == 0x0112);
            assert_eq!(orientation.map(|field| field.number), Some(1), "{name}");
            assert_eq!(tiff.further_images, 0, "{name}");
            let texts: Vec<&str> = tiff.fields.iter().map(|field| &field.text[..]).collect();
            assert!(texts.contains(&ARTIST) && texts.contains(&"SERIAL-4711"), "{name}: {texts:?}");
            assert!(tiff.fields.iter().any(|field| field.tag == 0x8825), "{name} has its place");
            // Behind EXIF an AVIF has its picture.
            if variant.format != OutputFormat::Avif {
                let is_jpeg = |part: &[u8]| part == [0xff, 0xd8, 0xff];
                assert!(!told.exif[0].windows(3).any(is_jpeg), "{name} has a thumbnail");
            }
            let upright = String::from_utf8_lossy(OWN_XMP).replace("\"6\"", "\"1\"");
            let expected = if own_xmp { vec![upright.into_bytes()] } else { Vec::new() };
            assert_eq!(told.xmp, expected, "{name}");
        }
    }
}

#[test]
#[ignore = "needs RESIZER_CORPUS and RESIZER_PHOTOS"]
fn all_of_a_real_file_leaves_thumbnails_gain_maps_and_further_pictures_behind() {
    let (mut with_exif, sources) = (0, real());
    for source in &sources {
        for (variant, told) in with_metadata(source, Metadata::All) {
            let name = format!("{} as {:?}", source.name, variant.format);
            assert_eq!(told.foreign, Vec::<String>::new(), "{name}");
            for xmp in &told.xmp {
                let speaks_of = |word: &[u8]| xmp.windows(word.len()).any(|part| part == word);
                let foreign = [&b"hdrgm"[..], b"GContainer", b"xmpGImg"];
                assert!(!foreign.into_iter().any(speaks_of), "{name}");
            }
            for exif in told.exif.iter().filter(|_| variant.format != OutputFormat::Avif) {
                let tiff = tiff::read(exif).expect("EXIF that can be read");
                assert_eq!(tiff.further_images, 0, "{name}");
                let orientation = tiff.fields.iter().find(|field| field.tag == 0x0112);
                assert!(
                    orientation.is_none_or(|field| field.number == 1 || !field.text.is_empty()),
                    "{name}"
                );
                with_exif += 1;
            }
        }
    }
    assert!(with_exif >= 30, "{with_exif} files with EXIF");
}

/// The profile as another decoder reads it.
fn profile(source: &[u8]) -> Option<Vec<u8>> {
    let source = std::io::Cursor::new(source);
    let mut decoder: Box<dyn ImageDecoder> = match source.get_ref()[..4] {
        [0xff, 0xd8, ..] => Box::new(JpegDecoder::new(source).ok()?),
        [0x89, ..] => Box::new(PngDecoder::new(source).ok()?),
        [b'R', ..] => Box::new(WebPDecoder::new(source).ok()?),
        _ => return None,
    };
    decoder.icc_profile().ok()?
}

#[test]
fn kept_colors_have_their_profile_and_converted_ones_none() {
    let names = ["jpeg-icc-p3.jpg", "png-icc-p3.png", "webp-icc-p3.webp"];
    let mut sources = committed();
    sources.retain(|source| names.contains(&&source.name[..]));
    assert_eq!(sources.len(), names.len());
    check_profiles(&sources);
}

#[test]
#[ignore = "needs RESIZER_CORPUS and RESIZER_PHOTOS"]
fn kept_colors_of_real_files_have_their_profile_and_converted_ones_none() {
    let names = ["Martin_Adams.jpg", "Ultra_HDR_Samples_Originals_05.jpg", "p3.png"];
    let mut sources = real();
    sources.retain(|source| names.contains(&&source.name[..]));
    assert_eq!(sources.len(), names.len());
    check_profiles(&sources);
}

fn check_profiles(sources: &[Source]) {
    for source in sources {
        let own = profile(&source.bytes).expect("a profile");
        for color in [OutputColor::Keep, OutputColor::Srgb] {
            let spec = VariantSpec { color, ..VariantSpec::default() };
            for variant in rendered(source, &in_all_formats(&spec).into()).variants {
                let name = format!("{} as {:?}, {color:?}", source.name, variant.format);
                let told = scan(&variant);
                assert_eq!(told.foreign, Vec::<String>::new(), "{name}");
                let holds = color == OutputColor::Keep && variant.format.holds_profile();
                assert!(told.icc == if holds { own.clone() } else { Vec::new() }, "{name}");
            }
        }
    }
}
