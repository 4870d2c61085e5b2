//! Files without a map, and why: nobody asked for one, their format holds none, or the map of the
//! source is not one that can go along.

use fixtures::gain_map::{Said, UltraHdr, heic_of_apple, heic_tone_mapped};
use fixtures::icc;
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::scene::photograph;
use resizer_engine::spec::{FormatSpec, Hdr, Metadata, OutputColor, OutputFormat, VariantSpec};
use resizer_engine::{GainMapOutcome, Job, Limits, RenderError, Source, Stop, render};

use crate::files::{Parts, keeping, opened, position, speaks_of_maps, variant};

/// The same pictures without any map.
fn dropping() -> VariantSpec {
    VariantSpec { hdr: Hdr::Drop, ..keeping() }
}

fn small() -> VariantSpec {
    VariantSpec { width: Some(100), ..keeping() }
}

#[test]
fn without_keep_nothing_of_a_map_is_left() {
    let mut sources = vec![heic_tone_mapped(), heic_of_apple(Some(4.0))];
    for said in [Said::Xmp, Said::Iso, Said::Both] {
        sources.push(UltraHdr { said, ..UltraHdr::default() }.file());
    }
    for (at, source) in sources.iter().enumerate() {
        for metadata in [Metadata::None, Metadata::Copyright, Metadata::All] {
            for format in OutputFormat::ALL {
                let formats = vec![FormatSpec::Fixed(format)];
                let width = Some(40);
                let spec = VariantSpec { metadata, formats, width, ..dropping() };
                let variant = variant(source, vec![spec]);
                assert_eq!(variant.gain_map, None);
                assert!(!speaks_of_maps(&variant.bytes), "{at}, {metadata:?}, {format:?}");
            }
        }
    }
}

#[test]
fn a_map_changes_no_pixel_of_its_picture() {
    let source = UltraHdr::default().file();
    let with = variant(&source, vec![small()]);
    let without = variant(&source, vec![VariantSpec { hdr: Hdr::Drop, ..small() }]);
    assert_eq!(opened(&with.bytes), opened(&without.bytes));
    assert!(with.bytes.len() > without.bytes.len());
}

#[test]
fn sources_without_a_map_become_the_same_files_with_keep() {
    let source = jpeg(&photograph(96, 64, 5), &JpegOptions::default());
    let with = variant(&source, vec![small()]);
    assert_eq!(with, variant(&source, vec![VariantSpec { hdr: Hdr::Drop, ..small() }]));
    assert_eq!(with.gain_map, None);
    // Any other picture behind the end is no map.
    let two = [source.clone(), source].concat();
    assert_eq!(with, variant(&two, vec![small()]));
}

#[test]
fn other_formats_have_no_map_and_say_so() {
    let formats = OutputFormat::ALL.map(FormatSpec::Fixed).to_vec();
    let spec = VariantSpec { formats, width: Some(40), ..keeping() };
    let source = UltraHdr::default().file();
    let rendered = render(&source, &vec![spec].into(), &Limits::default()).expect("a good source");
    for variant in rendered.variants {
        let is_jpeg = variant.format == OutputFormat::Jpeg;
        let outcome =
            if is_jpeg { GainMapOutcome::Kept } else { GainMapOutcome::UnsupportedFormat };
        assert_eq!(variant.gain_map, Some(outcome), "{:?}", variant.format);
        assert_eq!(speaks_of_maps(&variant.bytes), is_jpeg, "{:?}", variant.format);
    }
}

#[test]
fn the_xmp_of_a_picture_stays_beside_the_directory() {
    let own = b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF \
        xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\"><rdf:Description \
        rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" dc:format=\"own\"/>\
        </rdf:RDF></x:xmpmeta>";
    let source = UltraHdr { said: Said::Iso, ..UltraHdr::default() }.file();
    let segment = [&[0xff, 0xe1], &(own.len() as u16 + 2).to_be_bytes()[..], own].concat();
    let source = [&source[..2], &segment, &source[2..]].concat();
    for (metadata, is_kept) in [(Metadata::All, true), (Metadata::Copyright, false)] {
        let variant = variant(&source, vec![VariantSpec { metadata, ..small() }]);
        Parts::of(&variant);
        assert_eq!(position(&variant.bytes, b"dc:format=\"own\"").is_some(), is_kept);
        let packets = variant.bytes.windows(9).filter(|text| text == b"<rdf:RDF ").count();
        assert_eq!(packets, 2, "one of the picture, one of the map");
    }
}

