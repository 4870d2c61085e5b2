//! A picture, or where it is found, as a response: validators, caching, and no body where the
//! client has it already or asks for the head alone.

use bytes::Bytes;

use super::{Request, Response};
use crate::digest;

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
            Self::Picture(Picture { bytes, media_type, cache_control, varies }) => {
                // The digest that S3 has as the ETag of an object, so that a client that got the
                // object from the bucket need not get it again from here.
                let etag = format!("\"{}\"", digest::md5(&bytes));
                let known = request.header("if-none-match");
                let is_known = known.is_some_and(|known| matches(&known, &etag));
                let mut headers = vec![("etag", etag), ("cache-control", cache_control)];
                if is_known {
                    (304, headers, Bytes::new(), varies)
                } else {
                    headers.push(("content-type", media_type.to_owned()));
                    let body = if request.method == "HEAD" { Bytes::new() } else { bytes };
                    (200, headers, body, varies)
                }
            }
        };
        if varies {
            headers.push(("vary", "Accept".to_owned()));
        }
        headers.push(("x-content-type-options", "nosniff".to_owned()));
        Response { status, headers, body }
    }
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

    use super::{Answer, Picture};
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
            media_type: "image/png",
            cache_control: "max-age=5".to_owned(),
            varies: true,
        };
        Answer::Picture(picture).response(&request)
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
        assert_eq!((head.status, head.body.len(), head.headers), (200, 0, whole.headers));
        for known in [etag, "*", &format!("\"x\", W/{etag}")] {
            let response = answered("GET", Some(known));
            assert_eq!((response.status, response.body.len()), (304, 0), "{known}");
        }
        assert_eq!(answered("GET", Some("\"abc\"")).status, 200);
    }
}
