//! GIFs that break their specification, as browsers show them.

use fixtures::gif::{Disposal, Frame, Gif, gif};
use image::Rgba;
use resizer_engine::Variant;
use resizer_engine::spec::{Animation, OutputFormat, Request};

use crate::support::{opened, picture, rendered, spec};

const RED: Rgba<u8> = Rgba([220, 30, 30, 255]);
const BLUE: Rgba<u8> = Rgba([30, 60, 220, 255]);
const NOTHING: Rgba<u8> = Rgba([0; 4]);

fn as_it_is() -> Request {
    vec![spec(OutputFormat::Png)].into()
}

fn frame(left: u16, top: u16, width: u16, height: u16, index: u8) -> Frame {
    let indices = vec![index; usize::from(width) * usize::from(height)];
    Frame { left, top, width, height, indices, ..Frame::default() }
}

/// Red, blue and two more.
fn file(width: u16, height: u16, frames: Vec<Frame>) -> Gif {
    let colors = vec![[220, 30, 30], [30, 60, 220], [40, 160, 20], [9, 9, 9]];
    Gif { width, height, colors, loop_count: None, frames }
}

#[test]
fn a_first_frame_that_is_larger_than_the_screen_is_the_canvas() {
    let cases = [
        ((20, 20), (30, 30), (30, 30)),
        ((20, 20), (30, 10), (30, 10)),
        ((0, 0), (7, 5), (7, 5)),
        ((0, 9), (7, 5), (7, 5)),
        ((9, 6), (0, 0), (9, 6)),
        ((9, 6), (0, 4), (9, 4)),
    ];
    for (screen, first, expected) in cases {
        // Sides of 0 stand for the screen's.
        let side = |own: u16, screen: u16| if own == 0 { screen } else { own };
        let mut one = frame(0, 0, side(first.0, screen.0), side(first.1, screen.1), 0);
        if first.0 <= screen.0 && first.1 <= screen.1 {
            one.height = side(first.1, screen.1);
        } else {
            // Its place does not count.
            (one.left, one.top) = (3, 2);
        }
        let mut source = gif(&file(screen.0, screen.1, vec![one.clone()]));
        let descriptor = source.iter().rposition(|&byte| byte == 0x2c).expect("a frame");
        source[descriptor + 5..][..2].copy_from_slice(&first.0.to_le_bytes());
        source[descriptor + 7..][..2].copy_from_slice(&first.1.to_le_bytes());
        let found = picture(&source, as_it_is());
        let canvas = if first.0 <= screen.0 && first.1 <= screen.1 { screen } else { expected };
        assert_eq!(found.dimensions(), (canvas.0.into(), canvas.1.into()), "{screen:?} {first:?}");
        let seen = (u32::from(expected.0), u32::from(expected.1));
        for (x, y, pixel) in found.enumerate_pixels() {
            let expected = if x < seen.0 && y < seen.1 { RED } else { NOTHING };
            assert_eq!(*pixel, expected, "{screen:?} {first:?} at {x},{y}");
        }
    }
    // Later frames are cropped, wherever they lie.
    let frames = vec![frame(0, 0, 4, 4, 0), frame(2, 3, 9, 9, 1)];
    let request = Request { animation: Animation::Animate, ..as_it_is() };
    let moving = rendered(&gif(&file(4, 4, frames)), &request).expect("a good file");
    assert_eq!((moving.source.size.width(), moving.source.frame_count), (4, 2));
    let last = frames_of(&moving.variants[0]).pop().expect("two frames");
    for (x, y, pixel) in last.enumerate_pixels() {
        assert_eq!(*pixel, if x >= 2 && y >= 3 { BLUE } else { RED }, "{x},{y}");
    }
}

