//! AVIFs that move: frames of a track with their times, how often they play, and their alpha.

use image::{DynamicImage, GrayImage, Luma, Rgb, RgbImage, RgbaImage};
use resizer_engine::Source;
use resizer_engine::spec::{Animation, OutputFormat, Request, Truncated};

use crate::avif::{Coded, SIZE, boxed, coded, file, numbers};
use crate::gif::frames_of;
use crate::support::{opened, rendered, spec};

/// A track of three pictures in two chunks, whose first one begins at `offset`, in units of 1/200
/// of a second.
fn track(frames: &[Coded; 3], is_alpha: bool, edits: &[u8], offset: usize) -> Vec<u8> {
    let kind = boxed(b"auxi", &[&[0; 4], b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0"]);
    let kind = if is_alpha { kind } else { Vec::new() };
    let sides = SIZE.map(|side| (side as u16).to_be_bytes()).concat();
    let entry = boxed(b"av01", &[&[0; 24], &sides, &[0; 50], &frames[0].configuration, &kind]);
    let lengths = frames.each_ref().map(|frame| frame.data.len() as u32);
    let second_chunk = offset as u32 + lengths[0] + lengths[1];
    let table = boxed(
        b"stbl",
        &[
            &boxed(b"stsd", &[&numbers(&[0, 1]), &entry]),
            &boxed(b"stts", &[&numbers(&[0, 2, 1, 10, 2, 50])]),
            &boxed(b"stsc", &[&numbers(&[0, 2, 1, 2, 1, 2, 1, 1])]),
            &boxed(b"stsz", &[&numbers(&[0, 0, 3]), &numbers(&lengths)]),
            &boxed(b"stco", &[&numbers(&[0, 2, offset as u32, second_chunk])]),
        ],
    );
    // Times in this header are in units of the movie.
    let header = boxed(b"tkhd", &[&numbers(&[0, 0, 0, 1, 0, 330])]);
    let media_header = boxed(b"mdhd", &[&numbers(&[0, 0, 0, 200, 110])]);
    let media = boxed(b"mdia", &[&media_header, &boxed(b"minf", &[&table])]);
    boxed(b"trak", &[&header, edits, &media])
}

/// An edit list whose pictures play for 110 units.
fn edits(repeats: bool) -> Vec<u8> {
    let flags = u32::from(repeats);
    boxed(b"edts", &[&boxed(b"elst", &[&numbers(&[flags, 1, 110, 0, 0x0001_0000])])])
}

/// One color for each frame.
fn colors() -> [Rgb<u8>; 3] {
    [Rgb([200, 40, 40]), Rgb([40, 180, 40]), Rgb([40, 40, 200])]
}

fn color_frames() -> [Coded; 3] {
    colors().map(|color| coded(&RgbImage::from_pixel(SIZE[0], SIZE[1], color)))
}

fn moving(brand: &[u8; 4], edits: &[u8], alpha: Option<&[Coded; 3]>) -> Vec<u8> {
    let color = color_frames();
    let bytes: Vec<&[u8]> =
        color.iter().chain(alpha.into_iter().flatten()).map(|frame| &frame.data[..]).collect();
    let color_bytes: usize = color.iter().map(|frame| frame.data.len()).sum();
    let tracks = |offset: usize| {
        let alpha = alpha.map(|alpha| track(alpha, true, &[], offset + color_bytes));
        let color = track(&color, false, edits, offset);
        boxed(b"moov", &[&color, &alpha.unwrap_or_default()])
    };
    file(brand, tracks, &bytes)
}

fn animated(truncated: Truncated) -> Request {
    let animation = Animation::Animate;
    Request { animation, truncated, ..vec![spec(OutputFormat::Png)].into() }
}

fn is_near(found: [u8; 4], expected: [u8; 4]) -> bool {
    std::iter::zip(found, expected).all(|(one, other)| one.abs_diff(other) <= 4)
}

fn check(frames: &[RgbaImage], alpha: impl Fn(usize, u32) -> u8) {
    assert_eq!(frames.len(), 3);
    for (at, (frame, Rgb([red, green, blue]))) in frames.iter().zip(colors()).enumerate() {
        assert_eq!(frame.dimensions(), (SIZE[0], SIZE[1]));
        for (x, y, pixel) in frame.enumerate_pixels() {
            let expected = [red, green, blue, alpha(at, x)];
            let is_hidden = expected[3] < 8 && pixel.0[3] < 8;
            assert!(is_hidden || is_near(pixel.0, expected), "frame {at} at {x},{y}: {pixel:?}");
        }
    }
}

#[test]
fn frames_have_their_times_and_play_as_often_as_the_edit_list_says() {
    let cases: [(&[u8], u32); 3] = [(&[], 0), (&edits(false), 1), (&edits(true), 3)];
    for (edits, loops) in cases {
        let file = moving(b"avis", edits, None);
        let source = Source::parse(&file).expect("a good file");
        assert_eq!((source.frame_count(), source.loop_count()), (3, loops));
        let request =
            Request { animation: Animation::Animate, ..vec![spec(OutputFormat::Webp)].into() };
        let webp = rendered(&file, &request).expect("a good file");
        let times = webp_durations(&webp.variants[0].bytes);
        assert_eq!(times, [50, 250, 250], "milliseconds");
        let frames = frames_of(
            &rendered(&file, &animated(Truncated::Refuse)).expect("it moves").variants[0],
        );
        check(&frames, |_, _| 255);
    }
}

/// Of its frames, in milliseconds.
fn webp_durations(file: &[u8]) -> Vec<u32> {
    let starts = file.windows(4).enumerate().filter(|(_, name)| *name == b"ANMF");
    let duration = |at: usize| u32::from_le_bytes([file[at + 20], file[at + 21], file[at + 22], 0]);
    starts.map(|(at, _)| duration(at)).collect()
}

#[test]
fn alpha_comes_from_a_track_of_its_own() {
    let slopes = [255, 95, 40].map(|most: u32| {
        let slope =
            GrayImage::from_fn(SIZE[0], SIZE[1], |x, _| Luma([(x * most / (SIZE[0] - 1)) as u8]));
        coded(&DynamicImage::ImageLuma8(slope).to_rgb8())
    });
    let file = moving(b"avis", &[], Some(&slopes));
    let frames = rendered(&file, &animated(Truncated::Refuse)).expect("a good file");
    let most = [255, 95, 40];
    check(&frames_of(&frames.variants[0]), |at, x| (x * most[at] / (SIZE[0] - 1)) as u8);
}

#[test]
fn only_what_is_made_to_move_does() {
    let still = moving(b"avif", &[], None);
    assert_eq!(Source::parse(&still).expect("a good file").frame_count(), 1, "its brand is still");
    let first: Request = vec![spec(OutputFormat::Png)].into();
    let found = rendered(&moving(b"avis", &[], None), &first).expect("a good file");
    let Rgb([red, green, blue]) = colors()[0];
    let pixel = opened(&found.variants[0]).get_pixel(9, 9).0;
    assert!(is_near(pixel, [red, green, blue, 255]), "{pixel:?}");
}

#[test]
fn frames_that_lie_outside_of_the_file_are_missing() {
    let file = moving(b"avis", &[], None);
    let last = color_frames()[2].data.len();
    let cut = &file[..file.len() - last];
    let error = rendered(cut, &animated(Truncated::Refuse)).expect_err("a frame is missing");
    assert_eq!(error.code(), "malformed", "{error}");
    let found = rendered(cut, &animated(Truncated::Accept)).expect("two frames");
    assert_eq!(frames_of(&found.variants[0]).len(), 2);
    // The first frame alone is whole.
    let found = rendered(cut, &vec![spec(OutputFormat::Png)].into()).expect("a good picture");
    assert_eq!(opened(&found.variants[0]).dimensions(), (SIZE[0], SIZE[1]));
}
