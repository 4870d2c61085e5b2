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
use crate::colour::widen;
use crate::raster::{Layout, Raster, Size};
use crate::spec::Effort;

pub(super) use self::animation::Animation;

const FITS: &str = "the plan keeps sides within the format's; only memory can fail";

pub(super) fn encode(raster: &Raster, quality: u8, effort: Effort, extras: Extras<'_>) -> Vec<u8> {
    let layout = if raster.layout().has_alpha() { Layout::Rgba } else { Layout::Rgb };
    let raster = widen(raster, layout);
    let file = write(&raster, &config(quality, effort)).expect(FITS);
    with_extras(file, raster.size(), layout.has_alpha(), extras)
}

/// An animation of frames of this size; `plays` is 0 for ever.
pub(super) fn animation(size: Size, quality: u8, effort: Effort, plays: u32) -> Animation {
    Animation::new(size, config(quality, effort), plays).expect(FITS)
}

/// Adds a frame.
pub(super) fn push(animation: &mut Animation, frame: &Timed<'_>) {
    animation.push(frame).expect(FITS);
}

/// The file of all frames.
pub(super) fn finish(animation: Animation, size: Size, extras: Extras<'_>) -> Vec<u8> {
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

fn write(raster: &Raster, config: &WebPConfig) -> Option<Vec<u8>> {
    let side = |side: u32| i32::try_from(side).ok();
    let mut picture = WebPPicture::new().ok()?;
    picture.width = side(raster.size().width())?;
    picture.height = side(raster.size().height())?;
    let stride = picture.width * raster.layout().channels() as i32;
    let import =
        if raster.layout() == Layout::Rgba { WebPPictureImportRGBA } else { WebPPictureImportRGB };
    let mut writer = std::mem::MaybeUninit::<WebPMemoryWriter>::uninit();
    // SAFETY: Init sets every field; the picture's sides and stride describe exactly the raster's
    // bytes; the writer outlives the encoder that is given its address; both are freed once.
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
