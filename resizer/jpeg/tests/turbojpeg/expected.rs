//! Where the two decoders may differ, and why: by kind, or by the name of the file.

use crate::comparison::Comparison;

const BEHIND: &str = "what the library refuses stands behind the last sample, where we stop";
const RANGE: &str = "damaged; coefficients leave the range of samples, where ours are clipped and \
                     the library's wrap round";

/// Files that differ otherwise than by kind: how the library and we judge them, and why.
const FILES: [(&str, [&str; 2], &str); 9] = [
    ("jpeg-decoder/fuzz-afl__in__id_000182_", ["refused", "decoded"], BEHIND),
    ("jpeg-decoder/fuzz-afl__in__id_000223_", ["refused", "decoded"], BEHIND),
    ("jpeg-decoder/fuzz-afl__in__id_000831_", ["refused", "decoded"], BEHIND),
    ("jpeg-decoder/fuzz-afl__in__id_000903_", ["refused", "decoded"], BEHIND),
    ("imagetestsuite__8a9cc8eeed66aeb423a91c44111d9450.jpg", ["refused", "decoded"], BEHIND),
    ("crashtest__images__dc-predictor-overflow.jpg", ["warned", "Malformed"], RANGE),
    ("imagetestsuite__32d08f4a5eb10332506ebedbb9bc7257.jpg", ["warned", "Truncated"], RANGE),
    ("imagetestsuite__56d4a1bb53241f7c5ed6ab531320a542.jpg", ["warned", "Malformed"], RANGE),
    ("libjpeg-turbo/testimgari.jpg", ["clean", "Unsupported"], "arithmetic coding"),
];

/// Why this difference is as it should be.
pub(crate) fn reason(comparison: &Comparison) -> Option<&'static str> {
    let Comparison { name, library, ours, ours_at_eighth, differences, .. } = comparison;
    let listed = FILES.iter().find(|(part, ..)| name.contains(part));
    if let Some((_, verdicts, reason)) = listed {
        return (*verdicts == [*library, *ours]).then_some(reason);
    }
    match (*library, *ours) {
        _ if !differences.is_empty() => None,
        ("warned", "decoded") if ours_at_eighth.is_none() => {
            Some("what the library warns of touches no sample")
        }
        ("warned", "Malformed" | "Truncated") => match ours_at_eighth {
            Some("decoded") => Some("damaged, we say where; at 1/8 that part is passed over"),
            _ => Some("damaged or cut: the library makes the rest up, we say where"),
        },
        _ => None,
    }
}

/// Parts of names that no file had, or whose file did not differ.
pub(crate) fn stale(comparisons: &[Comparison]) -> Vec<&'static str> {
    let parts = FILES.iter().map(|(part, ..)| *part);
    let differs =
        |part: &str| comparisons.iter().any(|one| one.name.contains(part) && !one.is_same());
    parts.filter(|part| !differs(part)).collect()
}