#[test]
fn a_colored_map_keeps_the_colors_that_it_applies_in() {
    let icc = Some(icc::display_p3());
    for is_colored in [false, true] {
        let source = UltraHdr { is_colored, icc: icc.clone(), ..UltraHdr::default() }.file();
        let variant = variant(&source, vec![small()]);
        Parts::of(&variant);
        let has_profile = position(&variant.bytes, b"ICC_PROFILE").is_some();
        assert_eq!(has_profile, is_colored);
        let color = if is_colored { OutputColor::Keep } else { OutputColor::Srgb };
        let plain = VariantSpec { color, hdr: Hdr::Drop, ..small() };
        let plain = crate::files::variant(&source, vec![plain]);
        assert_eq!(opened(&variant.bytes), opened(&plain.bytes));
    }
}

/// The picture is there in any case.
fn expect(name: &str, source: &[u8], outcome: GainMapOutcome) {
    let variant = variant(source, vec![small()]);
    assert_eq!(variant.gain_map, Some(outcome), "{name}");
    assert!(!speaks_of_maps(&variant.bytes), "{name}");
    assert_eq!(opened(&variant.bytes).width(), variant.size.width(), "{name}");
}

#[test]
fn damaged_maps_are_left_out() {
    let good = UltraHdr::default();
    let (file, map) = (good.file(), good.map_file());
    let picture = &file[..file.len() - map.len()];
    let is_damaged = |name: &str, map: &[u8]| {
        expect(name, &[picture, map].concat(), GainMapOutcome::Damaged);
    };
    is_damaged("nothing", b"");
    is_damaged("something else", &vec![7; map.len()]);
    is_damaged("half of it", &map[..map.len() / 2]);
    is_damaged("its head", &map[..300]);
    let start = position(&map, &[0xff, 0xda]).expect("a scan");
    is_damaged("no codes", &[&map[..start + 10], &vec![0x55; map.len()][..]].concat());
    is_damaged("the picture again", picture);
    let with = |text: &[u8], other: &[u8]| {
        let start = position(&map, text).expect("the text");
        [&map[..start], other, &map[start + text.len()..]].concat()
    };
    let binary = b"21496:-1\0\0\0\0\0";
    let neither = |other: &[u8]| {
        let map = with(binary, b"21496:-1\0\0\x01\0\0");
        let start = position(&map, b"hdrgm:GainMapMax>2.5").expect("the gain");
        [&map[..start], other, &map[start + other.len()..]].concat()
    };
    is_damaged("no gain", &neither(b"hdrgm:GainMapMax>nan"));
    is_damaged("too much gain", &neither(b"hdrgm:GainMapMax>9e9"));
    is_damaged("another name", &neither(b"hdrgm:GainMapXyz>2.5"));
    // One of both is enough.
    let source = [picture, &with(binary, b"21496:-1\0\0\x01\0\0")].concat();
    assert_eq!(variant(&source, vec![small()]).gain_map, Some(GainMapOutcome::Kept));
}

#[test]
fn maps_that_do_not_fit_to_their_picture_are_left_out() {
    for map_size in [(481, 320), (480, 321), (120, 60), (60, 80), (960, 640)] {
        let source = UltraHdr { map_size, ..UltraHdr::default() };
        expect(&format!("{map_size:?}"), &source.file(), GainMapOutcome::Damaged);
    }
    for map_size in [(480, 320), (121, 80), (119, 80), (3, 2), (1, 1)] {
        let source = UltraHdr { map_size, ..UltraHdr::default() };
        let outcome = variant(&source.file(), vec![small()]).gain_map;
        assert_eq!(outcome, Some(GainMapOutcome::Kept), "{map_size:?}");
    }
}

