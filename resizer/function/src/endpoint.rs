//! Pictures over HTTP: the variants of the rules by name, by the key under which they are stored,
//! and, in signed URLs, with free options. A request in, a response out, as plain values: the
//! function serves them to Lambda, and other programs may serve them to a socket.
//!
//! | Module | What it does |
//! |---|---|
//! | [`path`] | decodes a path, or refuses it |
//! | [`query`] | decodes a query, or refuses it |
//! | [`signature`] | signs paths with their options, and checks signatures |
//! | [`options`] | the options of a signed URL, and the variant that they ask for |
//! | [`accept`] | orders formats by a request's `Accept` |
//! | `route` | finds what a path names |
//! | `named`, `free` | answer with a variant of a rule, or with one of free options |
//! | `flights` | lets one request make what several wait for |
//! | `answer`, [`problem`] | write responses |
//! | `log` | writes the log line of a request |

pub mod accept;
mod answer;
mod flights;
mod free;
mod log;
mod named;
pub mod options;
pub mod path;
pub mod problem;
pub mod query;
mod route;
pub mod signature;

use std::time::Duration;

use bytes::Bytes;
use resizer_engine::spec::{OutputFormat, Rgba};
use tokio::time::{Instant, timeout_at};

use self::answer::{Answer, Picture};
use self::path::Path;
use self::problem::Problem;
use self::signature::SigningKeys;
use crate::batch::Invocation;
use crate::error::{Fault, FaultKind};
use crate::event::ObjectRef;
use crate::handler::App;
use crate::responsive;
use crate::store::StoredPicture;

pub(crate) use self::flights::Flights;

/// What is served, to whom, and within which limits.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// The bucket of all uploads that are served.
    pub bucket: String,
    /// What their keys begin with.
    pub prefix: String,
    /// Who may ask for variants of rules.
    pub named: Access,
    /// Limits of free options.
    pub bounds: Bounds,
    /// How long pictures may be kept, in seconds.
    pub max_age_s: u32,
    /// How long errors may be kept, in seconds.
    pub error_max_age_s: u32,
    /// The color of the image that stands for an error; JSON without it.
    pub error_image: Option<Rgba>,
    /// What stands before a stored key in a redirect; without it, a presigned URL is made.
    pub base_url: Option<String>,
    /// Where pictures of free options are stored.
    pub results: Results,
    /// What signs URLs; none if there are no signed URLs.
    pub keys: SigningKeys,
}

/// Who may ask for the variants of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anyone.
    Public,
    /// Whoever has a signed URL.
    Signed,
}

/// Limits of free options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// In pixels.
    pub max_width: u32,
    /// In pixels.
    pub max_height: u32,
    /// Of width times height.
    pub max_pixels: u64,
    /// The formats that may be asked for.
    pub formats: Vec<OutputFormat>,
}

/// Where pictures of free options are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Results {
    /// The bucket.
    pub bucket: String,
    /// What their keys begin with, a slash at its end.
    pub prefix: String,
}

/// An HTTP request without a body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, in capitals.
    pub method: String,
    /// As it was sent: percent-encoded, without the query.
    pub path: String,
    /// As it was sent, without the question mark; empty where there is none.
    pub query: String,
    /// Names in any case, with their values.
    pub headers: Vec<(String, String)>,
}

/// An HTTP response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Names in lower case, each once, with values of visible ASCII and spaces.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for a HEAD request and with 304.
    pub body: Bytes,
}

impl Request {
    /// The values of a header, with commas between them; `None` where there is none.
    pub fn header(&self, name: &str) -> Option<String> {
        let is_named = |header: &&(String, String)| header.0.eq_ignore_ascii_case(name);
        let values = self.headers.iter().filter(is_named).map(|(_, value)| value.as_str());
        let values: Vec<&str> = values.collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

impl Results {
    /// Whether an object lies where these are stored.
    pub fn hold(&self, object: &ObjectRef) -> bool {
        object.bucket == self.bucket && object.key.starts_with(&self.prefix)
    }
}

/// How long a redirect to a stored object may be kept, in seconds: the object may be deleted.
const REDIRECT_MAX_AGE_S: u32 = 60;

/// How long the URL of a redirect works.
const PRESIGNED_FOR: Duration = Duration::from_secs(300);

/// How a picture may be handed out.
#[derive(Debug, Clone, Copy)]
struct Terms<'a> {
    /// Whether the request's `Accept` decided its format.
    varies: bool,
    /// Whether the URL had to be signed.
    is_signed: bool,
    /// Seconds until the URL expires, where it does.
    expires_in_s: Option<u64>,
    /// That of its rule.
    base_url: Option<&'a str>,
}

/// What one request has to work with.
#[derive(Clone, Copy)]
struct Exchange<'a> {
    app: &'a App,
    endpoint: &'a Endpoint,
    request: &'a Request,
    invocation: &'a Invocation,
    max_body_bytes: u64,
}

