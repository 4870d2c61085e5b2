//! oximg as its documentation uses it: one `process` per variant, from the bytes each time. Its
//! public functions do not hand out a decoded picture for several variants.
//! `oximg-worker linear` is its default, `gamma` its sRGB mode, `mozjpeg` its other encoder, which
//! writes 4:2:0 where the default writes 4:4:4 and neither has an option for it.

#[path = "../../../src/protocol.rs"]
mod protocol;

use oximg::pipeline::{Encoder, ImageFormat, Params, process};
use protocol::Order;

fn main() -> std::io::Result<()> {
    let mode = std::env::args().nth(1).unwrap_or_default();
    protocol::serve("oximg 0.18 (jpegli, libwebp, png)", |order, source| {
        let files = order.widths.iter().map(|&width| variant(order, source, width, &mode));
        files.collect::<Result<Vec<_>, _>>().map(Into::into)
    })
}

fn variant(order: &Order, source: &[u8], width: u32, mode: &str) -> Result<Vec<u8>, String> {
    let format = ImageFormat::from_token(&order.format);
    let params = Params {
        max_width: width,
        quality: order.quality.into(),
        webp_quality: Some(order.quality.into()),
        output: Some(format.ok_or_else(|| format!("no format {}", order.format))?),
        linear_light: Some(mode != "gamma"),
        encoder: if mode == "mozjpeg" { Encoder::MozFast } else { Encoder::Jpegli },
        ..Params::default()
    };
    let (bytes, _) = process(source, &params).map_err(|error| error.to_string())?;
    Ok(bytes)
}
