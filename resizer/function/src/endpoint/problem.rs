//! Why a request gets no picture, as a status, a stable code and a body: a small JSON, or an image
//! where pages show it. What is said is no more than the client may know; the log has the rest.

use bytes::Bytes;
use resizer_engine::Reject;
use resizer_engine::spec::Rgba;
use serde_json::json;

use super::accept::Accept;
use super::options::OptionError;
use super::path::PathError;
use super::query::QueryError;
use super::{Endpoint, Request, Response};
use crate::digest::hexadecimal;
use crate::error::{Fault, FaultKind};
use crate::refusal::Refusal;

/// When a client may ask again after a fault, in seconds.
const RETRY_AFTER_S: u32 = 2;

/// The same after a deadline, and how long a CDN may keep that answer.
const DEADLINE_AGE_S: u32 = 30;

/// Why a request gets no picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The configuration has no endpoint.
    Off,
    /// The method is neither GET nor HEAD.
    Method,
    /// The path cannot be the one of a picture.
    Path(PathError),
    /// The query is none that the path takes.
    Query(QueryError),
    /// An option is out of bounds.
    Option(OptionError),
    /// The URL has no signature, or one that does not count.
    Signature,
    /// The URL's time is over.
    Expired,
    /// The path names nothing that there could be.
    NoPicture,
    /// There is no such upload.
    NoSource,
    /// The client accepts none of the formats.
    NotAcceptable,
    /// The upload never has pictures.
    Refused {
        /// The refusal's stable name.
        code: String,
        /// What the client may know of it.
        message: Option<String>,
    },
    /// Something failed that may pass.
    Failed(FaultKind),
}

impl From<PathError> for Problem {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        Self::Query(error)
    }
}

impl From<OptionError> for Problem {
    fn from(error: OptionError) -> Self {
        Self::Option(error)
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        tracing::error!(code = fault.kind.code(), "{fault}");
        Self::Failed(fault.kind)
    }
}

impl From<&Refusal> for Problem {
    fn from(refusal: &Refusal) -> Self {
        let message = match refusal {
            // The refusal's own message quotes the file, which may contain anything.
            Refusal::File(Reject::NotAnImage { .. }) => {
                Some("the upload is not an image of a known format".to_owned())
            }
            // What these say follows from the file and its limits alone.
            Refusal::File(_) | Refusal::SourceTooLarge { .. } | Refusal::ContentEncoding { .. } => {
                Some(refusal.to_string())
            }
            Refusal::KeyTooLong { .. }
            | Refusal::Archived { .. }
            | Refusal::Encrypted { .. }
            | Refusal::KeyTaken { .. }
            | Refusal::TooSlow { .. }
            | Refusal::Crashed { .. } => None,
        };
        Self::Refused { code: refusal.code().to_owned(), message }
    }
}

impl Problem {
    /// The status code.
    pub fn status(&self) -> u16 {
        match self {
            Self::Off | Self::NoPicture | Self::NoSource => 404,
            Self::Method => 405,
            Self::Path(PathError::TooLong) | Self::Query(QueryError::TooLong) => 414,
            Self::Path(_) | Self::Query(_) | Self::Option(_) => 400,
            Self::Signature => 403,
            Self::Expired => 410,
            Self::NotAcceptable => 406,
            Self::Refused { code, .. } => match code.as_str() {
                "not_an_image" | "unsupported" | "content_encoding" => 415,
                "too_large" => 413,
                "archived" | "encrypted" | "key_taken" => 409,
                _ => 422,
            },
            Self::Failed(_) => 503,
        }
    }

    /// The stable name, in bodies and in the log.
    pub fn code(&self) -> &str {
        match self {
            Self::Off => "endpoint_off",
            Self::Method => "method",
            Self::Path(_) => "path",
            Self::Query(_) => "query",
            Self::Option(_) => "option",
            Self::Signature => "signature",
            Self::Expired => "expired",
            Self::NoPicture => "no_picture",
            Self::NoSource => "no_source",
            Self::NotAcceptable => "not_acceptable",
            Self::Refused { code, .. } => code,
            Self::Failed(kind) => kind.code(),
        }
    }

