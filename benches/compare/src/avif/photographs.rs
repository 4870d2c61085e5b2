//! The photographs at each width, as pixels. The engine decodes and resizes them.

use std::fs;
use std::path::{Path, PathBuf};

use image::RgbImage;
use resizer_engine::spec::{Effort, FormatSpec, OutputFormat, PngColors, VariantSpec};

use crate::Outcome;
use crate::ours;

/// A photograph at one width.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    /// The name of the photograph's file, and the width.
    pub(super) name: String,
    pub(super) width: u32,
    /// Whether the constants of the encoder were fitted without this photograph.
    pub(super) is_held_out: bool,
    /// The lossless file.
    pub(super) png: PathBuf,
    pub(super) pixels: RgbImage,
}

impl Picture {
    pub(super) fn megapixels(&self) -> f64 {
        f64::from(self.pixels.width()) * f64::from(self.pixels.height()) / 1e6
    }
}

/// All photographs of a folder, at all widths that are smaller than their own. Every second
/// photograph, by name, is held out.
///
/// # Errors
/// If a file cannot be decoded, or there are fewer than two.
pub(super) fn all(photos: &Path, widths: &[u32], folder: &Path) -> Outcome<Vec<Picture>> {
    let folder = folder.join("sources");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let entries = fs::read_dir(photos).map_err(|e| format!("{}: {e}", photos.display()))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    if paths.len() < 2 {
        return Err(format!("{}: fewer than two photographs", photos.display()));
    }
    let mut pictures = Vec::new();
    for (place, path) in paths.iter().enumerate() {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        for &width in widths {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            let name = format!("{stem}-{width}");
            let spec = VariantSpec {
                width: Some(width),
                formats: vec![FormatSpec::Fixed(OutputFormat::Png)],
                png_colors: PngColors::All,
                effort: Effort::Fast,
                ..VariantSpec::default()
            };
            let file = ours::render_all(&bytes, &vec![spec].into(), &mut |_| {})
                .map_err(|error| format!("{}: {error}", path.display()))?
                .pop()
                .ok_or("no picture")?;
            let pixels = image::load_from_memory(&file).map_err(|error| error.to_string())?;
            let pixels = pixels.to_rgb8();
            if pixels.width() != width {
                continue;
            }
            let png = folder.join(format!("{name}.png"));
            fs::write(&png, file).map_err(|error| error.to_string())?;
            let is_held_out = place % 2 == 1;
            pictures.push(Picture { name, width, is_held_out, png, pixels });
        }
    }
    Ok(pictures)
}