#[test]
fn maps_that_mean_something_else_are_left_out() {
    let unsupported = GainMapOutcome::UnsupportedMap;
    expect("Apple's without a headroom", &heic_of_apple(None), unsupported);
    let file = UltraHdr { said: Said::Xmp, ..UltraHdr::default() }.file();
    let start = position(&file, b"hdrgm:GainMapMin=\"0\"").expect("the least gain");
    let is_hdr = b" hdrgm:BaseRenditionIsHDR=\"True\" ";
    let source = [&file[..start], is_hdr, &file[start..]].concat();
    // Its index is off now, but it still follows its picture.
    expect("a picture that is HDR", &source, unsupported);
    // In the colors of the other picture, of which a JPEG says nothing but its profile.
    let is_colored = true;
    let icc = Some(icc::display_p3());
    let map = UltraHdr { said: Said::Iso, is_colored, icc, ..UltraHdr::default() };
    let mut file = map.file();
    let start =
        file.windows(14).rposition(|text| text == b"21496:-1\0\0\0\0\0\xc0").expect("flags");
    file[start + 13] = 0x80;
    let profile = [b"ICC_PROFILE\0\x01\x01", &icc::cmyk()[..]].concat();
    let segment = [&[0xff, 0xe2], &(profile.len() as u16 + 2).to_be_bytes()[..], &profile].concat();
    let at = file.len() - map.map_file().len() + 2;
    let source = [&file[..at], &segment, &file[at..]].concat();
    expect("other colors", &source, unsupported);
}

#[test]
fn a_map_without_a_neutral_sample_leaves_no_trace_around_padding() {
    let file = UltraHdr { said: Said::Xmp, ..UltraHdr::default() }.file();
    let start = position(&file, b"hdrgm:GainMapMin=\"0\"").expect("the least gain");
    let least = b"hdrgm:GainMapMin=\"1\"";
    let source = [&file[..start], least, &file[start + least.len()..]].concat();
    let fit = resizer_engine::spec::Fit::Pad;
    let padded = VariantSpec { fit, height: Some(100), ..small() };
    let padded = variant(&source, vec![padded]);
    assert_eq!(padded.gain_map, Some(GainMapOutcome::UnsupportedMap));
    assert!(!speaks_of_maps(&padded.bytes));
    assert_eq!(variant(&source, vec![small()]).gain_map, Some(GainMapOutcome::Kept));
}

#[test]
fn a_map_that_would_take_too_much_memory_is_left_out() {
    let source = UltraHdr { size: (2000, 1600), map_size: (2000, 1600), ..UltraHdr::default() };
    let file = source.file();
    let peak = |spec: VariantSpec| {
        let source = Source::parse(&file).expect("a good source");
        let job = Job::prepare(source, &vec![spec].into(), &Limits::default());
        job.expect("within limits").peak_bytes()
    };
    let (with, without) = (peak(keeping()), peak(dropping()));
    assert!(with > without);
    let limits = Limits { max_memory_bytes: (with + without) / 2, ..Limits::default() };
    let rendered = render(&file, &vec![keeping()].into(), &limits).expect("within limits");
    assert_eq!(rendered.variants[0].gain_map, Some(GainMapOutcome::TooLarge));
    assert!(!speaks_of_maps(&rendered.variants[0].bytes));
}

#[test]
fn a_map_ends_with_its_job() {
    let file = UltraHdr::default().file();
    let source = Source::parse(&file).expect("a good source");
    let job = Job::prepare(source, &vec![small()].into(), &Limits::default());
    let job = job.expect("within limits");
    let stop = Stop::default();
    let mut seen = 0;
    // Behind the picture's last row, while the map is decoded.
    let mut stage_ended = |stage| {
        if stage == resizer_engine::Stage::Decode {
            seen += 1;
            if seen == 320 / 16 + 2 {
                stop.set();
            }
        }
    };
    let control =
        resizer_engine::Control { stop: stop.clone(), threads: 1, stage_ended: &mut stage_ended };
    let ended = job.render(control);
    assert!(matches!(ended, Err(RenderError::Stopped)), "{ended:?}");
}
