//! WebP through libwebp: lossy colour, lossless alpha.
#![expect(unsafe_code, reason = "libwebp is a C library; every call is checked here")]

mod animation;
mod container;

use libwebp_sys::{
    WebPConfig, WebPEncode, WebPMemoryWrite, WebPMemoryWriter, WebPMemoryWriterClear,
    WebPMemoryWriterInit, WebPPicture, WebPPictureFree, WebPPictureImportRGB,
    WebPPictureImportRGBA,
};

use self::container::with_extras;
use super::{Extras, Timed};
use crate::raster::{Layout, Raster, Size, widen};
use crate::spec::Effort;
use crate::stop::Stop;

pub(super) use self::animation::WebpAnimationEncoder;

const FITS: &str = "the plan keeps sides within the format's; only memory can fail";

/// The file, or nothing where it was stopped.
pub(super) fn encode(
    raster: &Raster,
    quality: u8,
    effort: Effort,
    extras: Extras<'_>,
    stop: &Stop,
) -> Option<Vec<u8>> {
    let layout = if raster.layout().has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let raster = widen(raster, layout);
    let file = write(&raster, &config(quality, effort), stop);
    if stop.is_set() {
        return None;
    }
    Some(with_extras(file.expect(FITS), raster.size(), layout.has_alpha(), extras))
}

/// An animation of frames of this size; `plays` is 0 for ever.
pub(super) fn animation(
    size: Size,
    quality: u8,
    effort: Effort,
    plays: u32,
) -> WebpAnimationEncoder {
    WebpAnimationEncoder::new(size, config(quality, effort), plays).expect(FITS)
}

/// Adds a frame.
pub(super) fn push(animation: &mut WebpAnimationEncoder, frame: &Timed<'_>) {
    animation.push(frame).expect(FITS);
}

/// The file of all frames.
pub(super) fn finish(animation: WebpAnimationEncoder, size: Size, extras: Extras<'_>) -> Vec<u8> {
    with_extras(animation.finish().expect(FITS), size, true, extras)
}

fn config(quality: u8, effort: Effort) -> WebPConfig {
    let mut config = WebPConfig::new().expect("the bindings are of the library they link");
    config.quality = f32::from(quality);
    config.method = method(effort);
    config
}

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
