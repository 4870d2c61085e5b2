//! The engine as a rival: its rows in the tables, and its worker.

use resizer_engine::limits::Limits;
use resizer_engine::pipeline::render;
use resizer_engine::spec::{FormatSpec, OutputFormat, VariantSpec};

use crate::Outcome;
use crate::protocol::{self, Order};
use crate::rival::{Family, Rival};

/// One row for each way of calling the engine.
pub(crate) const ROWS: [Rival; 1] = [Rival {
    id: "ours",
    name: "ours",
    family: Family::Ours,
    mode: "",
    chroma: "4:2:0",
    how: "`pipeline::render` with all variants",
}];

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
fn variants(order: &Order, source: &[u8], mode: &str) -> Outcome<Vec<Vec<u8>>> {
    let format = format(&order.format)?;
    let spec = |&width| spec(width, format, order.quality, mode);
    let specs: Vec<VariantSpec> = order.widths.iter().map(spec).collect();
    let rendered = render(source, &specs, &Limits::default(), &mut |_| {});
    let rendered = rendered.map_err(|error| error.to_string())?;
    Ok(rendered.variants.into_iter().map(|variant| variant.bytes).collect())
}

/// The only place that knows what a mode is.
pub(crate) fn spec(width: u32, format: OutputFormat, quality: u8, _mode: &str) -> VariantSpec {
    VariantSpec {
        name: format!("w{width}"),
        width: Some(width),
        formats: vec![FormatSpec::Fixed(format)],
        quality,
        ..VariantSpec::default()
    }
}

fn format(name: &str) -> Outcome<OutputFormat> {
    match name {
        "jpeg" => Ok(OutputFormat::Jpeg),
        "png" => Ok(OutputFormat::Png),
        "webp" => Ok(OutputFormat::Webp),
        _ => Err(format!("no format {name}")),
    }
}
