//! PNG. The smallest of several forms is written. Some hold the picture exactly. Others have a
//! palette of fewer colors, or samples that are off by a few levels. A picture without a profile is
//! marked as sRGB. The library `png` writes the chunks.

mod apng;
mod deflate;
mod dither;
mod filter;
mod form;
mod histogram;
mod likeness;
mod lossy;
mod near;
mod nearest;
mod palette;
mod quantize;
mod rows;
mod space;
mod stream;

use std::borrow::Cow;
use std::io::Write;

use png::{
    BitDepth, ColorType, Encoder as PngEncoder, EncodingError, Info, SrgbRenderingIntent, chunk,
};

use self::apng::ApngEncoder;
use self::deflate::Search;
use self::filter::Filter;
use self::form::{Form, Profile};
use self::lossy::Terms;
use self::near::Near;
use self::palette::Indexed;
use self::stream::{Deflate, Method, compressed, recompressed};
use super::{Encoder, File};
use crate::error::RenderError;
use crate::raster::{Raster, Size};
use crate::spec::{Effort, MAX_SIDE, PngColors};

pub(super) const ENCODER: Encoder = Encoder {
    extension: "png",
    media_type: "image/png",
    max_side: MAX_SIDE,
    holds_profile: true,
    // A histogram has room for 16,384 colors; rows wait for those around them.
    working_bytes: |set| {
        let (bins, width) = (set.pixels.min(1 << 14), u64::from(set.size.width()));
        let recompressed = (set.pixels * 4).min(RECOMPRESSED_BYTES as u64);
        set.pixels * 12 + recompressed + bins * 150 + width * 600 + (5 << 19)
    },
    encode: |picture, file| encode(file.done(picture.pixels())?, file),
    animate: Some(|first, loops, file| Ok(Box::new(ApngEncoder::new(first.size(), loops, file)?))),
};

/// Up to so many colors all are kept, whatever is asked.
const FEW_COLORS: usize = 64;

/// The largest raster, in bytes, whose final stream is compressed again by an optimal parse.
const RECOMPRESSED_BYTES: usize = 1 << 22;

/// Samples may be off by one level for each time that the quality is this much below 100.
const QUALITY_OF_LEVEL: u8 = 20;

/// The part of the exact file's bytes that a lossy file must save, as a fraction.
const LEAST_SAVING: [usize; 2] = [1, 10];

/// A picture that is not exactly the raster.
enum Lossy {
    Palette(Indexed),
    Near(Near),
}

/// A form, the filter of its rows, and its stream.
struct Candidate<'a> {
    form: Form<'a>,
    filter: Filter,
    stream: Vec<u8>,
}

impl Candidate<'_> {
    fn bytes(&self) -> usize {
        header_bytes(&self.form) + self.stream.len()
    }
}

fn encode(raster: &Raster, file: &File<'_>) -> Result<Vec<u8>, RenderError> {
    let profile = Profile::of(file.extras.icc);
    let exact = Indexed::exact(raster).filter(|_| profile.allows_palette());
    let lossy = lossy(raster, exact.as_ref(), profile, file)?;
    let forms = match &lossy {
        Some(Lossy::Palette(indexed)) => vec![Form::of_numbers(indexed, raster.size())],
        Some(Lossy::Near(near)) => vec![Form::of_channels(&near.raster, profile)],
        None => Vec::new(),
    };
    let mut best = smallest(forms, raster, usize::MAX, file)?;
    // An exact file replaces the lossy one if the lossy one saves less than a tenth.
    let limit = best.as_ref().map_or(usize::MAX, |lossy| {
        let [part, whole] = LEAST_SAVING;
        lossy.bytes().saturating_mul(whole) / (whole - part)
    });
    best = smallest(exact_forms(raster, exact.as_ref(), profile), raster, limit, file)?.or(best);
    if let (Some(best), Some(search)) = (&mut best, search(raster, file)) {
        let height = raster.size().height() as usize;
        let stream = recompressed((&best.form, height), best.filter, search, file.stop)?;
        if stream.len() < best.stream.len() {
            best.stream = stream;
        }
    }
    file.guarded(|| {
        let best = best.ok_or_else(|| super::Failure::of("no form"))?;
        let mut bytes = Vec::with_capacity(best.bytes() + 1024);
        write(&best, raster.size(), file, &mut bytes)?;
        Ok(bytes)
    })
}

