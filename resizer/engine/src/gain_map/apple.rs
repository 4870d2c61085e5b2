//! Apple's gain maps: what they say as samples and parameters that all readers know.
//! Source: Apple, Applying Apple HDR effect to your photos.

use super::parameters::{Channel, Parameters};
use super::{GainMap, GainMapOutcome, xmp};
use crate::exif::Exif;
use crate::raster::Layout;
use crate::source::Source;

/// The map of a picture, or why it cannot go along. `xmp` is the map's own.
pub(super) fn map<'a>(
    picture: &Source<'_>,
    source: Source<'a>,
    xmp: Option<&[u8]>,
) -> Result<GainMap<'a>, GainMapOutcome> {
    let headroom = headroom(picture, xmp).filter(|headroom| *headroom > 1.0);
    let headroom = headroom.ok_or(GainMapOutcome::UnsupportedMap)?;
    if source.layout() != Layout::Gray {
        return Err(GainMapOutcome::UnsupportedMap);
    }
    let stops = headroom.log2();
    let (gamma, base_offset, alternate_offset) = (1.0, 0.0, 0.0);
    let channel = Channel { min: 0.0, max: stops, gamma, base_offset, alternate_offset };
    let parameters = Parameters {
        channels: [channel; 3],
        base_headroom: 0.0,
        alternate_headroom: stops,
        uses_base_colors: true,
    };
    let parameters = parameters.checked().ok_or(GainMapOutcome::Damaged)?;
    Ok(GainMap { source, parameters, shares: Some(shares(headroom)) })
}

/// How much brighter than white the brightest light is, as a factor.
fn headroom(picture: &Source<'_>, xmp: Option<&[u8]>) -> Option<f64> {
    let said = xmp.and_then(xmp::apple_headroom);
    said.or_else(|| {
        let [global, local] = picture.exif().and_then(Exif::read)?.apple_hdr()?;
        Some(of_maker_notes(global, local).exp2())
    })
}

/// In stops, by the tags 33 and 48 of the maker notes.
fn of_maker_notes(global: f64, local: f64) -> f64 {
    match (global < 1.0, local <= 0.01) {
        (true, true) => -20.0 * local + 1.8,
        (true, false) => -0.101 * local + 1.601,
        (false, true) => -70.0 * local + 3.0,
        (false, false) => -0.303 * local + 2.303,
    }
}

/// Apple's samples are light by the curve of Rec. 709: of a full one the picture has `headroom`
/// times its light, of none it is as it is, and between both it is proportional. The other kinds
/// of maps count in stops.
fn shares(headroom: f64) -> [f64; 256] {
    std::array::from_fn(|sample| {
        let coded = sample as f64 / 255.0;
        let light =
            if coded < 0.081 { coded / 4.5 } else { ((coded + 0.099) / 1.099).powf(1.0 / 0.45) };
        let stops = (1.0 + (headroom - 1.0) * light).log2();
        stops / headroom.log2()
    })
}

#[cfg(test)]
mod tests {
    use super::{of_maker_notes, shares};

    #[test]
    fn the_four_cases_of_the_maker_notes() {
        for (global, local, stops) in
            [(0.5, 0.0, 1.8), (0.5, 1.0, 1.5), (1.0, 0.01, 2.3), (1.2, 1.0, 2.0)]
        {
            assert!((of_maker_notes(global, local) - stops).abs() < 1e-9, "{global} {local}");
        }
    }

    #[test]
    fn samples_in_stops_give_the_light_of_the_formula() {
        let shares = shares(8.0);
        assert_eq!([shares[0], shares[255]], [0.0, 1.0]);
        for sample in [20, 128, 200] {
            let coded = sample as f64 / 255.0;
            let light = ((coded + 0.099) / 1.099).powf(1.0 / 0.45);
            let light = if coded < 0.081 { coded / 4.5 } else { light };
            let gain = (shares[sample] * 3.0).exp2();
            let expected = 1.0 + 7.0 * light;
            assert!((gain / expected - 1.0).abs() < 0.005, "{sample}: {gain} for {expected}");
        }
    }
}
