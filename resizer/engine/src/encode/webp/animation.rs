//! Frames in, an animated WebP out.
#![expect(unsafe_code, reason = "libwebp is a C library; every call is checked here")]

use std::mem::MaybeUninit;

use libwebp_sys::{
    WEBP_MUX_ABI_VERSION, WebPAnimEncoder, WebPAnimEncoderAdd, WebPAnimEncoderAssemble,
    WebPAnimEncoderDelete, WebPAnimEncoderNewInternal, WebPAnimEncoderOptions,
    WebPAnimEncoderOptionsInitInternal, WebPConfig, WebPData, WebPFree, WebPPicture,
    WebPPictureFree, WebPPictureImportRGBA,
};

use super::container;
use crate::encode::Timed;
use crate::raster::{Layout, Size, widen};

/// An encoder of the library, deleted with this value.
pub(super) struct WebpAnimationEncoder {
    encoder: *mut WebPAnimEncoder,
    config: WebPConfig,
    size: [i32; 2],
    end_ms: i32,
    /// Whether some pixel of some frame is not opaque.
    has_alpha: bool,
}

impl WebpAnimationEncoder {
    /// For frames of this size; `loop_count` is 0 for endless.
    pub(super) fn new(size: Size, config: WebPConfig, loop_count: u32) -> Option<Self> {
        let side = |side: u32| i32::try_from(side).ok();
        let size = [side(size.width())?, side(size.height())?];
        let version = WEBP_MUX_ABI_VERSION as i32;
        let mut options = MaybeUninit::<WebPAnimEncoderOptions>::zeroed();
        // SAFETY: the library fills the options that it is given, which are plain numbers, and
        // copies them when it makes the encoder.
        let encoder = unsafe {
            if WebPAnimEncoderOptionsInitInternal(options.as_mut_ptr(), version) == 0 {
                return None;
            }
            let mut options = options.assume_init();
            // Where a frame is cleared there is nothing, also for programs that heed this.
            options.anim_params.bgcolor = 0;
            // The format has 16 bits for it.
            options.anim_params.loop_count = loop_count.min(0xffff) as i32;
            WebPAnimEncoderNewInternal(size[0], size[1], &options, version)
        };
        (!encoder.is_null()).then_some(Self { encoder, config, size, end_ms: 0, has_alpha: false })
    }

    pub(super) fn push(&mut self, frame: &Timed<'_>) -> Option<()> {
        let raster = widen(frame.raster, Layout::Rgba);
        let mut picture = WebPPicture::new().ok()?;
        [picture.width, picture.height] = self.size;
        if (raster.size().width(), raster.size().height())
            != (self.size[0].cast_unsigned(), self.size[1].cast_unsigned())
        {
            return None;
        }
        self.has_alpha |= raster.pixels().as_chunks::<4>().0.iter().any(|pixel| pixel[3] < 255);
        picture.use_argb = 1;
        // SAFETY: the picture's sides are those of the raster, whose rows hold four bytes a pixel;
        // the encoder copies the picture, which is freed once.
        let added = unsafe {
            let pixels = raster.pixels().as_ptr();
            let added = WebPPictureImportRGBA(&mut picture, pixels, self.size[0] * 4) != 0
                && WebPAnimEncoderAdd(self.encoder, &mut picture, self.end_ms, &self.config) != 0;
            WebPPictureFree(&mut picture);
            added
        };
        let duration_ms = i32::try_from(frame.duration_ms).unwrap_or(i32::MAX);
        self.end_ms = self.end_ms.saturating_add(duration_ms);
        added.then_some(())
    }

    pub(super) fn finish(self) -> Option<Vec<u8>> {
        let has_alpha = self.has_alpha;
        let mut data = WebPData::default();
        // SAFETY: no picture and the end's time is how the library learns of the last frame's
        // duration; what it assembles is copied and freed once.
        let mut bytes = unsafe {
            let null = std::ptr::null_mut();
            let done = WebPAnimEncoderAdd(self.encoder, null, self.end_ms, std::ptr::null()) != 0
                && WebPAnimEncoderAssemble(self.encoder, &mut data) != 0;
            let bytes = done.then(|| std::slice::from_raw_parts(data.bytes, data.size).to_vec());
            WebPFree(data.bytes.cast_mut().cast());
            bytes?
        };
        // The library looks at what it kept of the frames, which may be opaque rectangles on a
        // canvas that is not.
        if has_alpha {
            container::announce_alpha(&mut bytes);
        }
        Some(bytes)
    }
}

impl Drop for WebpAnimationEncoder {
    fn drop(&mut self) {
        // SAFETY: made by the library, deleted once.
        unsafe { WebPAnimEncoderDelete(self.encoder) };
    }
}
