//! A request's `Accept` and the formats of a picture in, the formats in the order of the client's
//! preference out. Source: RFC 9110, 12.5.1.

use resizer_engine::spec::OutputFormat;

/// Ranges of a header that are read; browsers send about eight.
const MAX_RANGES: usize = 64;

/// The weight 1 in thousandths.
const FULL: u16 = 1000;

/// What a client accepts, as its header says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accept(Vec<(String, u16)>);

/// How a client accepts a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Weight {
    thousandths: u16,
    /// Whether the header names the type itself.
    is_named: bool,
}

impl Accept {
    /// Reads a header; without one, everything is accepted. Ranges that cannot be read are left
    /// out.
    pub fn parse(header: Option<&str>) -> Self {
        let Some(header) = header.filter(|header| !header.trim().is_empty()) else {
            return Self(vec![("*/*".to_owned(), FULL)]);
        };
        let ranges = header.split(',').take(MAX_RANGES).filter_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let name = parts.next().filter(|name| name.contains('/'))?.to_ascii_lowercase();
            let weight = parts.find_map(|part| {
                let (name, value) = part.split_once('=')?;
                name.trim().eq_ignore_ascii_case("q").then(|| thousandths(value.trim()))
            });
            Some((name, weight.unwrap_or(Some(FULL))?))
        });
        Self(ranges.collect())
    }

    /// Whether it names some type of images.
    pub fn names_images(&self) -> bool {
        self.0.iter().any(|(name, weight)| name.starts_with("image/") && *weight > 0)
    }

    /// Those of the formats that are accepted, the best one first. By their weight; of equal ones
    /// AVIF, WebP and then the order that they are given in. A wildcard does not mean
    /// that the client knows AVIF or WebP: where it does not name them, they come last.
    pub fn order(&self, formats: &[OutputFormat]) -> Vec<OutputFormat> {
        let rank = |format: OutputFormat| match format {
            OutputFormat::Avif => 0_u8,
            OutputFormat::Webp => 1,
            _ => 2,
        };
        let weighed = formats.iter().map(|format| (*format, self.weight(format.media_type())));
        let mut accepted: Vec<_> = weighed.filter(|(_, weight)| weight.thousandths > 0).collect();
        accepted.sort_by_key(|(format, weight)| {
            let rank = rank(*format);
            let is_last = rank < 2 && !weight.is_named;
            // Of the two WebP is the one that more clients know.
            let rank = if is_last { 2 - rank } else { rank };
            (is_last, FULL - weight.thousandths, rank)
        });
        accepted.into_iter().map(|(format, _)| format).collect()
    }

    /// By the most specific range.
    fn weight(&self, media_type: &str) -> Weight {
        let of = |name: &str| self.0.iter().find(|range| range.0 == name).map(|range| range.1);
        match of(media_type) {
            Some(thousandths) => Weight { thousandths, is_named: true },
            None => {
                let thousandths = of("image/*").or_else(|| of("*/*")).unwrap_or(0);
                Weight { thousandths, is_named: false }
            }
        }
    }
}

/// `0.85` as 850; `None` for what is no weight.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    if part.len() > 3 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{part:0<3}").parse().ok()?;
    match (whole, part) {
        ("0", part) => Some(part),
        ("1", 0) => Some(FULL),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use resizer_engine::spec::OutputFormat::{Avif, Gif, Jpeg, Png, Webp};

    use super::Accept;

    #[test]
    fn clients_get_what_they_prefer() {
        let all = [Jpeg, Webp, Avif, Png];
        for (header, order) in [
            // Chrome and Firefox, for an <img>.
            (
                "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
                &[Avif, Webp, Jpeg, Png][..],
            ),
            (
                "image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5",
                &[Webp, Png, Jpeg, Avif],
            ),
            // An old browser, curl, and nothing.
            ("image/*,*/*;q=0.8", &[Jpeg, Png, Webp, Avif]),
            ("*/*", &[Jpeg, Png, Webp, Avif]),
            ("", &[Jpeg, Png, Webp, Avif]),
            // Weights count, and 0 excludes.
            ("image/webp;q=0.5, image/jpeg;q=0.9", &[Jpeg, Webp]),
            ("image/avif;q=0, */*", &[Jpeg, Png, Webp]),
            ("IMAGE/AVIF;Q=0.001", &[Avif]),
            ("image/*;q=0, image/png;q=0.2", &[Png]),
            ("image/webp;foo=1;q=0.25, image/png;q=0.250", &[Webp, Png]),
            ("text/html", &[]),
            // What cannot be read does not count.
            ("image/webp;q=2, image/jpeg;q=x, nonsense, image/png", &[Png]),
        ] {
            assert_eq!(Accept::parse(Some(header)).order(&all), order, "{header}");
        }
        assert_eq!(Accept::parse(None).order(&[Webp]), [Webp]);
        assert_eq!(Accept::parse(Some("*/*")).order(&[Avif, Webp]), [Webp, Avif]);
        assert_eq!(Accept::parse(None).order(&[Gif, Jpeg]), [Gif, Jpeg]);
    }

    #[test]
    fn an_img_is_told_from_a_call() {
        assert!(Accept::parse(Some("image/avif,*/*;q=0.8")).names_images());
        assert!(!Accept::parse(Some("image/avif;q=0,*/*")).names_images());
        assert!(!Accept::parse(Some("*/*")).names_images());
        assert!(!Accept::parse(None).names_images());
    }
}
