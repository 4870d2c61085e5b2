//! Resampling libraries in Rust, each as its documentation uses it, on one thread, with Lanczos3:
//! `resizing-worker MODE`.

mod fast_image_resize;
mod image_crate;
mod pic_scale;
#[path = "../../../src/resizing/protocol.rs"]
mod protocol;

fn main() -> std::io::Result<()> {
    let mode = std::env::args().nth(1).unwrap_or_default();
    match mode.as_str() {
        "fast_image_resize" => {
            protocol::serve(&fast_image_resize::version(), fast_image_resize::prepare)
        }
        "image" => protocol::serve("image 0.25", image_crate::prepare),
        mode => protocol::serve("pic-scale 0.7", |pixels, bytes| {
            pic_scale::prepare(mode, pixels, bytes)
        }),
    }
}

/// The 16-bit samples of a file.
fn wide(bytes: &[u8]) -> Vec<u16> {
    bytes.as_chunks().0.iter().map(|&pair| u16::from_le_bytes(pair)).collect()
}
