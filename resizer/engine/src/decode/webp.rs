//! WebP through libwebp: still images straight into the raster, animations frame by frame.
#![expect(unsafe_code, reason = "libwebp is a C library; every call is checked here")]

use std::marker::PhantomData;

use libwebp_sys::VP8StatusCode::VP8_STATUS_SUSPENDED;
use libwebp_sys::WEBP_CSP_MODE::{MODE_RGB, MODE_RGBA};
use libwebp_sys::{
    WebPAnimDecoder, WebPAnimDecoderDelete, WebPAnimDecoderGetInfo, WebPAnimDecoderGetNext,
    WebPAnimDecoderHasMoreFrames, WebPAnimDecoderNew, WebPAnimInfo, WebPData, WebPDecodeRGBAInto,
    WebPDecodeRGBInto, WebPIDecGetRGB, WebPIDelete, WebPINewRGB, WebPIUpdate,
};

use super::canvas::Frame;
use crate::error::Reject;
use crate::format::ImageFormat;
use crate::raster::{Layout, Raster, Size};
use crate::source::{Source, Webp};
use crate::spec::Truncated;

/// The pixels.
pub(super) fn decode(
    source: &Source<'_>,
    webp: &Webp<'_>,
    truncated: Truncated,
) -> Result<Raster, Reject> {
    if webp.has_animation_flag {
        let mut animation = WebpFrames::new(source).ok_or_else(damaged)?;
        return Ok(animation.next_frame().ok().flatten().ok_or_else(damaged)?.raster);
    }
    let (size, layout) = (source.picture().size, source.layout());
    let mut pixels = still(source.bytes(), size, layout);
    if truncated == Truncated::Accept {
        pixels = pixels.or_else(|| first_rows(source.bytes(), size, layout));
    }
    Ok(Raster::new(size, layout, pixels.ok_or_else(damaged)?))
}

fn still(source: &[u8], size: Size, layout: Layout) -> Option<Vec<u8>> {
    let decode_into = if layout == Layout::Rgba { WebPDecodeRGBAInto } else { WebPDecodeRGBInto };
    let mut pixels = vec![0; Raster::byte_length(size, layout)];
    let stride = size.width() as usize * layout.channels();
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

/// The rows before a source's end, the others black or transparent. `None` where there are none.
fn first_rows(source: &[u8], size: Size, layout: Layout) -> Option<Vec<u8>> {
    let mode = if layout == Layout::Rgba { MODE_RGBA } else { MODE_RGB };
    let mut pixels = vec![0; Raster::byte_length(size, layout)];
    let stride = i32::try_from(size.width() as usize * layout.channels()).ok()?;
    // SAFETY: the decoder writes into `pixels`, whose true length and stride it is given and checks
    // against the picture's own size, and reads `source`; it is deleted before either ends.
    let rows = unsafe {
        let decoder = WebPINewRGB(mode, pixels.as_mut_ptr(), pixels.len(), stride);
        if decoder.is_null() {
            return None;
        }
        let status = WebPIUpdate(decoder, source.as_ptr(), source.len());
        let mut rows = 0;
        let null = std::ptr::null_mut();
        let first = WebPIDecGetRGB(decoder, &mut rows, null, null, null);
        WebPIDelete(decoder);
        if status == VP8_STATUS_SUSPENDED && !first.is_null() { rows } else { 0 }
    };
    (rows > 0).then_some(pixels)
}

/// The frames of an animation, composed by a decoder of the library, which is deleted with this
/// value.
pub(super) struct WebpFrames<'a> {
    decoder: *mut WebPAnimDecoder,
    size: Size,
    end_ms: i32,
    /// The decoder reads from it.
    _data: Box<WebPData>,
    _source: PhantomData<&'a [u8]>,
}

impl<'a> WebpFrames<'a> {
    /// `None` where the library cannot read the file or finds another canvas.
    pub(super) fn new(source: &Source<'a>) -> Option<Self> {
        let (size, source) = (source.picture().size, source.bytes());
        let data = Box::new(WebPData { bytes: source.as_ptr(), size: source.len() });
        // SAFETY: `data` and the source that it points into outlive the decoder; null options are
        // its defaults (RGBA, not premultiplied).
        let decoder = unsafe { WebPAnimDecoderNew(&*data, std::ptr::null()) };
        if decoder.is_null() {
            return None;
        }
        let animation = Self { decoder, size, end_ms: 0, _data: data, _source: PhantomData };
        let mut info = WebPAnimInfo::default();
        // SAFETY: the decoder is not null and the output is a live local.
        let known = unsafe { WebPAnimDecoderGetInfo(decoder, &mut info) != 0 };
        let expected = (size.width(), size.height());
        (known && (info.canvas_width, info.canvas_height) == expected).then_some(animation)
    }

    /// # Errors
    /// Where the data are damaged.
    pub(super) fn next_frame(&mut self) -> Result<Option<Frame>, ()> {
        // SAFETY: the decoder is alive.
        if unsafe { WebPAnimDecoderHasMoreFrames(self.decoder) } == 0 {
            return Ok(None);
        }
        let (mut canvas, mut end_ms) = (std::ptr::null_mut(), 0);
        // SAFETY: the decoder is alive and the outputs are live locals.
        if unsafe { WebPAnimDecoderGetNext(self.decoder, &mut canvas, &mut end_ms) } == 0 {
            return Err(());
        }
        let length = Raster::byte_length(self.size, Layout::Rgba);
        // SAFETY: GetNext succeeded, so `canvas` holds canvas_width * canvas_height RGBA pixels
        // until the decoder's next call; they are copied before that.
        let pixels = unsafe { std::slice::from_raw_parts(canvas, length) }.to_vec();
        let duration_ms = u32::try_from(end_ms.saturating_sub(self.end_ms)).unwrap_or(0);
        self.end_ms = end_ms;
        let raster = Raster::new(self.size, Layout::Rgba, pixels);
        Ok(Some(Frame { raster, duration_ms }))
    }
}

impl Drop for WebpFrames<'_> {
    fn drop(&mut self) {
        // SAFETY: made by the library, deleted once.
        unsafe { WebPAnimDecoderDelete(self.decoder) };
    }
}

pub(super) fn damaged() -> Reject {
    Reject::malformed(ImageFormat::Webp, "libwebp finds the image data cut short or damaged")
}
