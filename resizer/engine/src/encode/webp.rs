//! WebP through libwebp: lossy color and lossless alpha, or all of it lossless.
#![expect(unsafe_code, reason = "libwebp is a C library; every call is checked here")]

mod animation;
mod container;
mod scale;

use libwebp_sys::{
    WebPConfig, WebPEncode, WebPMemoryWrite, WebPMemoryWriter, WebPMemoryWriterClear,
    WebPMemoryWriterInit, WebPPicture, WebPPictureFree, WebPPictureImportRGB,
    WebPPictureImportRGBA,
};

use self::animation::WebpAnimationEncoder;
use self::container::with_extras;
use self::scale::parameter;
use super::{EncodeFrames, Encoder, Failure, File, Timed};
use crate::raster::{Layout, Raster, Size, widen};
use crate::spec::Effort;
use crate::stop::Stop;

pub(super) const ENCODER: Encoder = Encoder {
    extension: "webp",
    media_type: "image/webp",
    max_side: 16_383,
    holds_profile: true,
    // For alpha libwebp takes 18 bytes a pixel if it is smooth, 33 if it is noise.
    working_bytes: |set| set.pixels * if set.has_alpha { 40 } else { 12 },
    encode: |picture, file| file.guarded(|| encode(picture.pixels()?, file)),
    animate: Some(|first, loops, file| {
        let animation =
            WebpAnimationEncoder::new(first.size(), config(first.size(), file)?, loops.loop_count);
        Ok(Box::new(WebpFrames { animation: animation.ok_or_else(failed)?, size: first.size() }))
    }),
};

/// An animation of frames of this size.
struct WebpFrames {
    animation: WebpAnimationEncoder,
    size: Size,
}

impl EncodeFrames for WebpFrames {
    fn push(&mut self, frame: &Timed<'_>) -> Result<(), Failure> {
        self.animation.push(frame).ok_or_else(failed)
    }

    fn finish(self: Box<Self>, file: &File<'_>) -> Result<Vec<u8>, Failure> {
        let bytes = self.animation.finish().ok_or_else(failed)?;
        Ok(with_extras(bytes, self.size, true, file.extras))
    }
}

fn encode(raster: &Raster, file: &File<'_>) -> Result<Vec<u8>, Failure> {
    let layout = if raster.layout().has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let raster = widen(raster, layout);
    let bytes = write(&raster, &config(raster.size(), file)?, file.stop);
    if file.stop.is_set() {
        return Err(Failure::Stopped);
    }
    let bytes = bytes.ok_or_else(failed)?;
    Ok(with_extras(bytes, raster.size(), layout.has_alpha(), file.extras))
}

/// The library says no more.
fn failed() -> Failure {
    Failure::of("libwebp refuses the picture or gets no memory")
}

fn config(size: Size, file: &File<'_>) -> Result<WebPConfig, Failure> {
    let config = WebPConfig::new();
    let mut config = config.map_err(|()| Failure::of("the bindings are not the library's"))?;
    config.quality = parameter(file.variant.quality.webp, size);
    config.method = method(file.variant.effort);
    if file.is_lossless {
        config.lossless = 1;
        // Here the quality is an effort.
        config.quality = LOSSLESS_EFFORT;
    }
    Ok(config)
}

/// 0 to 100; the library's own choice.
const LOSSLESS_EFFORT: f32 = 75.0;

/// libwebp's effort, 0 to 6. At 1920x1440 and quality 80, 0 takes 68 ms, 2 takes 115 ms for 549 kB
/// and 4, the library's default, 260 ms for 541 kB.
fn method(effort: Effort) -> i32 {
    match effort {
        Effort::Fast => 0,
        Effort::Balanced => 2,
        Effort::Small => 6,
    }
}

fn write(raster: &Raster, config: &WebPConfig, stop: &Stop) -> Option<Vec<u8>> {
    let side = |side: u32| i32::try_from(side).ok();
    let mut picture = WebPPicture::new().ok()?;
    picture.width = side(raster.size().width())?;
    picture.height = side(raster.size().height())?;
    let stride = picture.width * raster.layout().channels() as i32;
    let import =
        if raster.layout() == Layout::Rgba { WebPPictureImportRGBA } else { WebPPictureImportRGB };
    let mut writer = std::mem::MaybeUninit::<WebPMemoryWriter>::uninit();
    picture.use_argb = config.lossless;
    picture.progress_hook = Some(goes_on);
    picture.user_data = std::ptr::from_ref(stop).cast_mut().cast();
    // SAFETY: Init sets every field; the picture's sides and stride describe exactly the raster's
    // bytes; the writer and the flag outlive the encoder that is given their addresses; picture and
    // writer are freed once.
    unsafe {
        WebPMemoryWriterInit(writer.as_mut_ptr());
        let mut writer = writer.assume_init();
        picture.writer = Some(WebPMemoryWrite);
        picture.custom_ptr = (&raw mut writer).cast();
        let encoded = import(&mut picture, raster.pixels().as_ptr(), stride) != 0
            && WebPEncode(config, &mut picture) != 0;
        let bytes = encoded.then(|| std::slice::from_raw_parts(writer.mem, writer.size).to_vec());
        WebPPictureFree(&mut picture);
        WebPMemoryWriterClear(&mut writer);
        bytes
    }
}

/// What libwebp asks between rows of blocks: 0 ends the encoding.
extern "C" fn goes_on(_percent: i32, picture: *const WebPPicture) -> i32 {
    // SAFETY: the library calls this with the picture that it was given, whose `user_data` is the
    // flag of `write`'s caller, which outlives the encoder and is only read.
    let stop = unsafe { &*(*picture).user_data.cast::<Stop>() };
    i32::from(!stop.is_set())
}
