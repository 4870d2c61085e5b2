//! The store's error: a refusal in S3's own words, or a disk error.
//! A failed disk becomes `InternalError` for the client, with the cause on stderr.

pub(crate) mod absence;

use std::io;
use std::path::Path;

use hyper::StatusCode;
use s3s::{S3Error, S3ErrorCode, s3_error};

use absence::Absence;

/// Why the store did not carry out a request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// The request cannot be granted; the client gets exactly this answer.
    #[error(transparent)]
    Refused(#[from] S3Error),
    /// There is no object under the name.
    #[error("no object: {0:?}")]
    Absent(Absence),
    /// The data directory could not be read or written.
    #[error("data directory: {0}")]
    Disk(#[from] io::Error),
}

impl From<StoreError> for S3Error {
    /// The client's answer. A disk error is printed here, once, because the client may not see it.
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Refused(answer) => answer,
            StoreError::Absent(absence) => absence.into(),
            StoreError::Disk(cause) => {
                eprintln!("s3: {cause}");
                s3_error!(cause, InternalError, "We encountered an internal error.")
            }
        }
    }
}

impl StoreError {
    /// As a request meets it that would change an object.
    pub(crate) fn for_change(self) -> Self {
        match self {
            Self::Absent(absence) => Self::Absent(absence.for_change()),
            other => other,
        }
    }
}

impl From<Absence> for StoreError {
    fn from(absence: Absence) -> Self {
        Self::Absent(absence)
    }
}

/// Adds the path to an error of the file system, which does not name it.
pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> io::Error {
    let path = path.to_owned();
    move |error| io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

pub(crate) fn no_such_bucket() -> S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist")
}

pub(crate) fn no_such_key() -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.")
}

pub(crate) fn no_such_version() -> S3Error {
    s3_error!(NoSuchVersion, "The specified version does not exist.")
}

pub(crate) fn method_not_allowed() -> S3Error {
    s3_error!(MethodNotAllowed, "The specified method is not allowed against this resource.")
}

pub(crate) fn no_such_cors() -> S3Error {
    let message = "The CORS configuration does not exist";
    unnamed("NoSuchCORSConfiguration", StatusCode::NOT_FOUND, message)
}

pub(crate) fn no_such_upload() -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may \
         have been aborted or completed."
    )
}

pub(crate) fn precondition_failed() -> S3Error {
    s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold")
}

/// An answer with a code that s3s has no name for.
pub(crate) fn unnamed(code: &str, status: StatusCode, message: &'static str) -> S3Error {
    let Ok(code) = code.parse::<S3ErrorCode>();
    let mut answer = S3Error::with_message(code, message);
    answer.set_status_code(status);
    answer
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use s3s::{S3Error, S3ErrorCode};

    use super::{StoreError, at, no_such_key};

    #[test]
    fn a_refusal_reaches_the_client_and_a_disk_error_does_not() {
        let refused = S3Error::from(StoreError::from(no_such_key()));
        assert_eq!(refused.code(), &S3ErrorCode::NoSuchKey);

        let full = at(Path::new("objects/ab"))(io::Error::from(io::ErrorKind::StorageFull));
        assert!(full.to_string().starts_with("objects/ab: "));
        let answer = S3Error::from(StoreError::from(full));
        assert_eq!(answer.code(), &S3ErrorCode::InternalError);
        assert!(!answer.message().unwrap_or_default().contains("objects"));
    }
}
