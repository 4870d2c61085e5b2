//! What is asked of damaged files: everything that a request can say, by chance.

use resizer_engine::spec::{
    Animation, Effort, Fit, FormatSpec, Gravity, Hdr, Light, Metadata, OutputColor, OutputFormat,
    Raw, Request, Truncated, VariantSpec,
};

use crate::random::Random;

/// One to three small variants.
pub(crate) fn request(random: &mut Random) -> Request {
    let mut variants = Vec::new();
    for number in 0..=random.below(3) {
        variants.push(variant(number, random));
    }
    Request {
        variants,
        placeholders: random.once_in(4),
        animation: random.one_of(&[Animation::FirstFrame, Animation::Animate]),
        truncated: random.one_of(&[Truncated::Refuse, Truncated::Accept]),
        raw: random.one_of(&[Raw::Refuse, Raw::Preview]),
        trim: random.once_in(8).then(|| random.byte()),
    }
}

fn variant(number: usize, random: &mut Random) -> VariantSpec {
    const SIDES: [u32; 8] = [1, 2, 7, 16, 40, 100, 160, 320];
    // Minutes for a large one.
    let is_avif = random.once_in(60);
    let format = match random.below(8) {
        _ if is_avif => FormatSpec::Fixed(OutputFormat::Avif),
        0 | 1 => FormatSpec::Source,
        2 | 3 => FormatSpec::Fixed(OutputFormat::Jpeg),
        4 | 5 => FormatSpec::Fixed(OutputFormat::Png),
        6 => FormatSpec::Fixed(OutputFormat::Webp),
        _ => FormatSpec::Fixed(OutputFormat::Gif),
    };
    let sides = if is_avif { &SIDES[..5] } else { &SIDES };
    let fit = random.one_of(&[Fit::Inside, Fit::Inside, Fit::Cover, Fit::Pad, Fit::Exact]);
    // As configurations have it: whatever does not fit inside needs both sides.
    let has_height = fit != Fit::Inside || random.once_in(2);
    let width = Some(random.one_of(sides));
    let height = has_height.then(|| random.one_of(sides));
    VariantSpec {
        name: number.to_string(),
        width,
        height,
        fit,
        gravity: random.one_of(&[
            Gravity::Center,
            Gravity::Southwest,
            Gravity::Focal(9000, 100),
            Gravity::Attention,
        ]),
        formats: vec![format],
        quality: (1 + random.below(100) as u8).into(),
        enlarge: random.once_in(3),
        light: random.one_of(&[Light::Linear, Light::Gamma]),
        effort: random.one_of(&[Effort::Fast, Effort::Balanced]),
        color: random.one_of(&[OutputColor::Srgb, OutputColor::Keep]),
        metadata: random.one_of(&[Metadata::None, Metadata::Copyright, Metadata::All]),
        hdr: random.one_of(&[Hdr::Drop, Hdr::Keep]),
        sharpen: random.one_of(&[0, 0, 0, 50]),
        ..VariantSpec::default()
    }
}
