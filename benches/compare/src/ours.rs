//! The engine as a rival: its rows in the tables, and its worker.

use resizer_engine::spec::{Effort, FormatSpec, Light, OutputFormat, Request, VariantSpec};
use resizer_engine::{Control, Job, Limits, Reject, Source, Stage, Stop};

use crate::Outcome;
use crate::protocol::{self, Made, Order, Stages, process_cpu_ms};
use crate::rival::{Family, Rival};

/// One row for each way of calling the engine.
pub(crate) const ROWS: [Rival; 5] = [
    row("ours-fast-gamma", "ours, fast, gamma", "fast-gamma"),
    row("ours-fast-linear", "ours, fast, linear", "fast-linear"),
    row("ours-balanced-gamma", "ours, balanced, gamma", "balanced-gamma"),
    row("ours-balanced-linear", "ours, balanced, linear", "balanced-linear"),
    row("ours-small-gamma", "ours, small, gamma", "small-gamma"),
];

const fn row(id: &'static str, name: &'static str, mode: &'static str) -> Rival {
    let how = "`Job::render` with all variants at once";
    Rival { id, name, family: Family::Ours, mode, how }
}

/// Answers orders until standard input ends.
///
/// # Errors
/// If the pipes break.
pub(crate) fn work(mode: &str) -> Outcome<()> {
    let version = concat!("resizer-engine ", env!("CARGO_PKG_VERSION"));
    let served = protocol::serve(version, |order, source| variants(order, source, mode));
    served.map_err(|error| error.to_string())
}

/// One file per width.
fn variants(order: &Order, source: &[u8], mode: &str) -> Outcome<Made> {
    let format = format(&order.format)?;
    let spec = |&width| spec(width, format, order.quality, mode);
    let variants: Vec<VariantSpec> = order.widths.iter().map(spec).collect::<Outcome<_>>()?;
    let request = variants.into();
    if !order.stages {
        return Ok(render_all(source, &request, &mut |_| {})?.into());
    }
    let (mut stages, mut last) = (Stages::default(), process_cpu_ms());
    let files = render_all(source, &request, &mut |stage| {
        let now = process_cpu_ms();
        *match stage {
            Stage::Plan | Stage::Decode => &mut stages.decode,
            Stage::Resize => &mut stages.resize,
            // Told behind the last file: what is left is encoding.
            Stage::Encode => &mut stages.encode,
        } += now - last;
        last = now;
    })?;
    Ok(Made { files, stages: Some(stages) })
}

/// The requested files; `ended` is called at the end of each stage.
///
/// # Errors
/// The engine's message.
pub(crate) fn render_all(
    source: &[u8],
    request: &Request,
    ended: &mut dyn FnMut(Stage),
) -> Outcome<Vec<Vec<u8>>> {
    let refused = |reject: Reject| reject.to_string();
    let source = Source::parse(source).map_err(refused)?;
    let job = Job::prepare(source, request, &Limits::default()).map_err(refused)?;
    let rendered = job.render(Control { stop: Stop::default(), threads: 1, stage_ended: ended });
    let variants = rendered.map_err(|error| error.to_string())?.variants;
    Ok(variants.into_iter().map(|variant| variant.bytes).collect())
}

/// A whole picture, read by the engine, pixel by pixel.
///
/// # Errors
/// The engine's message.
pub(crate) fn as_png(source: &[u8]) -> Outcome<Vec<u8>> {
    let spec = VariantSpec {
        formats: vec![FormatSpec::Fixed(OutputFormat::Png)],
        effort: Effort::Fast,
        ..VariantSpec::default()
    };
    let mut files = render_all(source, &vec![spec].into(), &mut |_| {})?;
    files.pop().ok_or_else(|| "no picture".to_owned())
}

/// A variant in a mode of `ROWS`.
///
/// # Errors
/// A mode that is none of them.
pub(crate) fn spec(
    width: u32,
    format: OutputFormat,
    quality: u8,
    mode: &str,
) -> Outcome<VariantSpec> {
    let (effort, light) = match mode {
        "fast-gamma" => (Effort::Fast, Light::Gamma),
        "fast-linear" => (Effort::Fast, Light::Linear),
        "balanced-gamma" => (Effort::Balanced, Light::Gamma),
        "balanced-linear" => (Effort::Balanced, Light::Linear),
        "small-gamma" => (Effort::Small, Light::Gamma),
        _ => return Err(format!("no mode {mode}")),
    };
    Ok(VariantSpec {
        name: format!("w{width}"),
        width: Some(width),
        formats: vec![FormatSpec::Fixed(format)],
        quality: quality.into(),
        light,
        effort,
        ..VariantSpec::default()
    })
}

fn format(name: &str) -> Outcome<OutputFormat> {
    match name {
        "jpeg" => Ok(OutputFormat::Jpeg),
        "png" => Ok(OutputFormat::Png),
        "webp" => Ok(OutputFormat::Webp),
        "avif" => Ok(OutputFormat::Avif),
        _ => Err(format!("no format {name}")),
    }
}
