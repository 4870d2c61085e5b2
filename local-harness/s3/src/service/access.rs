//! Which objects can be read: not those in an archive, those under a customer's key without it, and
//! those under a key of KMS that may not be used. And RestoreObject, which brings them back.
//! Source: Amazon S3 API Reference, GetObject, RestoreObject, "Error responses".

use std::sync::Arc;

use hyper::StatusCode;
use md5::{Digest, Md5};
use s3s::dto::{RestoreObjectInput, RestoreObjectOutput, StorageClass};
use s3s::{S3Error, S3Request, S3Result, s3_error};

use crate::blocking::blocking;
use crate::errors::absence::Absence;
use crate::errors::unnamed;
use crate::names::ObjectName;
use crate::notify::event::EventName;
use crate::records::Description;
use crate::request::RequestInfo;
use crate::store::Store;

/// Nobody may decrypt with this key of KMS.
const DENIED_KMS_KEY: &str = "alias/denied";

/// The algorithm that stands in requests with a customer's key.
const CUSTOMER_ALGORITHM: &str = "AES256";

/// The MD5 of the key that a request brings along, which is all that S3 keeps of it.
///
/// Errors: `InvalidArgument` for another algorithm, a missing part, or a key that is none.
pub(super) fn customer_key(
    algorithm: Option<&str>,
    key: Option<&str>,
    key_md5: Option<String>,
) -> S3Result<Option<String>> {
    match (algorithm, key, key_md5) {
        (None, None, None) => Ok(None),
        (Some(CUSTOMER_ALGORITHM), Some(key), Some(md5)) if is_key(key, &md5) => Ok(Some(md5)),
        _ => Err(s3_error!(
            InvalidArgument,
            "Requests specifying Server Side Encryption with Customer provided keys must provide \
             an appropriate secret key."
        )),
    }
}

/// Whether it is 256 bits in Base64, and this their MD5.
fn is_key(key: &str, md5: &str) -> bool {
    let bytes = base64_simd::STANDARD.decode_to_vec(key).unwrap_or_default();
    bytes.len() == 32 && base64_simd::STANDARD.encode_to_string(Md5::digest(&bytes)) == md5
}

/// Takes the customer's key out of an input.
macro_rules! take_customer_key {
    ($input:expr) => {
        $crate::service::access::customer_key(
            $input.sse_customer_algorithm.take().as_deref(),
            $input.sse_customer_key.take().as_deref(),
            $input.sse_customer_key_md5.take(),
        )
    };
}
pub(super) use take_customer_key;

/// Whether a request with this key, or none, may know what is said of an object.
///
/// Errors: `InvalidRequest` where the key is missing or superfluous, `AccessDenied` for another.
pub(super) fn check_key(description: &Description, key_md5: Option<&str>) -> S3Result<()> {
    match (description.customer_key_md5.as_deref(), key_md5) {
        (None, None) => Ok(()),
        (Some(kept), Some(given)) if kept == given => Ok(()),
        (Some(_), Some(_)) => Err(s3_error!(AccessDenied, "Access Denied")),
        (Some(_), None) => Err(s3_error!(
            InvalidRequest,
            "The object was stored using a form of Server Side Encryption. The correct parameters \
             must be provided to retrieve the object."
        )),
        (None, Some(_)) => Err(s3_error!(
            InvalidRequest,
            "The encryption parameters are not applicable to this object."
        )),
    }
}

/// Whether its bytes can be had too.
///
/// Errors: those of [`check_key`], `InvalidObjectState`, `AccessDenied` in the name of KMS.
pub(super) fn check_bytes(description: &Description, key_md5: Option<&str>) -> S3Result<()> {
    check_key(description, key_md5)?;
    if is_archived(description) && !description.restored {
        let message = "The operation is not valid for the object's storage class";
        return Err(invalid_state(message));
    }
    let encryption = description.encryption.as_ref();
    if encryption.and_then(|one| one.kms_key_id.as_deref()) == Some(DENIED_KMS_KEY) {
        return Err(s3_error!(
            AccessDenied,
            "User: arn:aws:iam::000000000000:user/local-harness is not authorized to perform: \
             kms:Decrypt on the resource associated with this ciphertext because the resource \
             does not exist in this Region, no resource-based policies allow access, or a \
             resource-based policy explicitly denies access"
        ));
    }
    Ok(())
}

/// What a HEAD says of a restoration.
pub(super) fn restoration(description: &Description) -> Option<String> {
    let told = "ongoing-request=\"false\", expiry-date=\"Fri, 31 Dec 2100 00:00:00 GMT\"";
    description.restored.then(|| told.to_owned())
}

/// Done at once, where S3 takes minutes to hours.
pub(super) async fn restore(
    store: &Arc<Store>,
    request: S3Request<RestoreObjectInput>,
) -> S3Result<RestoreObjectOutput> {
    let request_info = RequestInfo::of(&request);
    let input = request.input;
    let name = ObjectName::new(input.key, input.version_id.as_deref())?;
    let bucket = store.bucket(&input.bucket)?;
    let object = bucket.find(&name).map_err(Absence::for_change)?;
    if !is_archived(&object.description) {
        let message = "Restore is not allowed for the object's current storage class";
        return Err(invalid_state(message));
    }
    let store = Arc::clone(store);
    let restored = blocking(move || {
        let restored =
            store.redescribe(&bucket, &name, |description| description.restored = true)?;
        store.notify_change(&bucket, restored, EventName::RestoreCompleted, &request_info)
    });
    restored.await?;
    Ok(RestoreObjectOutput::default())
}

fn is_archived(description: &Description) -> bool {
    matches!(description.storage_class(), StorageClass::GLACIER | StorageClass::DEEP_ARCHIVE)
}

fn invalid_state(message: &'static str) -> S3Error {
    unnamed("InvalidObjectState", StatusCode::FORBIDDEN, message)
}
