//! WebP through libwebp: still images straight into the raster, animations by their first frame.
#![expect(unsafe_code, reason = "libwebp is a C library; every call is checked here")]

use libwebp_sys::{
    WebPAnimDecoderDelete, WebPAnimDecoderGetInfo, WebPAnimDecoderGetNext, WebPAnimDecoderNew,
    WebPAnimInfo, WebPData, WebPDecodeRGBAInto, WebPDecodeRGBInto,
};

use crate::error::Reject;
use crate::format::ImageFormat;
use crate::header::{Header, webp_icc};
use crate::raster::{Layout, Raster};

/// The pixels and the ICC profile.
pub(super) fn decode(
    source: &[u8],
    header: &Header,
    animated: bool,
) -> Result<(Raster, Option<Vec<u8>>), Reject> {
    let pixels = if animated { first_frame(source, header) } else { still(source, header) };
    let pixels = pixels.ok_or_else(|| {
        Reject::malformed(ImageFormat::Webp, "libwebp finds the image data cut short or damaged")
    })?;
    let raster = Raster::new(header.size, header.layout, pixels);
    Ok((raster, webp_icc(source).map(<[u8]>::to_vec)))
}

fn still(source: &[u8], header: &Header) -> Option<Vec<u8>> {
    let decode_into =
        if header.layout == Layout::Rgba { WebPDecodeRGBAInto } else { WebPDecodeRGBInto };
    let mut pixels = vec![0; Raster::byte_length(header.size, header.layout)];
    let stride = header.size.width() as usize * header.layout.channels();
    // SAFETY: both slices outlive the call and are passed with their true lengths; libwebp checks
    // the picture's own size against the output's length and stride before it writes.
    let written = unsafe {
        decode_into(
            source.as_ptr(),
            source.len(),
            pixels.as_mut_ptr(),
            pixels.len(),
            i32::try_from(stride).ok()?,
        )
    };
    (!written.is_null()).then_some(pixels)
}

fn first_frame(source: &[u8], header: &Header) -> Option<Vec<u8>> {
    let data = WebPData { bytes: source.as_ptr(), size: source.len() };
    // SAFETY: `data` points into `source`, which outlives the decoder; null options are its
    // defaults (RGBA, not premultiplied).
    let decoder = unsafe { WebPAnimDecoderNew(&data, std::ptr::null()) };
    if decoder.is_null() {
        return None;
    }
    let mut info = WebPAnimInfo::default();
    let mut canvas = std::ptr::null_mut();
    let mut timestamp_ms = 0;
    // SAFETY: the decoder is not null and the outputs are live locals.
    let composed = unsafe {
        WebPAnimDecoderGetInfo(decoder, &mut info) != 0
            && WebPAnimDecoderGetNext(decoder, &mut canvas, &mut timestamp_ms) != 0
    };
    let expected = (header.size.width(), header.size.height());
    let pixels = (composed && (info.canvas_width, info.canvas_height) == expected).then(|| {
        let length = Raster::byte_length(header.size, Layout::Rgba);
        // SAFETY: GetNext succeeded, so `canvas` holds canvas_width * canvas_height RGBA pixels
        // until the decoder's next call; they are copied before that.
        unsafe { std::slice::from_raw_parts(canvas, length) }.to_vec()
    });
    // SAFETY: made above, deleted once, not used afterwards.
    unsafe { WebPAnimDecoderDelete(decoder) };
    pixels
}
