//! In: a file. Out: its pixels as RGBA, read by libjpeg-turbo for JPEG where it could be built,
//! by the engine for AVIF, else and for everything else by the `image` crate.

use std::fs;
use std::path::Path;

use image::{ImageBuffer, Rgb, RgbaImage};

use crate::floor::Floor;
use crate::{Outcome, ours};

/// # Errors
/// If the file is missing or no decoder reads it.
pub(crate) fn read(path: &Path, floor: Option<&Floor>) -> Outcome<RgbaImage> {
    let named = |error: String| format!("{}: {error}", path.display());
    let file = fs::read(path).map_err(|error| named(error.to_string()))?;
    match floor {
        Some(floor) if file.starts_with(&[0xff, 0xd8]) => {
            let ppm = path.with_extension("decoded.ppm");
            floor.decode(path, &ppm)?;
            let pixels = fs::read(&ppm).map_err(|error| named(error.to_string()));
            fs::remove_file(&ppm).map_err(|error| named(error.to_string()))?;
            let picture = from_ppm(&pixels?).ok_or_else(|| named("a broken PPM".into()))?;
            Ok(picture)
        }
        _ if file.get(4..8) == Some(b"ftyp") => {
            let as_png = ours::as_png(&file).map_err(named)?;
            let picture = image::load_from_memory(&as_png);
            Ok(picture.map_err(|error| named(error.to_string()))?.to_rgba8())
        }
        _ => {
            let picture = image::load_from_memory(&file).map_err(|error| named(error.to_string()));
            Ok(picture?.to_rgba8())
        }
    }
}

fn from_ppm(file: &[u8]) -> Option<RgbaImage> {
    let mut lines = file.splitn(4, |byte| *byte == b'\n').skip(1);
    let (width, height) = str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
    let pixels = lines.nth(1)?.to_vec();
    let (width, height) = (width.parse().ok()?, height.parse().ok()?);
    let picture = ImageBuffer::<Rgb<u8>, _>::from_raw(width, height, pixels)?;
    Some(image::DynamicImage::from(picture).to_rgba8())
}

/// As binary PPM, alpha left out.
pub(crate) fn to_ppm(pixels: &[[u8; 3]], size: [u32; 2]) -> Vec<u8> {
    let mut out = format!("P6\n{} {}\n255\n", size[0], size[1]).into_bytes();
    out.extend_from_slice(pixels.as_flattened());
    out
}
