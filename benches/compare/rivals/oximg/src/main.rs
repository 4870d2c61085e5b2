//! oximg as its documentation uses it: one `process` per variant, from the bytes each time. Its
//! public functions do not hand out a decoded picture for several variants.
//! `oximg-worker linear` is its default, `oximg-worker gamma` its sRGB mode.

#[path = "../../../src/protocol.rs"]
mod protocol;

use oximg::pipeline::{ImageFormat, Params, process};
use protocol::Order;

fn main() -> std::io::Result<()> {
    let linear = std::env::args().nth(1).as_deref() != Some("gamma");
    protocol::serve("oximg 0.18 (jpegli, libwebp, png)", |order, source| {
        order.widths.iter().map(|&width| variant(order, source, width, linear)).collect()
    })
}

fn variant(order: &Order, source: &[u8], width: u32, linear: bool) -> Result<Vec<u8>, String> {
    let format = ImageFormat::from_token(&order.format);
    let params = Params {
        max_width: width,
        quality: order.quality.into(),
        webp_quality: Some(order.quality.into()),
        output: Some(format.ok_or_else(|| format!("no format {}", order.format))?),
        linear_light: Some(linear),
        ..Params::default()
    };
    let (bytes, _) = process(source, &params).map_err(|error| error.to_string())?;
    Ok(bytes)
}
