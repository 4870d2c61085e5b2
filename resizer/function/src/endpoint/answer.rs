//! A picture, or where it is found, as a response: validators, caching, and no body where the
//! client has it already or asks for the head alone.

use bytes::Bytes;

use super::{Request, Response};

/// What a request gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The picture itself.
    Picture(Picture),
    /// A URL that has it.
    Elsewhere {
        /// The URL.
        location: String,
        /// How long the redirect may be kept.
        cache_control: String,
        /// Whether it depends on the request's `Accept`.
        varies: bool,
    },
}

/// A picture with what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) bytes: Bytes,
    /// Without quotes.
    pub(super) etag: String,
    pub(super) media_type: &'static str,
    pub(super) cache_control: String,
    /// Whether the choice of its format depends on the request's `Accept`.
    pub(super) varies: bool,
}

impl Answer {
    /// For the log.
    pub(super) fn code(&self) -> &str {
        match self {
            Self::Picture(_) => "picture",
            Self::Elsewhere { .. } => "redirect",
        }
    }

    pub(super) fn response(self, request: &Request) -> Response {
        let (status, mut headers, body, varies) = match self {
            Self::Elsewhere { location, cache_control, varies } => {
                let headers = vec![("location", location), ("cache-control", cache_control)];
                (307, headers, Bytes::new(), varies)
            }
            Self::Picture(Picture { bytes, etag, media_type, cache_control, varies }) => {
                let etag = format!("\"{etag}\"");
                let known = request.header("if-none-match");
                let is_known = known.is_some_and(|known| matches(&known, &etag));
                // With 304 too: a function URL would call it JSON, and caches take that over.
                let headers = vec![
                    ("etag", etag),
                    ("cache-control", cache_control),
                    ("content-type", media_type.to_owned()),
                ];
                let has_body = !is_known && request.method != "HEAD";
                let body = if has_body { bytes } else { Bytes::new() };
                (if is_known { 304 } else { 200 }, headers, body, varies)
            }
        };
        if varies {
            headers.push(("vary", "Accept".to_owned()));
        }
        headers.push(("x-content-type-options", "nosniff".to_owned()));
        Response { status, headers, body }
    }
}

/// How long a picture may be kept: as long as its object says, but at most until its URL expires.
/// The object's `private`, `no-store`, and `no-cache` stay.
pub(super) fn cache_control(
    of_object: Option<String>,
    max_age_s: u32,
    expires_in_s: Option<u64>,
) -> String {
    let of_object = of_object.filter(|text| is_header(text));
    let Some(left_s) = expires_in_s else {
        return of_object.unwrap_or_else(|| format!("public, max-age={max_age_s}"));
    };
    let text = of_object.as_deref().unwrap_or_default().to_ascii_lowercase();
    let directives: Vec<&str> = text.split(',').map(str::trim).collect();
    let says = |name: &str| {
        directives.iter().any(|one| one.strip_prefix(name).is_some_and(is_end_of_name))
    };
    if let (Some(of_object), true) = (&of_object, says("no-store") || says("no-cache")) {
        return of_object.clone();
    }
    let age = |name: &str| {
        let values = directives.iter().filter_map(|one| one.strip_prefix(name));
        values.filter_map(|value| value.trim_matches('"').parse::<u64>().ok()).min()
    };
    let ages = age("max-age=").into_iter().chain(age("s-maxage="));
    let age_s = ages.min().unwrap_or(u64::from(max_age_s)).min(left_s);
    let audience = if says("private") { "private" } else { "public" };
    format!("{audience}, max-age={age_s}")
}

fn is_end_of_name(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with('=')
}

/// Whether a value of S3 can be one of a response.
fn is_header(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_graphic() || c == ' ')
}

/// Whether an `If-None-Match` has this ETag, by the weak comparison of RFC 9110, 13.1.2.
fn matches(known: &str, etag: &str) -> bool {
    known
        .split(',')
        .map(str::trim)
        .any(|one| one == "*" || one.strip_prefix("W/").unwrap_or(one) == etag)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Answer, Picture, cache_control};
    use crate::endpoint::{Request, Response};

    fn answered(method: &str, if_none_match: Option<&str>) -> Response {
        let headers = if_none_match.map(|value| ("If-None-Match".to_owned(), value.to_owned()));
        let request = Request {
            method: method.to_owned(),
            headers: headers.into_iter().collect(),
            ..Request::default()
        };
        let picture = Picture {
            bytes: Bytes::from_static(b"abc"),
            etag: "900150983cd24fb0d6963f7d28e17f72".to_owned(),
            media_type: "image/png",
            cache_control: "max-age=5".to_owned(),
            varies: true,
        };
        Answer::Picture(picture).response(&request)
    }

    #[test]
    fn a_url_that_expires_is_kept_no_longer_and_by_nobody_else() {
        for (of_object, left_s, expected) in [
            (None, None, "public, max-age=100"),
            (None, Some(9), "public, max-age=9"),
            (None, Some(1000), "public, max-age=100"),
            (Some("Private, x=1"), None, "Private, x=1"),
            (Some("private"), Some(9), "private, max-age=9"),
            (Some("private=\"a\", max-age=5"), Some(9), "private, max-age=5"),
            (Some("public, max-age=50, immutable"), Some(9), "public, max-age=9"),
            (Some("max-age=50, s-maxage=7"), Some(9), "public, max-age=7"),
            (Some("no-store"), Some(9), "no-store"),
            (Some("No-Cache, max-age=5"), Some(9), "No-Cache, max-age=5"),
            (Some("bad\nheader"), None, "public, max-age=100"),
        ] {
            let of_object = of_object.map(str::to_owned);
            assert_eq!(cache_control(of_object.clone(), 100, left_s), expected, "{of_object:?}");
        }
    }

    #[test]
    fn a_client_that_has_the_picture_does_not_get_it_again() {
        let etag = "\"900150983cd24fb0d6963f7d28e17f72\"";
        let whole = answered("GET", None);
        assert_eq!((whole.status, &whole.body[..]), (200, &b"abc"[..]));
        let names: Vec<&str> = whole.headers.iter().map(|(name, _)| *name).collect();
        let expected = ["etag", "cache-control", "content-type", "vary", "x-content-type-options"];
        assert_eq!(names, expected);
        assert_eq!(whole.headers[0].1, etag);
        let head = answered("HEAD", None);
        assert_eq!((head.status, head.body.len(), &head.headers), (200, 0, &whole.headers));
        for known in [etag, "*", &format!("\"x\", W/{etag}")] {
            let response = answered("GET", Some(known));
            assert_eq!((response.status, response.body.len()), (304, 0), "{known}");
            assert_eq!(response.headers, whole.headers, "{known}");
        }
        assert_eq!(answered("GET", Some("\"abc\"")).status, 200);
    }
}
