//! JPEG XL files: with and without losses, turned, in boxes, animated, in HDR, truncated; refusals.

use fixtures::jxl::{
    Colors, Flat, Header, RGB, RGBA, RGBA_LOSSLESS, compressed_box, exif, file, flat, one_box,
};
use fixtures::png::{PngOptions, Samples, chunks, png};
use image::imageops::{flip_horizontal, flip_vertical, rotate90, rotate180, rotate270};
use image::{Rgb, RgbImage, Rgba, RgbaImage};
use resizer_engine::spec::{Animation, Metadata, OutputFormat, Request, Truncated};
use resizer_engine::{Control, Job, Limits, Quantity, Reject, RenderError, Source, Stop, render};

use crate::support::{good, mean_difference, opened, picture, rendered, spec};

fn as_it_is() -> Request {
    vec![spec(OutputFormat::Png)].into()
}

fn seen(name: &str) -> RgbaImage {
    picture(&good(&format!("jxl-{name}.jxl")), as_it_is())
}

fn twin(name: &str) -> RgbaImage {
    picture(&good(name), as_it_is())
}

fn with_black_where_transparent(mut picture: RgbaImage) -> RgbaImage {
    picture.pixels_mut().filter(|pixel| pixel.0[3] == 0).for_each(|pixel| pixel.0 = [0; 4]);
    picture
}

#[test]
fn what_is_without_losses_is_the_png_that_it_was_made_from() {
    for (name, twin_name) in
        [("lossless-alpha", "png-rgba-8.png"), ("lossless-gray", "png-gray-8.png")]
    {
        let [own, twin] = [seen(name), twin(twin_name)].map(with_black_where_transparent);
        assert!(own == twin, "{name}: {} levels", mean_difference(&own, &twin));
    }
    let linear = chunks::chunk(b"cICP", &[1, 8, 0, 1]);
    let twin = chunks::with_before(&good("png-rgb-16.png"), b"IDAT", &linear);
    let twin = picture(&twin, as_it_is());
    let named = [("lossless-linear-16", twin), ("lossless-p3", self::twin("png-icc-p3.png"))];
    for (name, twin) in named {
        let own = seen(name);
        assert_eq!(own.dimensions(), twin.dimensions(), "{name}");
        let pairs = std::iter::zip(own.as_raw(), twin.as_raw());
        let largest = pairs.map(|(own, twin)| own.abs_diff(*twin)).max();
        assert!(largest <= Some(1), "{name}: {largest:?} levels");
    }
}

#[test]
fn what_has_losses_shows_the_picture() {
    for (name, twin_name, levels) in [
        ("lossy", "png-rgb-8.png", 3.0),
        ("lossy-alpha", "png-rgba-8.png", 6.0),
        ("transcoded", "jpeg-420.jpg", 1.0),
        ("boxes-parts", "png-rgb-8.png", 3.0),
    ] {
        let difference = mean_difference(&seen(name), &twin(twin_name));
        assert!(difference < levels, "{name}: {difference} levels");
    }
    assert!(seen("boxes-parts") == seen("lossy"), "the same in two parts");
}

#[test]
fn the_header_turns_a_picture_and_exif_does_not() {
    let whole = seen("lossy");
    let turned = |orientation: u8| {
        picture(&RGB.with(&Header { orientation, ..Header::default() }), as_it_is())
    };
    assert!(turned(1) == whole);
    assert!(turned(2) == flip_horizontal(&whole));
    assert!(turned(3) == rotate180(&whole));
    assert!(turned(4) == flip_vertical(&whole));
    assert!(turned(5) == rotate270(&flip_horizontal(&whole)));
    assert!(turned(6) == rotate90(&whole));
    assert!(turned(7) == rotate90(&flip_horizontal(&whole)));
    assert!(turned(8) == rotate270(&whole));
    assert!(seen("boxes-exif") == whole, "its EXIF says otherwise");
}