/// Answers a request: with a picture, which is made and stored first if it is missing, or with an
/// error. A picture of more than `max_body_bytes` is answered by a redirect. Prints the log line of
/// the request, and that of the upload if its variants were made. Never fails: every failure is a
/// response. Several may be awaited at the same time, on one thread.
pub async fn respond(
    app: &App,
    request: &Request,
    invocation: &Invocation,
    max_body_bytes: u64,
) -> Response {
    let began = Instant::now();
    let endpoint = app.config().endpoint.as_ref();
    let answered = match endpoint {
        None => Err(Problem::Off),
        Some(endpoint) => {
            Exchange { app, endpoint, request, invocation, max_body_bytes }.answer().await
        }
    };
    let code = answered.as_ref().map_or_else(Problem::code, Answer::code).to_owned();
    let response = match answered {
        Ok(answer) => answer.response(request),
        Err(problem) => problem.response(request, endpoint),
    };
    log::print(request, &response, &code, (&invocation.request_id, began.elapsed()));
    response
}

impl Exchange<'_> {
    async fn answer(&self) -> Result<Answer, Problem> {
        if !matches!(self.request.method.as_str(), "GET" | "HEAD") {
            return Err(Problem::Method);
        }
        match self.route()? {
            route::Route::Named(named) => Box::pin(self.named(&named)).await,
            route::Route::Free(free) => Box::pin(self.free(&free)).await,
        }
    }

    /// A request to S3, until it is time to answer.
    async fn asked<T>(
        &self,
        request: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Problem> {
        Ok(self.in_time(request).await??)
    }

    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, Problem> {
        let ended = timeout_at(self.invocation.stop_at(), work).await;
        ended.map_err(|_| Problem::Failed(FaultKind::Deadline))
    }

    /// A stored picture as the answer, or a redirect to it if it is too large.
    async fn answer_with(
        &self,
        picture: StoredPicture,
        place: &ObjectRef,
        terms: Terms<'_>,
    ) -> Result<Answer, Problem> {
        let varies = terms.varies;
        let Some(bytes) = picture.bytes else {
            let (location, cache_control) = self.elsewhere(place, terms).await?;
            return Ok(Answer::Elsewhere { location, cache_control, varies });
        };
        let max_age_s = self.endpoint.max_age_s;
        let cache_control =
            answer::cache_control(picture.cache_control, max_age_s, terms.expires_in_s);
        // That of S3, so that a client that got the object from the bucket need not get it again.
        let (etag, media_type) = (picture.etag, picture.format.media_type());
        Ok(Answer::Picture(Picture { bytes, etag, media_type, cache_control, varies }))
    }

    /// A URL of the picture, and how long a redirect to it may be kept. A signed URL is never
    /// redirected below a base URL, where nothing checks signatures. Neither is a request for the
    /// stored key itself: it may have come through the base URL, and the redirect would loop.
    async fn elsewhere(
        &self,
        place: &ObjectRef,
        terms: Terms<'_>,
    ) -> Result<(String, String), Problem> {
        let of_rule = terms.base_url.filter(|url| url.starts_with("http"));
        let base_url = self.endpoint.base_url.as_deref().or(of_rule);
        let is_own_path = Path::parse(&self.request.path).is_ok_and(|one| one.text() == place.key);
        if let Some(base_url) = base_url.filter(|_| !terms.is_signed && !is_own_path) {
            let url = responsive::url(Some(base_url), &place.key);
            return Ok((url, format!("public, max-age={REDIRECT_MAX_AGE_S}")));
        }
        let left = terms.expires_in_s.map_or(PRESIGNED_FOR, Duration::from_secs);
        let url = self.app.store().presigned(place, left.min(PRESIGNED_FOR));
        Ok((self.asked(url).await?, "no-store".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::Request;

    #[test]
    fn headers_are_found_in_any_case() {
        let headers = [("Accept", "a"), ("X", "b"), ("accept", "c")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let request = Request { headers: headers.into(), ..Request::default() };
        assert_eq!(request.header("ACCEPT").as_deref(), Some("a, c"));
        assert_eq!(request.header("y"), None);
    }
}
