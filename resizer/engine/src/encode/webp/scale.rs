//! libwebp's quality parameter for each `quality` of a variant.

use crate::raster::Size;

/// The parameter, 0 to 100, with which a WebP looks about like a JPEG of this quality.
pub(super) fn parameter(quality: u8, size: Size) -> f32 {
    let (column, share) = between(&QUALITIES, f32::from(quality.min(100)));
    let mixed = |low: f32, high: f32, share: f32| low + share * (high - low);
    let of_size = |row: usize| mixed(PARAMETERS[row][column], PARAMETERS[row][column + 1], share);
    let area = size.width() as f32 * size.height() as f32;
    let (row, size_share) = between(&SIDES, area.sqrt());
    mixed(of_size(row), of_size(row + 1), size_share)
}

/// The index of the last knot that is not above a value, and the distance of the value from it as a
/// fraction of the distance to the next knot. Values outside of all knots are clamped.
fn between(knots: &[f32], value: f32) -> (usize, f32) {
    let before_last = &knots[..knots.len() - 1];
    let at = before_last.iter().rposition(|knot| *knot <= value).unwrap_or(0);
    let share = (value - knots[at]) / (knots[at + 1] - knots[at]);
    (at, share.clamp(0.0, 1.0))
}

/// The qualities of the columns of [`PARAMETERS`].
const QUALITIES: [f32; 12] =
    [0.0, 10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 95.0, 100.0];
/// The sizes of the rows of the table: the square roots of the areas in pixels of pictures that are
/// 160, 320, 640, and 1920 pixels wide and three quarters as high.
const SIDES: [f32; 4] = [139.0, 277.0, 554.0, 1663.0];
/// libwebp's parameters. With them, photographs have the mean SSIMULACRA2 score of JPEGs of the
/// same quality. WebP has no 4:4:4, so its highest score is below that of JPEG. The command
/// `cargo compare --avif` measures the scores.
const PARAMETERS: [[f32; QUALITIES.len()]; SIDES.len()] = [
    [0.0, 7.0, 17.0, 27.0, 38.0, 48.0, 64.0, 73.5, 82.5, 95.0, 100.0, 100.0],
    [0.0, 8.0, 19.0, 31.0, 44.0, 55.0, 66.5, 76.5, 85.0, 96.0, 100.0, 100.0],
    [0.0, 8.0, 19.0, 33.0, 47.0, 60.0, 70.0, 78.5, 86.0, 96.0, 100.0, 100.0],
    [0.0, 8.0, 18.0, 36.0, 54.0, 65.0, 74.0, 81.0, 88.0, 97.0, 100.0, 100.0],
];

#[cfg(test)]
mod tests {
    use super::parameter;
    use crate::raster::Size;

    #[test]
    fn parameters_grow_with_the_quality() {
        for (width, height) in [(1, 1), (160, 120), (500, 300), (1920, 1440), (9000, 9000)] {
            let size = Size::new(width, height).expect("sides above 0");
            let parameters: Vec<f32> = (0..=100).map(|quality| parameter(quality, size)).collect();
            assert!(parameters.is_sorted_by(|a, b| a <= b), "{size:?}: {parameters:?}");
            assert!(parameters[100] <= 100.0 && parameters[0] >= 0.0);
        }
    }
}
