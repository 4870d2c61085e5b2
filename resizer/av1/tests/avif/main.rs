//! The files as readers of AVIF see them: their boxes, and the pictures in them as rav1d decodes
//! them.

use re_rav1d::dav1d::{PixelLayout, PlanarImageComponent};
use resizer_av1::{EncodeError, EncodeOptions, PixelFormat, Sampling, encode};

use crate::file::{decode, find, gray_error, items, number};

mod file;

/// Red grows to the right, green to the bottom, and alpha from the left top.
fn pixels(width: u32, height: u32, channels: usize) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let [red, green] = [x * 255 / width, y * 255 / height].map(|value| value as u8);
        [red, green, 90, red / 2 + green / 2][4 - channels..].to_vec()
    };
    (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y))).collect()
}

#[test]
fn a_file_has_a_picture_its_alpha_and_its_metadata() {
    let (exif, xmp, profile) = (b"II*\0 and more", b"<x:xmpmeta/>", [7; 300]);
    let options = EncodeOptions::default()
        .with_format(PixelFormat::Rgba)
        .with_exif(exif)
        .with_xmp(xmp)
        .with_icc_profile(&profile);
    let file = encode(&pixels(150, 70, 4), 150, 70, &options).expect("a file");
    assert_eq!(&find(&file, b"ftyp").expect("ftyp")[..4], b"avif");
    let items = items(&file);
    let kinds: Vec<&str> = items.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["av01", "av01", "Exif", "mime"]);
    assert_eq!((&items[2].1[4..], items[3].1), (&exif[..], &xmp[..]));
    let (color, alpha) = (decode(items[0].1), decode(items[1].1));
    assert_eq!(
        (color.pixel_layout(), alpha.pixel_layout()),
        (PixelLayout::I420, PixelLayout::I400)
    );
    let stride = alpha.stride(PlanarImageComponent::Y) as usize;
    let found = alpha.plane(PlanarImageComponent::Y)[69 * stride + 149];
    assert!(found.abs_diff(252) < 4, "{found}");
    let meta = &find(&file, b"meta").expect("meta")[4..];
    let properties = find(find(meta, b"iprp").expect("iprp"), b"ipco").expect("ipco");
    assert_eq!(find(properties, b"ispe").map(|size| number(&size[4..8])), Some(150));
    assert_eq!(find(properties, b"colr"), Some(&[&b"prof"[..], &profile].concat()[..]));
    assert!(find(properties, b"auxC").is_some_and(|kind| kind.ends_with(b"auxiliary:alpha\0")));
}

#[test]
fn opaque_and_gray_files_have_one_picture() {
    for format in [PixelFormat::Gray, PixelFormat::GrayAlpha, PixelFormat::Rgb, PixelFormat::Rgba] {
        let pixels = vec![255; 40 * 30 * format.channels()];
        let options = EncodeOptions::default().with_format(format).with_sampling(Sampling::S444);
        let file = encode(&pixels, 40, 30, &options).expect("a file");
        let items = items(&file);
        assert_eq!(items.len(), 1, "{format:?}");
        let is_gray = matches!(format, PixelFormat::Gray | PixelFormat::GrayAlpha);
        let layout = if is_gray { PixelLayout::I400 } else { PixelLayout::I444 };
        assert_eq!(decode(items[0].1).pixel_layout(), layout, "{format:?}");
    }
}

#[test]
fn only_screen_content_has_fine_chroma_by_default() {
    let layout = |pixel: &dyn Fn(u32, u32) -> [u8; 3]| {
        let pixels: Vec<u8> = (0..6000).flat_map(|at| pixel(at % 100, at / 100)).collect();
        let options = EncodeOptions::default().with_sampling(Sampling::Automatic);
        let file = encode(&pixels, 100, 60, &options).expect("a file");
        decode(items(&file)[0].1).pixel_layout()
    };
    let gradient = |x: u32, y: u32| [(2 * x) as u8, (3 * y) as u8, (x + y) as u8];
    let stripes =
        |x: u32, _: u32| if (x / 13).is_multiple_of(2) { [200, 40, 30] } else { [20, 250, 240] };
    assert_eq!([layout(&gradient), layout(&stripes)], [PixelLayout::I420, PixelLayout::I444]);
}

#[test]
fn wide_and_high_pictures_have_tiles() {
    for (width, height) in [(4200, 70), (8300, 20), (130, 4500), (4160, 2368)] {
        let pixels: Vec<u8> =
            (0..width * height).map(|at| ((at % width) / 17 + (at / width) / 9) as u8).collect();
        let options = EncodeOptions::default().with_format(PixelFormat::Gray);
        let file = encode(&pixels, width, height, &options).expect("a file");
        let decoded = decode(items(&file)[0].1);
        assert_eq!((decoded.width(), decoded.height()), (width, height));
        let mean = gray_error(&decoded, &pixels);
        assert!(mean < 2.0, "{width}x{height}: {mean}");
    }
}

#[test]
fn pixels_that_do_not_fit_are_refused() {
    let options = EncodeOptions::default();
    let size = |width, height| EncodeError::Size { width, height };
    assert_eq!(encode(&[], 0, 5, &options), Err(size(0, 5)));
    assert_eq!(encode(&[], 65_536, 1, &options), Err(size(65_536, 1)));
    let length = EncodeError::Length { given: 11, expected: 12 };
    assert_eq!(length.to_string(), "11 bytes of pixels were given instead of 12");
    assert_eq!(encode(&[0; 11], 2, 2, &options), Err(length));
}

#[test]
fn all_pictures_are_encoded() {
    let mut state = 1u32;
    let mut random = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    for _ in 0..150 {
        let (width, height) = (random(90) + 1, random(90) + 1);
        let format =
            [PixelFormat::Gray, PixelFormat::GrayAlpha, PixelFormat::Rgb, PixelFormat::Rgba]
                [random(4) as usize];
        let sampling = [Sampling::S420, Sampling::S444][random(2) as usize];
        // Noise, the extremes alone, or steps.
        let kind = random(3);
        let pixels: Vec<u8> = (0..width * height * format.channels() as u32)
            .map(|at| match kind {
                0 => random(256) as u8,
                1 => [0, 255][random(2) as usize],
                _ => (at / 37 * 51) as u8,
            })
            .collect();
        let options = EncodeOptions::default()
            .with_format(format)
            .with_sampling(sampling)
            .with_quality(random(101) as u8);
        let file = encode(&pixels, width, height, &options).expect("a file");
        let decoded = decode(items(&file)[0].1);
        assert_eq!((decoded.width(), decoded.height()), (width, height));
    }
}
