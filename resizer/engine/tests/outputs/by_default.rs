//! Without being asked no file tells more than who made the picture and whose it is.

use resizer_engine::spec::{
    Animation, Effort, FormatSpec, Metadata, OutputFormat, Request, VariantSpec,
};
use resizer_engine::{Limits, Rendered, render};

use crate::scan::{Told, scan};
use crate::sources::{Source, committed, made, real};
use crate::tiff;

pub(crate) const FORMATS: [OutputFormat; 4] =
    [OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::Webp, OutputFormat::Gif];

const ARTIST: u16 = 0x013b;
const COPYRIGHT: u16 = 0x8298;

/// What stands in files that tell too much, long enough not to come about by chance.
const SECRETS: [&[u8]; 10] = [
    b"xmpmeta",
    b"hdrgm",
    b"GContainer",
    b"Photoshop",
    b"8BIM of",
    b"MakerNote",
    b"SERIAL-4711",
    b"<script",
    b"<?php",
    b"ICC_PROFILE",
];

/// A small variant in each format; AVIF smaller than the others, for its encoder's sake.
pub(crate) fn in_all_formats(spec: &VariantSpec) -> Vec<VariantSpec> {
    let formats =
        |formats: &[OutputFormat]| formats.iter().copied().map(FormatSpec::Fixed).collect();
    let spec = VariantSpec { effort: Effort::Fast, ..spec.clone() };
    let usual = VariantSpec {
        name: "usual".to_owned(),
        width: Some(64),
        formats: formats(&FORMATS),
        ..spec.clone()
    };
    let avif = VariantSpec {
        name: "avif".to_owned(),
        width: Some(16),
        formats: formats(&[OutputFormat::Avif]),
        ..spec
    };
    vec![usual, avif]
}

pub(crate) fn rendered(source: &Source, request: &Request) -> Rendered {
    let rendered = render(&source.bytes, request, &Limits::default());
    rendered.unwrap_or_else(|reject| panic!("{} is good, not {reject}", source.name))
}

#[test]
fn by_default_no_file_tells_anything_but_artist_and_copyright() {
    let sources = [made(true), made(false), committed()].concat();
    assert!(sources.len() >= 6 + 136, "{} sources", sources.len());
    let with_artist = tell_only_artist_and_copyright(&sources);
    assert!(with_artist >= 4 * 6, "{with_artist} files name an artist");
}

#[test]
#[ignore = "needs RESIZER_CORPUS and RESIZER_PHOTOS"]
fn by_default_no_file_of_a_camera_tells_anything_but_artist_and_copyright() {
    tell_only_artist_and_copyright(&real());
}

/// How many files name an artist.
fn tell_only_artist_and_copyright(sources: &[Source]) -> usize {
    let (mut files, mut with_artist) = (0, 0);
    for source in sources {
        for animation in [Animation::FirstFrame, Animation::Animate] {
            let variants = in_all_formats(&VariantSpec::default());
            let rendered = rendered(source, &Request { animation, ..variants.into() });
            if animation == Animation::Animate && rendered.source.frame_count == 1 {
                continue;
            }
            for variant in &rendered.variants {
                let name = format!("{} as {:?}, {animation:?}", source.name, variant.format);
                let Told { exif, xmp, icc, foreign } = scan(variant);
                assert_eq!(foreign, Vec::<String>::new(), "{name}");
                assert!(xmp.is_empty() && icc.is_empty() && exif.len() <= 1, "{name}");
                for exif in &exif {
                    let tiff = tiff::read(exif).expect("EXIF that can be read");
                    let is_known = |field: &tiff::Field| [ARTIST, COPYRIGHT].contains(&field.tag);
                    assert!(tiff.fields.iter().all(is_known), "{name}: {tiff:?}");
                    assert_eq!(tiff.further_images, 0, "{name}");
                    with_artist += 1;
                }
                for secret in SECRETS {
                    let tells = variant.bytes.windows(secret.len()).any(|part| part == secret);
                    assert!(!tells, "{name} holds {}", secret.escape_ascii());
                }
                files += 1;
            }
        }
    }
    println!("{files} files of {} sources, {with_artist} with artist", sources.len());
    assert!(files > sources.len() * 5, "animations are there, too: {files}");
    with_artist
}

#[test]
fn asked_for_nothing_files_tell_nothing() {
    let sources = made(true);
    assert_eq!(sources.len(), 3);
    tell_nothing(&sources);
}

#[test]
#[ignore = "needs RESIZER_CORPUS and RESIZER_PHOTOS"]
fn asked_for_nothing_files_of_a_camera_tell_nothing() {
    tell_nothing(&real());
}

fn tell_nothing(sources: &[Source]) {
    let spec = VariantSpec { metadata: Metadata::None, ..VariantSpec::default() };
    for source in sources {
        for variant in &rendered(source, &in_all_formats(&spec).into()).variants {
            let told = scan(variant);
            assert_eq!(told, Told::default(), "{} as {:?}", source.name, variant.format);
        }
    }
}
