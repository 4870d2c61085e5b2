//! Animations: the first frame by default, all of them where asked, within their own limit.

use fixtures::png::chunks;
use resizer_engine::spec::{Animation, OutputFormat, Request};
use resizer_engine::{Limits, Quantity, Reject, RenderError, render};

use crate::support::{good, rendered, spec};

fn request(format: OutputFormat, animation: Animation) -> Request {
    Request { animation, ..vec![spec(format)].into() }
}

#[test]
fn only_where_it_is_asked_and_can_be_does_a_variant_move() {
    let source = good("gif-animated.gif");
    for (format, mark) in [
        (OutputFormat::Gif, &b"NETSCAPE2.0"[..]),
        (OutputFormat::Webp, b"ANMF"),
        (OutputFormat::Png, b"fcTL"),
        (OutputFormat::Jpeg, b"nothing of the kind"),
    ] {
        for animation in [Animation::FirstFrame, Animation::Animate] {
            let rendered = rendered(&source, &request(format, animation)).expect("a good file");
            let bytes = &rendered.variants[0].bytes;
            let moves = bytes.windows(mark.len()).any(|part| part == mark);
            let expected = animation == Animation::Animate && format.holds_animation();
            assert_eq!(moves, expected, "{format:?}, {animation:?}");
        }
    }
}

#[test]
fn more_pixels_in_all_frames_than_may_move_are_refused_only_where_they_would() {
    let source = good("gif-animated.gif");
    let moving = 160 * 120 * 10;
    for (most, animation, is_refused) in [
        (moving, Animation::Animate, false),
        (moving - 1, Animation::Animate, true),
        (moving - 1, Animation::FirstFrame, false),
    ] {
        let limits = Limits { max_animation_pixels: most, ..Limits::default() };
        let result = render(&source, &request(OutputFormat::Gif, animation), &limits);
        let expected =
            Reject::TooLarge { quantity: Quantity::AnimationPixels, value: moving, limit: most };
        let expected = RenderError::Rejected(expected);
        match result {
            Ok(_) => assert!(!is_refused, "{most}, {animation:?}"),
            Err(reject) => assert!(is_refused && reject == expected, "{most}: {reject}"),
        }
    }
}

#[test]
fn an_animation_that_plays_more_often_than_other_formats_can_say_moves_in_all_of_them() {
    let gif = good("gif-animated.gif");
    let png = rendered(&gif, &request(OutputFormat::Png, Animation::Animate)).expect("a good file");
    let png = &png.variants[0].bytes;
    let often = chunks::chunk(b"acTL", &[10_u32, 458_753].map(u32::to_be_bytes).concat());
    let often = chunks::with_before(&chunks::without(png, b"acTL"), b"IDAT", &often);
    for format in [OutputFormat::Gif, OutputFormat::Webp, OutputFormat::Png] {
        let moving = rendered(&often, &request(format, Animation::Animate)).expect("a good file");
        assert_eq!(moving.source.loop_count, 458_753, "{format:?}");
    }
}

#[test]
fn a_cut_animation_is_malformed_where_it_moves() {
    let source = good("gif-animated.gif");
    let cut = &source[..source.len() - 40];
    let first = rendered(cut, &request(OutputFormat::Gif, Animation::FirstFrame));
    assert!(first.is_ok(), "its first frame is there");
    let refusal = rendered(cut, &request(OutputFormat::Gif, Animation::Animate));
    assert_eq!(refusal.expect_err("frames are missing").code(), "malformed");
}
