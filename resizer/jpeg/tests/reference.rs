//! Pixels against the PNG references of jpeg-decoder.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use resizer_jpeg::options::Damage;
use resizer_jpeg::{DecodeError, DecodeOptions, Decoder};

/// Pairs of a JPEG file and its reference in the corpus.
const PAIRS: usize = 34;

/// Levels by which transforms and color conversions may differ.
const TOLERANCE: u8 = 3;

/// Three of its scans end early, and decoders replace the missing bits in different ways.
const DAMAGED: (&str, u8) = ("partial_progressive", 8);

/// Pairs that are not compared, and why.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("lossless__1__jpeg_lossless_sel1", "lossless process"),
    ("lossless__2__MR4", "lossless process"),
    ("lossless__2__XA1", "lossless process"),
];

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn pictures_look_as_their_references() {
    let pairs = pairs(&fixtures::outside::corpus().join("jpeg-decoder"));
    assert_eq!(pairs.len(), PAIRS);
    let mut failures = Vec::new();
    for (jpeg, png) in pairs {
        let name = jpeg.file_stem().expect("a name").to_string_lossy().into_owned();
        let exception = EXCEPTIONS.iter().find(|(part, _)| name.ends_with(part));
        let tolerance = if name.ends_with(DAMAGED.0) { DAMAGED.1 } else { TOLERANCE };
        match (compare(&jpeg, &png), exception) {
            (Ok(most), None) if most <= tolerance => {}
            (Err(DecodeError::Unsupported(_)), Some(_)) => {}
            (Ok(most), _) => failures.push(format!("{name}: differs by up to {most}")),
            (Err(error), _) => failures.push(format!("{name}: {error}")),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Every PNG with a JPEG file of its name.
fn pairs(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let entries = fs::read_dir(folder).expect("a readable folder");
    let mut pairs: Vec<_> = entries
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
        .map(|png| (png.with_extension("jpg"), png))
        .filter(|(jpeg, _)| jpeg.exists())
        .collect();
    pairs.sort();
    pairs
}

/// The largest difference of a sample.
fn compare(jpeg: &Path, png: &Path) -> Result<u8, DecodeError> {
    let (mut pixels, width, channels) = decode(jpeg)?;
    let mut reader = png::Decoder::new(BufReader::new(File::open(png)?));
    reader.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = reader.read_info().expect("a PNG file");
    let mut reference = vec![0; reader.output_buffer_size().expect("a small picture")];
    let info = reader.next_frame(&mut reference).expect("a PNG file");
    reference.truncate(info.buffer_size());
    let wanted = info.color_type.samples();
    if channels == 1 && wanted == 3 {
        pixels = pixels.iter().flat_map(|&gray| [gray; 3]).collect();
    } else if wanted == 4 || wanted == 2 {
        reference =
            reference.chunks_exact(wanted).flat_map(|p| &p[..wanted - 1]).copied().collect();
    }
    assert_eq!((width, pixels.len()), (info.width as usize, reference.len()), "{}", jpeg.display());
    Ok(pixels.iter().zip(&reference).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0))
}

/// Pixels, width, and samples per pixel.
fn decode(jpeg: &Path) -> Result<(Vec<u8>, usize, usize), DecodeError> {
    let file = fs::read(jpeg)?;
    // One of them ends within its scans, and its reference shows what there is.
    let options = DecodeOptions::default().with_damage(Damage::Conceal);
    let image = Decoder::new(&file[..], &options)?.into_image()?;
    Ok((image.pixels, image.width as usize, image.format.channels()))
}
