//! Two colors in, how far they look from one another out: CIEDE2000.
//! Source: Sharma, Wu, Dalal: The CIEDE2000 Color-Difference Formula, 2005.

/// Of two colors of sRGB, seen in its own white.
pub(crate) fn of_srgb(one: [u8; 3], other: [u8; 3]) -> f64 {
    of_lab(lab(one), lab(other))
}

fn lab(srgb: [u8; 3]) -> [f64; 3] {
    let [r, g, b] = srgb.map(|value| {
        let value = f64::from(value) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    let xyz = [
        (0.412_456 * r + 0.357_576 * g + 0.180_438 * b) / 0.950_470,
        0.212_673 * r + 0.715_152 * g + 0.072_175 * b,
        (0.019_334 * r + 0.119_192 * g + 0.950_304 * b) / 1.088_830,
    ];
    let [x, y, z] = xyz.map(|part| {
        let straight = part <= 216.0 / 24_389.0;
        if straight { (24_389.0 / 27.0 * part + 16.0) / 116.0 } else { part.cbrt() }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn of_lab(one: [f64; 3], other: [f64; 3]) -> f64 {
    let chroma = |[_, a, b]: [f64; 3]| a.hypot(b);
    let to_seventh = f64::midpoint(chroma(one), chroma(other)).powi(7);
    let stretch = 1.5 - 0.5 * (to_seventh / (to_seventh + 25.0_f64.powi(7))).sqrt();
    let polar = |[lightness, a, b]: [f64; 3]| {
        let a = a * stretch;
        let hue = b.atan2(a).to_degrees().rem_euclid(360.0);
        [lightness, a.hypot(b), if a == 0.0 && b == 0.0 { 0.0 } else { hue }]
    };
    let ([l1, c1, h1], [l2, c2, h2]) = (polar(one), polar(other));
    let is_gray = c1 * c2 == 0.0;
    let mut turn = if is_gray { 0.0 } else { h2 - h1 };
    if turn.abs() > 180.0 {
        turn -= 360.0 * turn.signum();
    }
    let hue_step = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
    let (lightness, chroma) = (f64::midpoint(l1, l2), f64::midpoint(c1, c2));
    let hue = match h1 + h2 {
        sum if is_gray => sum,
        sum if (h1 - h2).abs() <= 180.0 => sum / 2.0,
        sum if sum < 360.0 => (sum + 360.0) / 2.0,
        sum => (sum - 360.0) / 2.0,
    };
    let cos = |degrees: f64| degrees.to_radians().cos();
    let t = 1.0 - 0.17 * cos(hue - 30.0) + 0.24 * cos(2.0 * hue) + 0.32 * cos(3.0 * hue + 6.0)
        - 0.20 * cos(4.0 * hue - 63.0);
    let from_middle = (lightness - 50.0).powi(2);
    let weights = [
        1.0 + 0.015 * from_middle / (20.0 + from_middle).sqrt(),
        1.0 + 0.045 * chroma,
        1.0 + 0.015 * chroma * t,
    ];
    let steps = [l2 - l1, c2 - c1, hue_step];
    let [light, color, tone] = [0, 1, 2].map(|at| steps[at] / weights[at]);
    let blue = 30.0 * (-((hue - 275.0) / 25.0).powi(2)).exp();
    let seventh = chroma.powi(7);
    let rotation =
        -2.0 * (seventh / (seventh + 25.0_f64.powi(7))).sqrt() * (2.0 * blue).to_radians().sin();
    (light * light + color * color + tone * tone + rotation * color * tone).sqrt()
}

#[test]
fn the_formula_gives_what_its_paper_says() {
    for (one, other, expected) in [
        ([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485], 2.0425),
        ([50.0, -1.3802, -84.2814], [50.0, 0.0, -82.7485], 1.0000),
        ([50.0, 0.0, 0.0], [50.0, -1.0, 2.0], 2.3669),
        ([50.0, 2.5, 0.0], [73.0, 25.0, -18.0], 27.1492),
        ([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644),
        ([22.7233, 20.0904, -46.6940], [23.0331, 14.9730, -42.5619], 2.0373),
        ([2.0776, 0.0795, -1.1350], [0.9033, -0.0636, -0.5514], 0.9082),
    ] {
        let found = of_lab(one, other);
        assert!((found - expected).abs() < 0.0001, "{one:?}, {other:?}: {found}");
    }
}
