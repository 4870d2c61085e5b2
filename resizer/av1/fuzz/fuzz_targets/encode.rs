//! Encodes any picture with any options to a file that rav1d decodes to the same size. The decoded
//! gray pictures of quality 100 are nearly the same as the originals.
#![no_main]

use libfuzzer_sys::fuzz_target;
use resizer_av1::{Effort, EncodeOptions, PixelFormat, Sampling, encode};

use crate::file::{decode, gray_error, items};

#[path = "../../tests/avif/file.rs"]
mod file;

fuzz_target!(|bytes: &[u8]| {
    let Some((&[width, height, quality, choices], rest)) = bytes.split_first_chunk() else {
        return;
    };
    let (width, height) = (u32::from(width) + 1, u32::from(height) + 1);
    let format = [PixelFormat::Gray, PixelFormat::GrayAlpha, PixelFormat::Rgb, PixelFormat::Rgba]
        [usize::from(choices) % 4];
    let options = EncodeOptions::default()
        .with_format(format)
        .with_quality(quality)
        .with_filters(false)
        .with_sampling([Sampling::S444, Sampling::S420][usize::from(choices / 4) % 2])
        .with_effort([Effort::Fast, Effort::Balanced, Effort::Small][usize::from(choices / 8) % 3]);
    // The pixels repeat the remaining bytes.
    let length = (width * height) as usize * format.channels();
    let pixels: Vec<u8> = rest.iter().chain(&[128]).copied().cycle().take(length).collect();
    let file = encode(&pixels, width, height, &options).expect("pixels of a legal size");
    let pictures = items(&file);
    for (_, data) in &pictures {
        let decoded = decode(data);
        assert_eq!((decoded.width(), decoded.height()), (width, height));
    }
    if format == PixelFormat::Gray && quality >= 100 {
        let mean = gray_error(&decode(pictures[0].1), &pixels);
        assert!(mean < 2.0, "{width}x{height}: {mean}");
    }
});
