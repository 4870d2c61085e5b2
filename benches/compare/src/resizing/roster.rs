//! The libraries that are compared, with a note on how each one is called.

use crate::rival::{Family, Rival};

/// One row of the tables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Contender {
    pub(super) rival: Rival,
    /// Whether its filter is that of the model.
    pub(super) is_lanczos3: bool,
    /// Whether it makes the five sizes in one call.
    pub(super) is_chain: bool,
}

pub(super) const ROSTER: [Contender; 12] = [
    contender(
        Family::OursResampling,
        ["resizing-ours", "ours", ""],
        "`Resampler` once for each size, from the bands of rows that a decoder gives",
    ),
    contender(
        Family::OursResampling,
        ["resizing-tiff", "ours, out of a TIFF", "tiff"],
        "the same, and the decoder that reads the pixels from an uncompressed TIFF in memory",
    ),
    Contender {
        is_chain: true,
        ..contender(
            Family::OursResampling,
            ["resizing-chain", "ours, all five at once", "chain"],
            "`Resampler` once for the five sizes, as a real job does it: smaller pictures are made \
             of larger ones where the plan allows that",
        )
    },
    contender(
        Family::RustResampling,
        ["resizing-fast_image_resize", "fast_image_resize", "fast_image_resize"],
        "`Resizer::resize`; in linear light between `forward_map` and `backward_map` of its sRGB \
         mapper, with 16-bit samples",
    ),
    contender(
        Family::RustResampling,
        ["resizing-pic-scale", "pic-scale, speed", "speed"],
        "`Scaler` with its default `PreferSpeed`; in linear light `LinearApproxScaler`",
    ),
    contender(
        Family::RustResampling,
        ["resizing-pic-scale-quality", "pic-scale, quality", "quality"],
        "`Scaler` with `PreferQuality`; in linear light `LinearScaler`",
    ),
    contender(Family::RustResampling, ["resizing-image", "image", "image"], "`imageops::resize`"),
    contender(
        Family::PythonResampling,
        ["resizing-libvips", "libvips, gap 0", "libvips"],
        "`resize` with `gap=0`: the whole reduction by the filter; in linear light in `scrgb`",
    ),
    other_filter(
        Family::PythonResampling,
        ["resizing-libvips-gap", "libvips, gap 2", "libvips-gap"],
        "`resize` by default: blocks of pixels are averaged first, down to twice the size",
    ),
    contender(
        Family::PythonResampling,
        ["resizing-pillow", "Pillow", "pillow"],
        "`Image.resize` with LANCZOS",
    ),
    other_filter(
        Family::PythonResampling,
        ["resizing-opencv", "OpenCV, area", "opencv-area"],
        "`resize` with INTER_AREA, the mean of the area that a pixel covers",
    ),
    other_filter(
        Family::PythonResampling,
        ["resizing-opencv-lanczos4", "OpenCV, Lanczos4", "opencv-lanczos4"],
        "`resize` with INTER_LANCZOS4: four lobes of the source's pixels whatever the reduction, \
         so that most pixels have no weight",
    ),
];

const fn contender(
    family: Family,
    [id, name, mode]: [&'static str; 3],
    how: &'static str,
) -> Contender {
    let rival = Rival { id, name, family, mode, how };
    Contender { rival, is_lanczos3: true, is_chain: false }
}

const fn other_filter(family: Family, names: [&'static str; 3], how: &'static str) -> Contender {
    Contender { is_lanczos3: false, ..contender(family, names, how) }
}