#[test]
fn exif_and_xmp_are_read_from_boxes_also_compressed() {
    let xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>for the test</x:xmpmeta>";
    let boxes = |xmp: Vec<u8>| file(&[one_box(b"jxlc", RGB.bytes), xmp]);
    let sources = [
        (good("jxl-boxes-exif.jxl"), &b"A. Painter"[..]),
        (good("jxl-boxes-exif-compressed.jxl"), b"A. Painter"),
        (boxes(one_box(b"xml ", xmp)), b"for the test"),
        (boxes(compressed_box(b"xml ", xmp)), b"for the test"),
    ];
    for (metadata, is_kept) in [(Metadata::All, true), (Metadata::None, false)] {
        for (number, (source, text)) in sources.iter().enumerate() {
            let mut request = as_it_is();
            request.variants[0].metadata = metadata;
            request.variants[0].formats = spec(OutputFormat::Jpeg).formats;
            let bytes = rendered(source, &request).expect("a good file").variants.remove(0).bytes;
            let has = bytes.windows(text.len()).any(|part| part == *text);
            assert_eq!(has, is_kept, "source {number}, {metadata:?}");
        }
    }
    let damaged = file(&[one_box(b"brob", b"Exif\xff\xff\xff"), one_box(b"jxlc", RGB.bytes)]);
    assert!(picture(&damaged, as_it_is()) == seen("lossy"), "its EXIF is damaged");
    let short = file(&[one_box(b"Exif", &exif(b"")), one_box(b"jxlc", RGB.bytes)]);
    assert!(picture(&short, as_it_is()) == seen("lossy"), "its EXIF is empty");
}

#[test]
fn an_animation_moves_with_its_durations_and_loops() {
    let source = good("jxl-animated.jxl");
    let parsed = Source::parse(&source).expect("a good file");
    assert_eq!((parsed.frame_count(), parsed.loop_count()), (2, 3));
    let still = picture(&source, as_it_is());
    assert!(still.pixels().all(|pixel| *pixel == Rgba([120, 120, 120, 255])), "the first frame");
    let moving = Request { animation: Animation::Animate, ..as_it_is() };
    let bytes = rendered(&source, &moving).expect("a good file").variants.remove(0).bytes;
    let decoder = image::codecs::png::PngDecoder::new(std::io::Cursor::new(&bytes[..]));
    let decoder = decoder.expect("a PNG").apng().expect("it moves");
    let frames = image::AnimationDecoder::into_frames(decoder).collect_frames();
    let frames = frames.expect("a good file");
    let times: Vec<u32> = frames.iter().map(|frame| frame.delay().numer_denom_ms().0).collect();
    assert_eq!(times, [120, 40]);
    // The second frame replaces a part of what was kept, which the first one was not.
    let last = frames[1].buffer();
    for (x, y, level) in [(0, 0, 50), (19, 29, 50), (20, 10, 200), (39, 29, 200)] {
        assert_eq!(*last.get_pixel(x, y), Rgba([level, level, level, 255]), "{x}, {y}");
    }
}

#[test]
fn colors_multiplied_by_alpha_are_divided_by_it() {
    let level = |is_premultiplied| {
        let header = Header { alpha: Some(is_premultiplied), ..Header::lossless((3, 2)) };
        let source = flat(&header, &[Flat { level: 100, ..Flat::default() }]);
        *picture(&source, as_it_is()).get_pixel(1, 1)
    };
    assert_eq!(level(false), Rgba([100, 100, 100, 100]));
    assert_eq!(level(true), Rgba([255, 255, 255, 100]));
}

#[test]
fn hdr_and_linear_light_become_what_they_become_in_a_png() {
    for (colors, code_points, levels) in [
        (Colors::Pq, [9, 16, 0, 1], [0, 60, 120, 150, 200]),
        (Colors::Linear, [1, 8, 0, 1], [0, 1, 9, 90, 255]),
    ] {
        for level in levels {
            let header = Header { colors, ..Header::lossless((4, 4)) };
            let own = flat(&header, &[Flat { level, ..Flat::default() }]);
            let pixels = RgbImage::from_pixel(4, 4, Rgb([level as u8; 3]));
            let twin = png(&Samples::rgb(&pixels), &PngOptions::default());
            let twin = chunks::with_before(&twin, b"IDAT", &chunks::chunk(b"cICP", &code_points));
            let [own, twin] = [own, twin].map(|source| picture(&source, as_it_is()));
            assert!(mean_difference(&own, &twin) <= 1.0, "{colors:?}, {level}: {own:?}, {twin:?}");
        }
    }
}

