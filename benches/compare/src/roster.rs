//! The roster: all rivals, with a note on how each one works.

use crate::rival::{Family, Rival};
use crate::{Outcome, ours};

const OTHERS: [Rival; 16] = [
    Rival {
        id: "floor",
        name: "floor (libjpeg-turbo)",
        family: Family::Floor,
        mode: "worker",
        how: "planes of the source at 1/8, then finished planes encoded; no resampling at all",
    },
    Rival {
        id: "sharp",
        name: "sharp, as documented",
        family: Family::Node,
        mode: "documented",
        how: "`sharp(input).resize(w).jpeg({ quality: 80 })` for each variant",
    },
    Rival {
        id: "sharp-clone",
        name: "sharp, clone()",
        family: Family::Node,
        mode: "clone",
        how: "one pipeline, `clone()` for each variant, all at once",
    },
    Rival {
        id: "sharp-by-hand",
        name: "sharp, by hand",
        family: Family::Node,
        mode: "by-hand",
        how: "decoded once to the widest variant's pixels, the others from those",
    },
    Rival {
        id: "pillow",
        name: "Pillow, draft + resize",
        family: Family::Python,
        mode: "pillow",
        how: "`draft` for the widest variant, then `resize` with LANCZOS for each",
    },
    Rival {
        id: "pillow-thumbnail",
        name: "Pillow, thumbnail",
        family: Family::Python,
        mode: "pillow-thumbnail",
        how: "`thumbnail` for each variant from the bytes",
    },
    Rival {
        id: "pyvips",
        name: "pyvips",
        family: Family::Python,
        mode: "pyvips",
        how: "`thumbnail_buffer` for each variant",
    },
    Rival {
        id: "opencv",
        name: "OpenCV",
        family: Family::Python,
        mode: "opencv",
        how: "`imdecode` once, `resize` with INTER_AREA for each",
    },
    Rival {
        id: "opencv-reduced",
        name: "OpenCV, reduced",
        family: Family::Python,
        mode: "opencv-reduced",
        how: "the same with IMREAD_REDUCED_COLOR_2, 4 or 8, still wider than the variants",
    },
    Rival {
        id: "imagemagick",
        name: "ImageMagick",
        family: Family::ImageMagick,
        mode: "imagemagick",
        how: "one `convert` process per job, a clone per variant, its start included",
    },
    Rival {
        id: "napi",
        name: "@napi-rs/image",
        family: Family::Node,
        mode: "napi",
        how: "`new Transformer(input).resize(w, h, Lanczos3, Fill).jpeg(80)` for each variant",
    },
    Rival {
        id: "image",
        name: "image crate",
        family: Family::ImageCrate,
        mode: "",
        how: "`decode` once, `imageops::resize` with Lanczos3 for each",
    },
    Rival {
        id: "oximg",
        name: "oximg, linear",
        family: Family::Oximg,
        mode: "linear",
        how: "`pipeline::process` for each variant, linear light, jpegli",
    },
    Rival {
        id: "oximg-gamma",
        name: "oximg, gamma",
        family: Family::Oximg,
        mode: "gamma",
        how: "the same with `linear_light: Some(false)`",
    },
    Rival {
        id: "oximg-mozjpeg",
        name: "oximg, linear, mozjpeg",
        family: Family::Oximg,
        mode: "mozjpeg",
        how: "the same as oximg, linear, with `encoder: Encoder::MozFast`",
    },
    Rival {
        id: "pyvips-linear",
        name: "pyvips, linear",
        family: Family::Python,
        mode: "pyvips-linear",
        how: "`thumbnail_buffer(linear=True)` for each variant",
    },
];

/// Ours first, then the others.
pub(crate) fn all() -> Vec<Rival> {
    ours::ROWS.iter().chain(&OTHERS).copied().collect()
}

/// The rivals of these ids, or all.
///
/// # Errors
/// An id that none has.
pub(crate) fn wanted(ids: Option<&[String]>) -> Outcome<Vec<Rival>> {
    let all = all();
    let Some(ids) = ids else { return Ok(all) };
    let find = |id: &String| {
        let known: Vec<&str> = all.iter().map(|rival| rival.id).collect();
        let found = all.iter().find(|rival| rival.id == id).copied();
        found.ok_or_else(|| format!("no rival {id}; {}", known.join(", ")))
    };
    ids.iter().map(find).collect()
}
