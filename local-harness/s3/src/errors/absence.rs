//! Why a request finds no object under its name, and what S3 answers.
//! Source: Amazon S3 User Guide, "Working with delete markers".

use std::sync::Arc;

use hyper::HeaderMap;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, LAST_MODIFIED};
use s3s::S3Error;

use super::{method_not_allowed, no_such_key, no_such_version};
use crate::conditions::http_date;
use crate::names::ObjectName;
use crate::records::version::MarkerRecord;

/// What is there instead of an object.
#[derive(Debug)]
pub(crate) enum Absence {
    /// No version of the key.
    Key,
    /// Not the named version.
    Version,
    /// A delete marker as the current version.
    CurrentMarker(Arc<MarkerRecord>),
    /// A delete marker as the named version.
    NamedMarker(Arc<MarkerRecord>),
}

impl Absence {
    /// What is missing where a key has no versions at all.
    pub(crate) fn of(name: &ObjectName) -> Self {
        if name.version_id.is_some() { Self::Version } else { Self::Key }
    }

    /// As a request meets it that would change the object: it may not change a marker either.
    pub(crate) fn for_change(self) -> Self {
        match self {
            Self::CurrentMarker(marker) => Self::NamedMarker(marker),
            other => other,
        }
    }
}

impl From<Absence> for S3Error {
    fn from(absence: Absence) -> Self {
        match absence {
            Absence::Key => no_such_key(),
            Absence::Version => no_such_version(),
            Absence::CurrentMarker(marker) => {
                let mut answer = no_such_key();
                answer.set_headers(headers(&marker));
                answer
            }
            Absence::NamedMarker(marker) => {
                let mut headers = headers(&marker);
                headers.insert(ALLOW, HeaderValue::from_static("DELETE"));
                if let Some(date) = http_date(marker.last_modified_s) {
                    headers.insert(LAST_MODIFIED, date);
                }
                let mut answer = method_not_allowed();
                answer.set_headers(headers);
                answer
            }
        }
    }
}

fn headers(marker: &MarkerRecord) -> HeaderMap {
    let mut headers = HeaderMap::new();
    // An answer's own headers take the place of all others.
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    let told = HeaderValue::from_static("true");
    headers.insert(HeaderName::from_static("x-amz-delete-marker"), told);
    if let Ok(id) = HeaderValue::try_from(marker.version_id.to_string()) {
        headers.insert(HeaderName::from_static("x-amz-version-id"), id);
    }
    headers
}
