//! The pictures: drawings, icons and screenshots of the corpora, and photographs; each at some
//! widths, as lossless PNGs of this engine.

use std::fs;
use std::path::{Path, PathBuf};

use resizer_engine::spec::{FormatSpec, OutputFormat, PngColors, VariantSpec};

use crate::Outcome;
use crate::ours;

/// The kind of the files of `DRAWINGS`.
pub(super) const DRAWN: &str = "Drawings, icons and screenshots";

/// Files below the corpus, without `.png`.
const DRAWINGS: [&str; 40] = [
    "golang-image/blue-purple-pink",
    "golang-image/bw-gopher",
    "golang-image/gopher-doc.8bpp",
    "golang-image/gopher-doc.with-alpha",
    "golang-image/testpattern",
    "golang-image/tux",
    "heic/KDE__crop_orientation1",
    "heic/KDE__orientation_all",
    "image-png/bugfixes__F-exif-chunk-early",
    "image-png/bugfixes__acid2",
    "image-png/bugfixes__issue_430",
    "image-png/iccp__broken_iccp",
    "image-rs-image/tests__images__png__bugfixes__debug_triangle_corners_widescreen",
    "image-rs-image/tests__reference__webp__extended_images__anim.webp",
    "image-rs-image/tests__reference__webp__lossless_images__2-color.webp",
    "image-webp/reference__regression__lossless_indexed_4bit_palette",
    "imagetestsuite/png__ImageTestSuite__affc57dfffa5ec448a0795738d456018",
    "imagetestsuite/png__ImageTestSuite__d92428f3fc9c806b0a4373b54e06785e",
    "jxl/KDE__bug_496350",
    "jxl/KDE__compressed_exif",
    "jxl/KDE__compressed_xmp",
    "jxl/KDE__gimp_exif",
    "jxl/KDE__testcard_gray8",
    "jxl/alpha_triangles.ref",
    "jxl/blendmodes.ref",
    "jxl/cmyk_layers.ref",
    "jxl/patches_lossless.ref",
    "libavif/abc",
    "pngsuite/PngSuite",
    "sharp/50020484-00001",
    "sharp/Flag_of_the_Netherlands",
    "sharp/alpha-layer-0-background",
    "sharp/alpha-layer-1-fill",
    "sharp/bandbool",
    "sharp/blackbug",
    "sharp/gradients-rgb8",
    "sharp/grey-8bit-alpha",
    "sharp/image-in-alpha",
    "sharp/slight-gradient-border",
    "sharp/test-pattern",
];

const WIDTHS: [u32; 3] = [160, 320, 640];

/// Kinds and their files. Pictures that are narrower than a width are left out of it.
///
/// # Errors
/// Files that cannot be read.
pub(super) fn all(
    corpus: &Path,
    photos: Option<&Path>,
    folder: &Path,
) -> Outcome<Vec<(&'static str, Vec<PathBuf>)>> {
    let folder = folder.join("sources");
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let drawings: Vec<PathBuf> =
        DRAWINGS.iter().map(|name| corpus.join(format!("{name}.png"))).collect();
    let mut kinds = vec![(DRAWN, made(&drawings, &folder)?)];
    if let Some(photos) = photos {
        let entries = fs::read_dir(photos).map_err(|error| error.to_string())?;
        let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|e| e.path()).collect();
        paths.retain(|path| {
            path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jpg"))
        });
        paths.sort();
        kinds.push(("Photographs", made(&paths, &folder)?));
    }
    Ok(kinds)
}

fn made(sources: &[PathBuf], folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in sources {
        let bytes = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let (width, _) = image::ImageReader::open(path)
            .and_then(image::ImageReader::with_guessed_format)
            .map_err(|error| error.to_string())
            .and_then(|reader| reader.into_dimensions().map_err(|error| error.to_string()))?;
        for to in WIDTHS.into_iter().filter(|&to| to <= width) {
            let spec = VariantSpec {
                width: Some(to),
                formats: vec![FormatSpec::Fixed(OutputFormat::Png)],
                png_colors: PngColors::All,
                ..VariantSpec::default()
            };
            let file = ours::render_all(&bytes, &vec![spec].into(), &mut |_| {})?.pop();
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let to = folder.join(format!("{name}-{to}.png"));
            fs::write(&to, file.unwrap_or_default()).map_err(|error| error.to_string())?;
            files.push(to);
        }
    }
    Ok(files)
}