#[test]
fn several_threads_make_the_same() {
    let header = Header::lossless((3000, 1500));
    for source in [good("jxl-lossless-alpha.jxl"), flat(&header, &[Flat::default()])] {
        let render = |threads: usize| {
            let source = Source::parse(&source).expect("a good file");
            let job = Job::prepare(source, &as_it_is(), &Limits::default()).expect("within limits");
            let control = Control { stop: Stop::default(), threads, stage_ended: &mut |_| {} };
            job.render(control).expect("a good file").variants
        };
        assert!([2, 3, 8].map(render) == [1, 1, 1].map(render));
    }
}

#[test]
fn a_stopped_job_ends_between_two_parts() {
    let source = fixtures::hostile::jxl::one_level(6000, &fixtures::hostile::jxl::gray());
    let source = Source::parse(&source).expect("a good file");
    let job = Job::prepare(source, &as_it_is(), &Limits::default()).expect("within limits");
    let stop = Stop::default();
    std::thread::scope(|scope| {
        let (end, control) = (stop.clone(), stop.clone());
        scope.spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(5));
            end.set();
        });
        let control = Control { stop: control, threads: 1, stage_ended: &mut |_| {} };
        assert_eq!(job.render(control).expect_err("it is stopped"), RenderError::Stopped);
    });
}

#[test]
fn a_truncated_file_shows_what_is_there_if_that_is_accepted() {
    let accepting =
        |source: &[u8]| rendered(source, &Request { truncated: Truncated::Accept, ..as_it_is() });
    let flat = flat(&Header::lossless((3000, 1500)), &[Flat { level: 90, ..Flat::default() }]);
    for missing in 1..=3 {
        // The last bytes are the last groups, of which two rows have three each.
        let shown = accepting(&flat[..flat.len() - missing]).expect("there are other groups");
        let shown = opened(&shown.variants[0]);
        assert_eq!(shown.get_pixel(100, 100), &Rgba([90, 90, 90, 255]), "{missing} are missing");
        assert_eq!(shown.get_pixel(2999, 1499), &Rgba([0, 0, 0, 255]), "{missing} are missing");
    }
    for source in [RGB.bytes, RGBA.bytes, RGBA_LOSSLESS, &flat] {
        let whole = picture(source, as_it_is());
        for length in (2..source.len()).step_by(source.len() / 20 + 1) {
            let refused = rendered(&source[..length], &as_it_is()).expect_err("it is truncated");
            assert_eq!(refused.code(), "malformed", "{refused}");
            match accepting(&source[..length]) {
                Ok(shown) => {
                    assert_eq!(opened(&shown.variants[0]).dimensions(), whole.dimensions());
                }
                Err(refused) => assert_eq!(refused.code(), "malformed", "{refused}"),
            }
        }
    }
}

#[test]
fn many_pixels_and_long_profiles_in_few_bytes_are_refused_before_pixels() {
    let refused = |source: &[u8]| match render(source, &as_it_is(), &Limits::default()) {
        Err(RenderError::Rejected(Reject::TooLarge { quantity, .. })) => quantity,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&fixtures::hostile::jxl::kept(4000, 17)), Quantity::CodedPixels);
    assert_eq!(refused(&fixtures::hostile::jxl::long_profile(1000)), Quantity::ProfileBytes);
    assert_eq!(refused(&fixtures::hostile::jxl::long_profile(1 << 40)), Quantity::ProfileBytes);
    let side = flat(&Header::lossless((70_000, 10)), &[Flat::default()]);
    assert_eq!(refused(&side), Quantity::SidePixels);
    let large = fixtures::hostile::jxl::one_level(16_000, &Header::lossless((1, 1)));
    assert_eq!(refused(&large), Quantity::MemoryBytes);
}
