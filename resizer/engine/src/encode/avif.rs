//! AVIF through rav1e: 8 bits, no chroma subsampled, as ravif has it.

use ravif::{BitDepth, Encoder as AvifEncoder, Img, RGB8, RGBA8};

use super::{Encoder, Failure, File, WorkingSet};
use crate::raster::{Layout, Raster, widen};
use crate::spec::Effort;

pub(super) const ENCODER: Encoder = Encoder {
    extension: "avif",
    media_type: "image/avif",
    // Larger pictures take rav1e more than a minute.
    max_side: 4096,
    holds_profile: false,
    working_bytes,
    encode: |picture, file| file.guarded(|| encode(picture.pixels()?, file)),
    animate: None,
};

/// What rav1e takes whatever the picture, and for each pixel of its superblocks, of which the
/// smallest that AV1 codes have sides of 64.
fn working_bytes(WorkingSet { size, .. }: WorkingSet) -> u64 {
    let side = |side: u32| u64::from(side).next_multiple_of(64);
    (2 << 20) + side(size.width()) * side(size.height()) * 80
}

fn encode(raster: &Raster, file: &File<'_>) -> Result<Vec<u8>, Failure> {
    let quality = f32::from(file.variant.quality.avif);
    let mut encoder = AvifEncoder::new()
        .with_quality(quality)
        .with_alpha_quality(quality)
        .with_speed(speed(file.variant.effort))
        .with_bit_depth(BitDepth::Eight)
        .with_num_threads(Some(1));
    if let Some(exif) = file.extras.exif {
        encoder = encoder.with_exif(exif);
    }
    let (width, height) = (raster.size().width() as usize, raster.size().height() as usize);
    let encoded = if raster.layout().has_alpha() {
        let raster = widen(raster, Layout::Rgba);
        let (pixels, _) = raster.pixels().as_chunks::<4>();
        let pixels: Vec<RGBA8> = pixels.iter().map(|&[r, g, b, a]| RGBA8 { r, g, b, a }).collect();
        encoder.encode_rgba(Img::new(&pixels[..], width, height))
    } else {
        let raster = widen(raster, Layout::Rgb);
        let (pixels, _) = raster.pixels().as_chunks::<3>();
        let pixels: Vec<RGB8> = pixels.iter().map(|&[r, g, b]| RGB8 { r, g, b }).collect();
        encoder.encode_rgb(Img::new(&pixels[..], width, height))
    };
    Ok(encoded?.avif_file)
}

/// rav1e's speed, 1 to 10. A photograph of 640x480 at quality 80, without assembly: 10 takes 323 ms
/// for 21.1 kB and 70.4 points of SSIMULACRA2, 8 takes 893 ms for 19.3 kB and 72.2, which are the
/// points of libwebp's 25.7 kB.
fn speed(effort: Effort) -> u8 {
    match effort {
        Effort::Fast => 10,
        Effort::Balanced => 8,
        Effort::Small => 6,
    }
}