/// The raster in fewer colors, or with samples that are off by a few levels; `None` if the file
/// must be exact or would hardly be smaller.
fn lossy(
    raster: &Raster,
    exact: Option<&Indexed>,
    profile: Profile,
    file: &File<'_>,
) -> Result<Option<Lossy>, RenderError> {
    let Some(terms) = terms(file) else { return Ok(None) };
    // In a picture that has a palette, fewer colors save little, and are visible in gradients.
    let is_few = exact.is_some_and(|exact| !terms.is_forced || exact.colors.len() <= FEW_COLORS);
    if !is_few
        && profile.allows_palette()
        && let Some(indexed) = lossy::indexed(raster, terms, file.stop)?
    {
        return Ok(Some(Lossy::Palette(indexed)));
    }
    let is_photograph =
        exact.is_none_or(|exact| exact.colors.len() > FEW_COLORS && exact.is_gray());
    let levels = (100 - terms.quality) / QUALITY_OF_LEVEL;
    if terms.is_forced || !is_photograph || levels == 0 {
        return Ok(None);
    }
    let near = near::near(raster, levels, file.stop)?;
    Ok(near.is_maybe_smaller().then_some(Lossy::Near(near)))
}

/// The search for the final stream; `None` if there is no search. It takes as long as all other
/// streams together, so only small pictures have it, as most variants are.
fn search(raster: &Raster, file: &File<'_>) -> Option<Search> {
    let (limit, search) = match file.variant.effort {
        Effort::Fast => return None,
        Effort::Balanced => (RECOMPRESSED_BYTES / 2, Search { depth: 32, rounds: 2 }),
        Effort::Small => (RECOMPRESSED_BYTES, Search { depth: 128, rounds: 4 }),
    };
    (raster.pixels().len() <= limit).then_some(search)
}

/// What is asked of a palette of fewer colors; nothing where the picture must be exact.
fn terms(file: &File<'_>) -> Option<Terms> {
    let (quality, effort) = (file.variant.quality.png, file.variant.effort);
    let is_forced = match file.variant.png_colors {
        PngColors::All => return None,
        PngColors::Auto if effort == Effort::Fast => return None,
        PngColors::Auto => false,
        PngColors::Palette => true,
    };
    (quality < 100).then_some(Terms { quality, effort, is_forced })
}

/// The forms that hold exactly the picture, the likely smallest one first.
fn exact_forms<'a>(
    raster: &'a Raster,
    exact: Option<&'a Indexed>,
    profile: Profile,
) -> Vec<Form<'a>> {
    let Some(exact) = exact else { return vec![Form::of_channels(raster, profile)] };
    let numbers = Form::of_numbers(exact, raster.size());
    if !exact.is_gray() {
        return vec![numbers];
    }
    let channels = Form::of_channels(raster, profile);
    // Grays with a palette need one, and may need fewer bits.
    if numbers.bits < channels.bits || channels.color != ColorType::Grayscale {
        vec![numbers, channels]
    } else {
        vec![channels]
    }
}

/// The smallest file of these forms, if one has at most so many bytes.
fn smallest<'a>(
    forms: Vec<Form<'a>>,
    raster: &Raster,
    mut limit: usize,
    file: &File<'_>,
) -> Result<Option<Candidate<'a>>, RenderError> {
    let effort = file.variant.effort;
    let height = raster.size().height() as usize;
    let mut best = None;
    for form in forms.into_iter().flat_map(|form| tried(form, effort)) {
        for &method in methods(&form, effort) {
            let Some(limit_of_stream) = limit.checked_sub(header_bytes(&form)) else { continue };
            let stream = compressed(&form, height, method, limit_of_stream, file)?;
            if let Some(stream) = stream {
                let is_noise = stream.len() >= form.bytes(raster.size()) / 16 * 15;
                let candidate = Candidate { form, filter: method.filter, stream };
                limit = candidate.bytes().saturating_sub(1);
                best = Some(candidate);
                // The other filters do not help either.
                if is_noise {
                    break;
                }
            }
        }
        if effort == Effort::Fast && best.is_some() {
            break;
        }
    }
    Ok(best)
}

