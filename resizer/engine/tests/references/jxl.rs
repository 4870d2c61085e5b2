//! JPEG XL: the conformance files and those of other projects beside their PNGs.

use resizer_engine::spec::Request;

use crate::files::{Set, as_it_is, difference};

/// Files whose picture is beside them as a PNG.
const PAIRS: usize = 18;

/// Most are without losses, and what is rounded on both sides may differ by a level. Other programs
/// convert colors by profiles of another precision.
const LARGEST: u8 = 4;
const MEAN: f64 = 0.5;

/// Inks become colors by the arithmetic of another program.
const OF_INKS: (&str, u8, f64) = ("cmyk_layers.jxl", 16, 1.0);

/// Its PNG shows other colors where it is transparent than libjxl 0.11, which shows what is shown
/// here.
const OTHERWISE: &str = "blendmodes.jxl";

#[test]
#[ignore = "needs RESIZER_CORPUS"]
fn files_show_what_their_pngs_show() {
    let set = Set::find("jxl");
    let (mut pairs, mut wrong) = (0, Vec::new());
    for name in set.names(".jxl") {
        let stem = name.trim_end_matches(".jxl");
        let png = [format!("{stem}.ref.png"), format!("{stem}.png")];
        let Some(png) = png.into_iter().find(|png| set.has(png)) else { continue };
        pairs += 1;
        let ours = as_it_is(&set.read(&name), Request::default());
        let theirs = as_it_is(&set.read(&png), Request::default()).expect("a good PNG");
        match ours {
            Err(error) => wrong.push(format!("{name}: {error}")),
            Ok(ours) if ours.dimensions() != theirs.dimensions() => {
                wrong.push(format!("{name}: {:?}", ours.dimensions()));
            }
            Ok(ours) => {
                let found = difference(&ours, &theirs);
                println!("{name}: {found:?}");
                let (largest, mean) =
                    if name == OF_INKS.0 { (OF_INKS.1, OF_INKS.2) } else { (LARGEST, MEAN) };
                let is_near = found.largest <= largest && found.mean <= mean;
                if !is_near && name != OTHERWISE {
                    wrong.push(format!("{name}: {found:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(pairs, PAIRS);
}
