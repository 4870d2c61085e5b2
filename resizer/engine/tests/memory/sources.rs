//! The pictures whose memory is measured: all fixtures, large ones of every format that are made
//! here, and real ones of the corpus.

use std::io::Cursor;

use fixtures::gain_map::UltraHdr;
use fixtures::gif::{Disposal, Frame, Gif, balloon, colors, gif};
use fixtures::jpeg::{CmykCoding, JpegOptions, Subsampling, cmyk, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use fixtures::tiff::{Chunks, Compression, Fax, Lzw, TiffOptions, TiffSamples, tiff};
use image::{DynamicImage, ImageFormat, RgbImage, RgbaImage};
use resizer_engine::spec::{Animation, Effort, FormatSpec, OutputFormat, Request, VariantSpec};
use resizer_engine::{Limits, render};

/// A file and its name.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

fn source(name: &str, bytes: Vec<u8>) -> Source {
    Source { name: name.to_owned(), bytes }
}

/// The committed pictures.
pub(crate) fn small() -> Vec<Source> {
    let good = fixtures::good::all().into_iter();
    let alternating = fixtures::hostile::heif::alternating_configurations(60_000);
    let alternating = source("HEIC with two configurations in turn", alternating);
    good.map(|fixture| source(&fixture.name, fixture.bytes)).chain([alternating]).collect()
}

/// Pictures large enough that no fixed cost hides a wrong term.
pub(crate) fn large() -> Vec<Source> {
    let scene = photograph(800, 600, 1);
    let alpha = DynamicImage::ImageRgb8(scene.clone()).to_rgba8();
    [
        gain_maps(),
        jpegs(&scene),
        pngs(&scene, &alpha),
        drawings(),
        plain(&scene, &alpha),
        tiffs(&scene),
        moving(),
        avifs(),
    ]
    .concat()
}

/// A map of a quarter of the picture's sides, and one of colors that is as large.
fn gain_maps() -> Vec<Source> {
    let size = (800, 600);
    let small = UltraHdr { size, map_size: (200, 150), ..UltraHdr::default() };
    let full = UltraHdr { size, map_size: size, is_colored: true, ..UltraHdr::default() };
    vec![source("small gain map", small.file()), source("full gain map", full.file())]
}

fn jpegs(scene: &RgbImage) -> Vec<Source> {
    let options = || JpegOptions { subsampling: Subsampling::S444, ..JpegOptions::default() };
    let baseline = jpeg(scene, &options());
    let endless = baseline[..baseline.len() - 2].to_vec();
    let progressive = jpeg(scene, &JpegOptions { progressive: true, ..options() });
    vec![
        source("baseline", baseline),
        source("without its end", endless),
        source("progressive", progressive),
        source("four inks", cmyk(scene, CmykCoding::Cmyk)),
        source("luma, chroma and black", cmyk(scene, CmykCoding::Ycck)),
    ]
}

fn pngs(scene: &RgbImage, alpha: &RgbaImage) -> Vec<Source> {
    let plain = PngOptions::default;
    let interlaced = || PngOptions { interlaced: true, ..plain() };
    let mut deep = Samples::rgba(alpha);
    deep.depth = png::BitDepth::Sixteen;
    deep.values.iter_mut().for_each(|value| *value *= 257);
    vec![
        source("alpha", png(&Samples::rgba(alpha), &plain())),
        source("interlaced", png(&Samples::rgb(scene), &interlaced())),
        source("16 bits", png(&deep, &plain())),
        source("interlaced 16 bits", png(&deep, &interlaced())),
    ]
}

/// Pictures of flat colors: one of large areas, one that is noise for half of its pixels, and one
/// with alpha.
fn drawings() -> Vec<Source> {
    let [mut areas, mut noise] = [(); 2].map(|()| RgbaImage::new(800, 600));
    for (x, y, pixel) in areas.enumerate_pixels_mut() {
        pixel.0 = [(x / 50 * 16) as u8, (y / 50 * 21) as u8, 90, 255];
    }
    for (x, y, pixel) in noise.enumerate_pixels_mut() {
        let number = (x / 3).wrapping_mul(0x9e37_79b9) ^ y.wrapping_mul(0x85eb_ca6b);
        pixel.0 = number.wrapping_mul(0xc2b2_ae35).to_be_bytes();
    }
    let opaque = |picture: &RgbaImage| DynamicImage::ImageRgba8(picture.clone()).to_rgb8();
    let plain = PngOptions::default;
    vec![
        source("areas", png(&Samples::rgb(&opaque(&areas)), &plain())),
        source("flat noise", png(&Samples::rgb(&opaque(&noise)), &plain())),
        source("flat noise with alpha", png(&Samples::rgba(&noise), &plain())),
    ]
}

/// BMP and TIFF.
fn plain(scene: &RgbImage, alpha: &RgbaImage) -> Vec<Source> {
    let written = |picture: DynamicImage, format: ImageFormat| {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("a Vec takes every write");
        bytes.into_inner()
    };
    let rgb = || DynamicImage::ImageRgb8(scene.clone());
    let rgba = || DynamicImage::ImageRgba8(alpha.clone());
    vec![
        source("BMP", written(rgb(), ImageFormat::Bmp)),
        source("BMP with alpha", written(rgba(), ImageFormat::Bmp)),
        source("gray BMP", written(rgb().to_luma8().into(), ImageFormat::Bmp)),
        source("TIFF", written(rgb(), ImageFormat::Tiff)),
        source("gray TIFF", written(rgb().to_luma8().into(), ImageFormat::Tiff)),
        source("TIFF of 16 bits", written(rgba().to_rgba16().into(), ImageFormat::Tiff)),
    ]
}

/// TIFF in strips and in tiles, in every compression; and with a profile of 8 MB.
fn tiffs(scene: &RgbImage) -> Vec<Source> {
    let (width, height) = scene.dimensions();
    let values: Vec<u16> = scene.as_raw().iter().map(|&value| value.into()).collect();
    let rgb = TiffSamples { width, height, bits: 8, per_pixel: 3, model: 2, values };
    let dark = rgb.values.chunks_exact(3).map(|pixel| u16::from(pixel[1] < 110)).collect();
    let black = TiffSamples { bits: 1, per_pixel: 1, model: 0, values: dark, ..rgb.clone() };
    let deep = rgb.values.iter().map(|value| value * 257).collect();
    let deep = TiffSamples { bits: 16, values: deep, ..rgb.clone() };
    let of = |name: &str, samples: &TiffSamples, compression: Compression, chunks, planar| {
        let options = TiffOptions { compression, chunks, planar, ..TiffOptions::default() };
        source(name, tiff(samples, &options))
    };
    let strips = Chunks::Strips(u32::MAX);
    let [lzw, deflate] = [Compression::Lzw(Lzw::Whole), Compression::Deflate(8)];
    let jpeg = Compression::Done(7, vec![jpeg(scene, &JpegOptions::default())]);
    let ycbcr = TiffSamples { model: 6, ..rgb.clone() };
    vec![
        of("TIFF of LZW in a strip", &rgb, lzw.clone(), strips, false),
        of("TIFF of LZW in planes", &rgb, lzw, Chunks::Strips(8), true),
        of("TIFF of Deflate in tiles", &deep, deflate.clone(), Chunks::Tiles(256, 256), false),
        of("TIFF of Deflate in two tiles", &rgb, deflate, Chunks::Tiles(400, 600), true),
        of("TIFF of fax codes", &black, Compression::Fax(Fax::Group4), strips, false),
        of("TIFF of a JPEG", &ycbcr, jpeg, strips, false),
        source("TIFF with a profile of 8 MB", fixtures::hostile::tiff::profile(8 << 20)),
        source("TIFF with a million strips", fixtures::hostile::tiff::tables(1_000_000)),
    ]
}

/// A GIF of one frame that says that it is to be undone.
fn undone() -> Vec<u8> {
    let frame = Frame {
        left: 0,
        top: 0,
        width: 1000,
        height: 800,
        indices: vec![1; 800_000],
        delay_cs: 0,
        disposal: Disposal::Restore,
        transparent: None,
        interlaced: false,
    };
    let (colors, frames) = (colors(), vec![frame]);
    gif(&Gif { width: 1000, height: 800, colors, loop_count: None, frames })
}

/// The same animation in each format that can hold one.
fn moving() -> Vec<Source> {
    let gif = balloon(800, 600, 4, 1);
    let animation = Animation::Animate;
    let of = |format| ours(&gif, format, Request { animation, ..Request::default() });
    let [webp, png] = [OutputFormat::Webp, OutputFormat::Png].map(of);
    let undone = source("GIF of a frame to be undone", undone());
    vec![source("moving GIF", gif), source("moving WebP", webp), source("moving PNG", png), undone]
}

fn avifs() -> Vec<Source> {
    let scene = photograph(320, 240, 1);
    let mut alpha = DynamicImage::ImageRgb8(scene.clone()).to_rgba8();
    alpha.pixels_mut().for_each(|pixel| pixel.0[3] = pixel.0[0]);
    let [opaque, alpha] = [Samples::rgb(&scene), Samples::rgba(&alpha)].map(|samples| {
        let png = png(&samples, &PngOptions::default());
        ours(&png, OutputFormat::Avif, Request::default())
    });
    vec![source("AVIF", opaque), source("AVIF with alpha", alpha)]
}

/// What the engine makes of a file, in another format and otherwise as it is.
fn ours(file: &[u8], format: OutputFormat, request: Request) -> Vec<u8> {
    let formats = vec![FormatSpec::Fixed(format)];
    let spec = VariantSpec { formats, effort: Effort::Fast, ..VariantSpec::default() };
    let request = Request { variants: vec![spec], ..request };
    let rendered = render(file, &request, &Limits::default());
    rendered.expect("a good file").variants.remove(0).bytes
}

/// Files of the corpus: inks with a profile; AVIF of 8, 10 and 12 bits, in tiles, gray, with
/// half of the color; HEIC of telephones and cameras; JPEG XL of its
/// authors; WebP and TIFF of other programs.
pub(crate) fn real() -> Vec<Source> {
    const FILES: [&str; 28] = [
        "avif-microsoft/Chimera_10bit_cropped_to_1920x1008.avif",
        "avif-microsoft/Monochrome.avif",
        "avif-microsoft/Ronda_rotate90.avif",
        "avif-microsoft/bbb_alpha_inverted.avif",
        "golang-image/video-001-tile-64x64.tiff",
        "golang-image/yellow_rose.lossless.webp",
        "heic/bigcat88__RGBA_12__29x100.heif",
        "heic/bigcat88__cat.hif",
        "heic/immich-app__IMG_2682.heic",
        "heic/strukturag__example.heic",
        "image-gif/samples__gifplayer-muybridge.gif",
        "image-rs-image/tests__images__webp__extended_images__anim.webp",
        "jxl/animation_icos4d.jxl",
        "jxl/cmyk_layers.jxl",
        "jxl/h2non__test.jxl",
        "jxl/libjxl__issue772_blendbug.jxl",
        "jxl/libjxl__multiple_lf_420.jxl",
        "jxl/libjxl__zoltan_tasi_unsplash.jxl",
        "jxl/patches_lossless.jxl",
        "jxl/sunset_logo.jxl",
        "libavif/colors-animated-12bpc-keyframes-0-2-3.avif",
        "libavif/colors-animated-8bpc-alpha-exif-xmp.avif",
        "libavif/sofa_grid1x5_420.avif",
        "libavif/weld_sato_12B_8B_q0.avif",
        "sharp/Channel_digital_image_CMYK_color.jpg",
        "sharp/animated-loop-3.webp",
        "sharp/tifftag-photoshop.tiff",
        "zune-jpeg/crates__zune-png__tests__random__animated_ball.png",
    ];
    let corpus = fixtures::outside::corpus();
    let read = |name: &str| std::fs::read(corpus.join(name)).expect("the set's file can be read");
    FILES.map(|name| source(name, read(name))).to_vec()
}