/// A form, and the same with whole bytes where that may be smaller.
fn tried(form: Form<'_>, effort: Effort) -> Vec<Form<'_>> {
    if form.colors().is_some() && form.bits < 8 && effort != Effort::Fast {
        return vec![form, form.in_bytes()];
    }
    vec![form]
}

/// How a form is compressed: once, twice, or with all that zlib has. Level 6 and both filters make
/// drawings with gradients 12 % smaller than level 3 and the first one.
fn methods(form: &Form<'_>, effort: Effort) -> &'static [Method] {
    const PLAIN: Filter = Filter::Plain;
    let is_packed = form.colors().is_some() || form.bits < 8;
    match (effort, is_packed) {
        (Effort::Fast, true) => const { &[Method::new(PLAIN, Deflate::Fast)] },
        (Effort::Fast, false) => const { &[Method::new(Filter::Adaptive, Deflate::Fast)] },
        (Effort::Balanced, true) => const { &[Method::new(PLAIN, Deflate::Level(6))] },
        (Effort::Balanced, false) => {
            const {
                &[
                    Method::new(Filter::Adaptive, Deflate::Level(6)),
                    Method::new(Filter::Sub, Deflate::Level(6)),
                ]
            }
        }
        (Effort::Small, _) => {
            const {
                &[
                    Method::new(Filter::Adaptive, Deflate::Level(9)),
                    Method::new(Filter::Sub, Deflate::Level(9)),
                    Method::new(PLAIN, Deflate::Level(9)),
                ]
            }
        }
    }
}

/// The bytes of PLTE and tRNS.
fn header_bytes(form: &Form<'_>) -> usize {
    const CHUNK: usize = 12;
    form.colors().map_or(0, |colors| {
        let alphas = alpha_count(colors);
        CHUNK + 3 * colors.len() + if alphas > 0 { CHUNK + alphas } else { 0 }
    })
}

/// The colors that come first, up to the last one that is not opaque.
fn alpha_count(colors: &[[u8; 4]]) -> usize {
    colors.iter().rposition(|color| color[3] < 255).map_or(0, |last| last + 1)
}

fn write(
    Candidate { form, stream, .. }: &Candidate<'_>,
    size: Size,
    file: &File<'_>,
    bytes: &mut Vec<u8>,
) -> Result<(), EncodingError> {
    let mut encoder = encoder(bytes, size, file)?;
    encoder.set_color(form.color);
    encoder.set_depth(BitDepth::from_u8(form.bits).unwrap_or(BitDepth::Eight));
    if let Some(colors) = form.colors() {
        encoder
            .set_palette(colors.iter().flat_map(|color| &color[..3]).copied().collect::<Vec<_>>());
        let alphas: Vec<u8> = colors[..alpha_count(colors)].iter().map(|color| color[3]).collect();
        if !alphas.is_empty() {
            encoder.set_trns(alphas);
        }
    }
    let mut writer = encoder.write_header()?;
    for part in stream.chunks(i32::MAX as usize) {
        writer.write_chunk(chunk::IDAT, part)?;
    }
    writer.finish()
}

/// The chunks that all files have.
fn encoder<'a, W: Write>(
    out: W,
    size: Size,
    file: &File<'a>,
) -> Result<PngEncoder<'a, W>, EncodingError> {
    let extras = file.extras;
    let mut info = Info::with_size(size.width(), size.height());
    info.icc_profile = extras.icc.map(Cow::Borrowed);
    info.exif_metadata = extras.exif.map(Cow::Borrowed);
    let mut encoder = PngEncoder::with_info(out, info)?;
    if extras.icc.is_none() {
        encoder.set_source_srgb(SrgbRenderingIntent::Perceptual);
    }
    if let Some(xmp) = extras.xmp.and_then(|xmp| std::str::from_utf8(xmp).ok()) {
        encoder.add_itxt_chunk("XML:com.adobe.xmp".to_owned(), xmp.to_owned())?;
    }
    Ok(encoder)
}
