//! Any picture with any options becomes a file that the decoder takes, of the same size.
#![no_main]

use libfuzzer_sys::fuzz_target;
use resizer_jpeg::{
    DecodeOptions, Decoder, Effort, EncodeOptions, PixelFormat, Sampling, encode,
};

fuzz_target!(|bytes: &[u8]| {
    let Some((&[width, height, quality, choices, restart_interval], pixels)) =
        bytes.split_first_chunk()
    else {
        return;
    };
    let (width, height) = (u32::from(width) + 1, u32::from(height) + 1);
    let format = if choices >= 128 { PixelFormat::Gray } else { PixelFormat::Rgb };
    let mut options = EncodeOptions::default()
        .with_format(format)
        .with_quality(quality)
        .with_sampling([Sampling::S444, Sampling::S422, Sampling::S420][usize::from(choices) % 3])
        .with_effort([Effort::Fast, Effort::Balanced, Effort::Small][usize::from(choices / 4) % 3])
        .with_restart_interval(restart_interval.into());
    options.progressive = [None, Some(false), Some(true)][usize::from(choices / 16) % 3];
    // The picture is the bytes again and again.
    let length = (width * height) as usize * format.channels();
    let picture: Vec<u8> = pixels.iter().chain(&[128]).copied().cycle().take(length).collect();
    let file = encode(&picture, width, height, &options).expect("whole rows of a legal size");
    let decoder =
        Decoder::new(&file[..], &DecodeOptions::default()).expect("a header that is ours");
    let image = decoder.into_image().expect("scans that are ours");
    assert_eq!((image.width, image.height, image.format), (width, height, format));
});
