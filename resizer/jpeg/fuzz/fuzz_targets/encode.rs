//! Any picture with any options becomes a file that the decoder takes, of the same size.
#![no_main]

use libfuzzer_sys::fuzz_target;
use resizer_jpeg::{
    DecodeOptions, Decoder, EncodeOptions, Encoder, Layout, Profile, Sampling, Segments,
};

fuzz_target!(|bytes: &[u8]| {
    let Some((&[width, height, quality, choices, restart_interval], pixels)) =
        bytes.split_first_chunk()
    else {
        return;
    };
    let (width, height) = (u32::from(width) + 1, u32::from(height) + 1);
    let options = EncodeOptions {
        quality,
        sampling: [Sampling::Full, Sampling::Half, Sampling::Quarter][usize::from(choices) % 3],
        profile: [Profile::Fast, Profile::Balanced, Profile::Small][usize::from(choices / 4) % 3],
        progressive: [None, Some(false), Some(true)][usize::from(choices / 16) % 3],
        restart_interval: restart_interval.into(),
        ..EncodeOptions::default()
    };
    let gray = choices >= 128;
    let layout = if gray { Layout::Gray } else { Layout::YCbCr };
    let mut encoder =
        Encoder::new(width, height, layout, &options, &Segments::default()).expect("a legal size");
    // The picture is the bytes again and again.
    let length = (width * height) as usize * if gray { 1 } else { 3 };
    let picture: Vec<u8> = pixels.iter().chain(&[128]).copied().cycle().take(length).collect();
    let pushed = if gray { encoder.push_gray(&picture) } else { encoder.push_rgb(&picture) };
    pushed.expect("whole rows");
    let file = encoder.finish().expect("all rows");
    let mut decoder =
        Decoder::new(&file[..], &DecodeOptions::default()).expect("a header that is ours");
    assert_eq!((decoder.frame().width, decoder.frame().height), (width, height));
    while decoder.next_band().expect("scans that are ours").is_some() {}
});