    /// A sentence for whoever wrote the URL.
    pub fn message(&self) -> String {
        match self {
            Self::Off => "the configuration has no [endpoint]".to_owned(),
            Self::Method => "only GET and HEAD are answered".to_owned(),
            Self::Path(error) => error.to_string(),
            Self::Query(error) => error.to_string(),
            Self::Option(error) => error.to_string(),
            Self::Signature => "the URL has no valid signature; sign it anew".to_owned(),
            Self::Expired => "the URL has expired; sign it anew".to_owned(),
            Self::NoPicture => "no rule makes a picture of this name".to_owned(),
            Self::NoSource => "there is no such upload".to_owned(),
            Self::NotAcceptable => {
                "the picture has no format that the request's Accept header allows".to_owned()
            }
            Self::Refused { message: Some(message), .. } => message.clone(),
            Self::Refused { code, .. } => {
                format!("the upload has no pictures ({code}); its failure record says why")
            }
            Self::Failed(kind) => {
                format!("the picture cannot be made at the moment ({kind}); ask again")
            }
        }
    }

    /// The whole response.
    pub fn response(&self, request: &Request, endpoint: Option<&Endpoint>) -> Response {
        let image = endpoint.and_then(|endpoint| endpoint.error_image);
        let wants_image = Accept::parse(request.header("accept").as_deref()).names_images();
        let (media_type, body) = match image.filter(|_| wants_image) {
            Some(color) => ("image/svg+xml", svg(color)),
            None => {
                let body = json!({ "code": self.code(), "message": self.message() });
                ("application/json", body.to_string())
            }
        };
        let kept_s = endpoint.map_or(0, |endpoint| match self {
            // What took too long would take too long again at once, for everybody who asks.
            Self::Failed(FaultKind::Deadline) => endpoint.error_max_age_s.min(DEADLINE_AGE_S),
            Self::Failed(_) => 0,
            _ => endpoint.error_max_age_s,
        });
        let is_kept = endpoint.is_some() && (kept_s > 0 || self.status() != 503);
        let cache_control =
            if is_kept { format!("public, max-age={kept_s}") } else { "no-store".to_owned() };
        let mut headers = vec![
            ("content-type", media_type.to_owned()),
            ("cache-control", cache_control),
            ("x-content-type-options", "nosniff".to_owned()),
            ("content-security-policy", "default-src 'none'".to_owned()),
        ];
        if image.is_some() || *self == Self::NotAcceptable {
            headers.push(("vary", "Accept".to_owned()));
        }
        match self {
            Self::Method => headers.push(("allow", "GET, HEAD".to_owned())),
            Self::Failed(FaultKind::Deadline) => {
                headers.push(("retry-after", DEADLINE_AGE_S.to_string()));
            }
            Self::Failed(_) => headers.push(("retry-after", RETRY_AFTER_S.to_string())),
            _ => {}
        }
        let body = if request.method == "HEAD" { String::new() } else { body };
        Response { status: self.status(), headers, body: Bytes::from(body) }
    }
}

/// A picture of one color, which fills whatever box shows it.
fn svg(Rgba([red, green, blue, alpha]): Rgba) -> String {
    let color = hexadecimal(&[red, green, blue, alpha]);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\" \
         preserveAspectRatio=\"none\"><rect width=\"1\" height=\"1\" fill=\"#{color}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use resizer_engine::Reject;

    use super::Problem;
    use crate::endpoint::Request;
    use crate::error::FaultKind;
    use crate::refusal::Refusal;

    #[test]
    fn nothing_of_a_file_is_quoted() {
        let reject = Reject::NotAnImage { first_bytes: b"password".to_vec() };
        let problem = Problem::from(&Refusal::from(reject));
        assert_eq!((problem.status(), problem.code()), (415, "not_an_image"));
        assert_eq!(problem.message(), "the upload is not an image of a known format");
    }

    #[test]
    fn without_an_endpoint_nothing_is_kept() {
        let response = Problem::Failed(FaultKind::Deadline).response(&Request::default(), None);
        assert!(response.headers.contains(&("cache-control", "no-store".to_owned())));
        assert!(response.headers.contains(&("retry-after", "30".to_owned())));
    }
}
