//! Browser uploads: `POST /bucket` with a form and a signed policy.
//!
//! s3s has a handler of its own, but it holds the file in memory, leaves `${filename}` as it is
//! and refuses policies that were signed more than a quarter of an hour ago.
//! Source: Amazon S3 API Reference, "Browser-based uploads using POST".

mod fields;
mod form;
mod policy;
pub(crate) mod presigned;
mod signature;

use std::sync::Arc;

use futures::{Stream, stream};
use hyper::header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue, LOCATION};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use s3s::dto::PostResponse;
use s3s::xml::{Serialize, Serializer};
use s3s::{Body, HttpError, S3Error, S3Result, s3_error};

use super::auth::Keys;
use super::body::SharedBody;
use super::conditions::WriteConditions;
use super::errors::method_not_allowed;
use super::names::check_key;
use super::notify::event::EventName;
use super::records::ObjectRecord;
use super::request::RequestInfo;
use super::single_upload::{Upload, store_upload};
use super::store::Store;
use super::store::objects::WriteCause;
use super::urls::{form_urlencode, location};
use fields::Fields;
use form::{FormReader, boundary};
use policy::SizeRange;

/// Whether a request is a form.
pub(crate) fn is_form<B>(request: &Request<B>) -> bool {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let form = kind.is_some_and(|kind| {
        kind.split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .eq_ignore_ascii_case("multipart/form-data")
    });
    form && request.method() == Method::POST
}

/// Answers a form, with an S3 error as XML if it is refused.
pub(crate) async fn answer(
    store: &Arc<Store>,
    keys: &Keys,
    request: Request<SharedBody>,
    info: RequestInfo,
) -> Result<Response<Body>, HttpError> {
    let answered = match upload(store, keys, request, info).await {
        Ok(response) => Ok(response),
        Err(refusal) => refusal.to_http_response(),
    };
    answered.map_err(|error| HttpError::new(Box::new(error)))
}

async fn upload(
    store: &Arc<Store>,
    keys: &Keys,
    request: Request<SharedBody>,
    info: RequestInfo,
) -> S3Result<Response<Body>> {
    let bucket_name = bucket_of(request.uri().path())?;
    let (head, body) = request.into_parts();
    let mut form = FormReader::new(body, boundary(&head.headers)?);
    let fields = Fields::read(&mut form).await?;
    let signed = signature::check(&fields, keys)?;
    let sizes = policy::check(&fields, &bucket_name, signed)?;
    let bucket = store.bucket(&bucket_name)?;
    let key = fields.get("key").unwrap_or_default().to_owned();
    check_key(&key)?;

    let upload = Upload { key, claims: fields.claims(), description: fields.description()? };
    let cause = WriteCause {
        conditions: WriteConditions::default(),
        event: EventName::CreatedPost,
        request: info,
    };
    let file = Box::pin(sized(form, sizes));
    let record = store_upload(store, &bucket, upload, (file, cause)).await?;
    respond(&fields, &bucket_name, &record, &head.headers)
}

fn bucket_of(path: &str) -> S3Result<String> {
    let path = percent_decode_str(path).decode_utf8().map_err(|_| s3_error!(InvalidURI))?;
    let name = path.trim_start_matches('/').trim_end_matches('/');
    if name.is_empty() || name.contains('/') {
        return Err(method_not_allowed());
    }
    Ok(name.to_owned())
}

/// The file's bytes, which end in an error if they are too many or too few for the policy.
fn sized(
    form: FormReader<SharedBody>,
    sizes: SizeRange,
) -> impl Stream<Item = S3Result<bytes::Bytes>> {
    stream::try_unfold((form, 0_u64), move |(mut form, total)| async move {
        let Some(chunk) = form.next_chunk().await? else {
            return sizes.check_at_end(total).map(|()| None);
        };
        let total = total + chunk.len() as u64;
        sizes.check_so_far(total)?;
        Ok(Some((chunk, (form, total))))
    })
}

/// 204, or as the form asks: 200, 201 with XML, or a redirect.
fn respond(
    fields: &Fields,
    bucket: &str,
    record: &ObjectRecord,
    headers: &HeaderMap,
) -> S3Result<Response<Body>> {
    let etag = format!("\"{}\"", record.etag);
    let place = location(headers, bucket, &record.key);
    let redirect = fields.get("success_action_redirect").or_else(|| fields.get("redirect"));
    let redirect = redirect.filter(|url| url.starts_with("http://") || url.starts_with("https://"));
    let (status, place, body) = match (redirect, fields.get("success_action_status")) {
        (Some(url), _) => {
            let separator = if url.contains('?') { '&' } else { '?' };
            let (key, tag) = (form_urlencode(&record.key), form_urlencode(&etag));
            let url = format!("{url}{separator}bucket={bucket}&key={key}&etag={tag}");
            (StatusCode::SEE_OTHER, url, Body::empty())
        }
        (None, Some("201")) => {
            let answer = PostResponse { location: &place, bucket, key: &record.key, etag: &etag };
            let mut xml = Vec::new();
            let mut serializer = Serializer::new(&mut xml);
            let written = serializer.decl().and_then(|()| answer.serialize(&mut serializer));
            written.map_err(S3Error::internal_error)?;
            (StatusCode::CREATED, place, Body::from(xml))
        }
        (None, Some("200")) => (StatusCode::OK, place, Body::empty()),
        (None, _) => (StatusCode::NO_CONTENT, place, Body::empty()),
    };
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let mut values = vec![(ETAG, etag), (LOCATION, place)];
    let version_id = record.version_id.unique_text();
    values.extend(version_id.map(|id| (HeaderName::from_static("x-amz-version-id"), id)));
    for (name, value) in values {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    if status == StatusCode::CREATED {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    }
    Ok(response)
}
