//! fast_image_resize. Light is averaged as its documentation does it: its sRGB mapper makes 16-bit
//! samples in linear light of the source, and those of the result become what the source was.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use fast_image_resize::{PixelComponentMapper, create_srgb_mapper};

use crate::protocol::{Pixels, Run};

pub(crate) fn version() -> String {
    format!("fast_image_resize 6.1, {:?}", Resizer::new().cpu_extensions())
}

/// # Errors
/// For other pixels than it knows.
pub(crate) fn prepare(pixels: &Pixels, bytes: Vec<u8>) -> Result<Run, String> {
    let own = kind(pixels.channels, pixels.bits)?;
    let wide = kind(pixels.channels, 16)?;
    let [width, height] = pixels.size;
    let source = Image::from_vec_u8(width, height, bytes, own).map_err(text)?;
    // Its tables belong to the program, not to a picture.
    let mapper = pixels.linear.then(create_srgb_mapper);
    let mut resizer = Resizer::new();
    Ok(Box::new(move |sizes| {
        let result = |&size| match &mapper {
            None => resized(&mut resizer, &source, size, own),
            Some(mapper) => in_linear_light(&mut resizer, mapper, &source, size, [own, wide]),
        };
        // 16-bit samples are bytes here, too.
        sizes.iter().map(result).map(|image| Ok(image?.into_vec().into())).collect()
    }))
}

fn in_linear_light(
    resizer: &mut Resizer,
    mapper: &PixelComponentMapper,
    source: &Image<'_>,
    size: [u32; 2],
    [own, wide]: [PixelType; 2],
) -> Result<Image<'static>, String> {
    let mut linear = Image::new(source.width(), source.height(), wide);
    mapper.forward_map(source, &mut linear).map_err(text)?;
    let small = resized(resizer, &linear, size, wide)?;
    let mut result = Image::new(size[0], size[1], own);
    mapper.backward_map(&small, &mut result).map_err(text)?;
    Ok(result)
}

fn resized(
    resizer: &mut Resizer,
    source: &Image<'_>,
    [width, height]: [u32; 2],
    kind: PixelType,
) -> Result<Image<'static>, String> {
    let mut result = Image::new(width, height, kind);
    let lanczos3 = ResizeAlg::Convolution(FilterType::Lanczos3);
    let options = ResizeOptions::new().resize_alg(lanczos3);
    let view = ImageRef::new(source.width(), source.height(), source.buffer(), kind);
    resizer.resize(&view.map_err(text)?, &mut result, &options).map_err(text)?;
    Ok(result)
}

fn kind(channels: usize, bits: u32) -> Result<PixelType, String> {
    match (channels, bits) {
        (1, 8) => Ok(PixelType::U8),
        (3, 8) => Ok(PixelType::U8x3),
        (4, 8) => Ok(PixelType::U8x4),
        (1, 16) => Ok(PixelType::U16),
        (3, 16) => Ok(PixelType::U16x3),
        (4, 16) => Ok(PixelType::U16x4),
        _ => Err(format!("no pixels of {channels} times {bits} bits")),
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