/// The frames of an animated PNG.
pub(crate) fn frames_of(variant: &Variant) -> Vec<image::RgbaImage> {
    use image::AnimationDecoder;
    let bytes = std::io::Cursor::new(&variant.bytes[..]);
    let decoder = image::codecs::png::PngDecoder::new(bytes).expect("a PNG");
    let frames = decoder.apng().expect("an animation").into_frames().collect_frames();
    frames.expect("whole frames").into_iter().map(image::Frame::into_buffer).collect()
}

#[test]
fn a_canvas_without_pixels_and_without_frames_is_malformed() {
    for (width, height) in [(0, 0), (0, 5), (5, 5)] {
        let source = gif(&file(width, height, Vec::new()));
        let reject = rendered(&source, &as_it_is()).expect_err("nothing to show");
        assert_eq!(reject.code(), "malformed", "{width}x{height}");
    }
}

#[test]
fn without_a_color_table_the_first_index_is_black_and_the_second_white() {
    let mut one = frame(0, 0, 4, 1, 0);
    one.indices = vec![0, 1, 2, 3];
    let with_table = gif(&file(4, 1, vec![one]));
    // The flag, and the four colors behind the screen descriptor.
    let mut source = [&with_table[..13], &with_table[25..]].concat();
    source[10] = 0;
    let found = picture(&source, as_it_is());
    let levels: Vec<u8> = found.pixels().map(|pixel| pixel.0[0]).collect();
    assert_eq!(levels, [0, 255, 0, 0]);
    assert!(found.pixels().all(|pixel| pixel.0[3] == 255));
}

#[test]
fn a_frame_of_fewer_pixels_than_announced_is_malformed_and_one_without_its_end_is_not() {
    let whole = gif(&file(30, 30, vec![frame(0, 0, 30, 30, 1)]));
    let expected = picture(&whole, as_it_is());
    // The trailer and the end of the data's blocks.
    assert_eq!(picture(&whole[..whole.len() - 2], as_it_is()), expected);
    let start = whole.iter().rposition(|&byte| byte == 0x2c).expect("a frame");
    for length in start..whole.len() - 6 {
        let reject = rendered(&whole[..length], &as_it_is()).expect_err("pixels are missing");
        assert_eq!(reject.code(), "malformed", "{length} of {} bytes", whole.len());
    }
}

/// Each frame of what becomes opaque and is cleared, as GIF and WebP hold it.
#[test]
fn what_is_cleared_can_be_seen_through_in_every_program() {
    let disposal = Disposal::Clear;
    let first = Frame { disposal, ..frame(0, 0, 8, 8, 0) };
    let second = frame(2, 2, 3, 3, 1);
    let source = gif(&file(8, 8, vec![first, second]));
    let request = |format| Request { animation: Animation::Animate, ..vec![spec(format)].into() };
    let made = rendered(&source, &request(OutputFormat::Gif)).expect("a good file");
    let bytes = &made.variants[0].bytes;
    let controls: Vec<&[u8]> = bytes
        .windows(4)
        .filter(|part| part[..3] == [0x21, 0xf9, 4])
        .map(|part| &part[3..])
        .collect();
    assert_eq!(controls.len(), 2);
    // Disposal 2, and a transparent index, without which some programs clear to a color.
    assert_eq!(controls[0][0] >> 2 & 7, 2);
    assert_eq!(controls[0][0] & 1, 1, "a transparent index");
    // Only the middle is covered: the library's frames are opaque, the canvas is not.
    let still = file(8, 8, vec![frame(2, 2, 3, 3, 0), frame(3, 3, 2, 2, 1)]);
    let made = rendered(&gif(&still), &request(OutputFormat::Webp)).expect("a good file");
    let bytes = &made.variants[0].bytes;
    assert_eq!(&bytes[12..16], b"VP8X");
    assert_eq!(bytes[20] & 0x10, 0x10, "the canvas has alpha");
    let first = opened(&made.variants[0]);
    assert_eq!(first.get_pixel(0, 0).0[3], 0);
    assert_eq!(first.get_pixel(3, 3).0[3], 255);
}
