//! The focal point that an uploader names in the user metadata of an object. In: metadata. Out: a
//! point, and a request with this point.

use std::collections::BTreeMap;

use resizer_engine::spec::{Fit, Gravity, Request};

/// The name of the user metadata: the header is `x-amz-meta-focal-point`.
pub const FOCAL_POINT_METADATA: &str = "focal-point";

/// The point of a picture that a crop must keep, from the left and from the top, in ten thousandths
/// of width and height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FocalPoint {
    /// From the left.
    pub x: u16,
    /// From the top.
    pub y: u16,
}

impl FocalPoint {
    /// The point in the user metadata of an object, such as `0.3,0.5`: shares of width and height.
    /// None if there is none, or if it cannot be read.
    pub fn read(metadata: &BTreeMap<String, String>) -> Option<Self> {
        let (x, y) = metadata.get(FOCAL_POINT_METADATA)?.split_once(',')?;
        let share = |text: &str| share(text.trim().parse().ok()?);
        Some(Self { x: share(x)?, y: share(y)? })
    }

    /// The request with this point for `cover`, unless a variant names an edge or a point itself.
    pub fn applied_to(self, request: &Request) -> Request {
        let mut request = request.clone();
        for variant in &mut request.variants {
            let is_free = matches!(variant.gravity, Gravity::Center | Gravity::Attention);
            if variant.fit == Fit::Cover && is_free {
                variant.gravity = Gravity::Focal(self.x, self.y);
            }
        }
        request
    }
}

/// A share from 0 to 1, in ten thousandths; None outside.
pub(crate) fn share(share: f64) -> Option<u16> {
    (0.0..=1.0).contains(&share).then(|| (share * 10_000.0).round() as u16)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use resizer_engine::spec::{Fit, Gravity, Request, VariantSpec};

    use super::{FOCAL_POINT_METADATA, FocalPoint};

    fn read(value: &str) -> Option<FocalPoint> {
        FocalPoint::read(&BTreeMap::from([(FOCAL_POINT_METADATA.to_owned(), value.to_owned())]))
    }

    #[test]
    fn two_shares_are_a_point_and_nothing_else_is() {
        assert_eq!(read("0.3,0.5"), Some(FocalPoint { x: 3_000, y: 5_000 }));
        assert_eq!(read(" 1 , 0 "), Some(FocalPoint { x: 10_000, y: 0 }));
        for wrong in
            ["", "0.3", "0.3,", "0.3;0.5", "0.3,0.5,0.1", "1.1,0", "-0.1,0", "NaN,0", "a,b"]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(FocalPoint::read(&BTreeMap::new()), None);
    }

    #[test]
    fn a_point_leaves_the_edges_and_points_of_a_rule() {
        let with = |gravity| VariantSpec { gravity, fit: Fit::Cover, ..VariantSpec::default() };
        let rule = [Gravity::Center, Gravity::Attention, Gravity::North, Gravity::Focal(1, 2)];
        let mut rule = rule.map(with).to_vec();
        rule.push(VariantSpec { fit: Fit::Pad, ..VariantSpec::default() });
        let request: Request = rule.into();
        let point = FocalPoint { x: 9, y: 8 };
        let applied: Vec<Gravity> =
            point.applied_to(&request).variants.iter().map(|variant| variant.gravity).collect();
        let focal = Gravity::Focal(9, 8);
        assert_eq!(applied, [focal, focal, Gravity::North, Gravity::Focal(1, 2), Gravity::Center]);
    }
}
