//! Frames of an animation as the GIF specification wants them, place by place.

use std::io::Cursor;

use image::AnimationDecoder;
use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{Rgba, RgbaImage};
use resizer_engine::Variant;
use resizer_engine::spec::{Animation, OutputFormat, Request};

use crate::support::{good, rendered, spec};

fn frames(variant: &Variant) -> Vec<RgbaImage> {
    let bytes = Cursor::new(&variant.bytes[..]);
    let frames = match variant.format {
        OutputFormat::Gif => GifDecoder::new(bytes).expect("a GIF").into_frames(),
        OutputFormat::Webp => {
            let mut decoder = WebPDecoder::new(bytes).expect("a WebP");
            // Otherwise it clears nothing.
            decoder.set_background_color(Rgba([0; 4])).expect("an animation");
            decoder.into_frames()
        }
        _ => PngDecoder::new(bytes).expect("a PNG").apng().expect("an animation").into_frames(),
    };
    let frames = frames.collect_frames().expect("whole frames");
    frames.into_iter().map(image::Frame::into_buffer).collect()
}

/// Squares over a landscape, each with a transparent right edge: the first stays, the second is
/// cleared, the third gives back what was there, the fourth stays.
#[test]
fn what_stays_is_cleared_or_comes_back_is_as_the_specification_says() {
    const INSIDE: [(u32, u32); 4] = [(9, 9), (33, 17), (57, 25), (75, 41)];
    for format in [OutputFormat::Png, OutputFormat::Gif, OutputFormat::Webp] {
        let animation = Animation::Animate;
        let request = Request { animation, ..vec![spec(format)].into() };
        let variants = rendered(&good("gif-disposal.gif"), &request).expect("a good file").variants;
        let frames = frames(&variants[0]);
        assert_eq!(frames.len(), 5, "{format:?}");
        let near = |one: &[u8; 4], other: &[u8; 4]| {
            std::iter::zip(one, other).all(|(one, other)| one.abs_diff(*other) <= 40)
        };
        let landscape = |at: usize| frames[0].get_pixel(INSIDE[at].0, INSIDE[at].1).0;
        let seen = |frame: usize, at: usize| frames[frame].get_pixel(INSIDE[at].0, INSIDE[at].1).0;
        let colors = [[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [255, 255, 0, 255]];
        for (at, color) in colors.iter().enumerate() {
            let before = seen(at, at);
            assert!(near(&before, &landscape(at)), "{format:?}, square {at} is not there yet");
            let there = seen(at + 1, at);
            assert!(near(&there, color), "{format:?}, square {at} is there: {there:?}");
        }
        assert!(near(&seen(4, 0), &colors[0]), "{format:?}: the first stays");
        assert_eq!(seen(3, 1)[3], 0, "{format:?}: the second is cleared to nothing");
        assert!(near(&seen(4, 2), &landscape(2)), "{format:?}: the third gives back");
        // The transparent edges leave what is below.
        let edge = frames[1].get_pixel(21, 9).0;
        assert!(near(&edge, &frames[0].get_pixel(21, 9).0), "{format:?}: {edge:?}");
    }
}
