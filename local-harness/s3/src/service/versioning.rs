//! Whether a bucket keeps versions, put and read back.

use std::sync::Arc;

use s3s::dto::{
    BucketVersioningStatus, GetBucketVersioningInput, GetBucketVersioningOutput, MFADelete,
    PutBucketVersioningInput, PutBucketVersioningOutput, VersioningConfiguration,
};
use s3s::{S3Request, S3Result, s3_error};

use crate::blocking::blocking;
use crate::records::Versioning;
use crate::store::Store;

pub(super) async fn put(
    store: &Arc<Store>,
    request: S3Request<PutBucketVersioningInput>,
) -> S3Result<PutBucketVersioningOutput> {
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let wanted = requested(&input.versioning_configuration)?;
    let at = Arc::clone(store);
    blocking(move || at.configure(&bucket, |record| record.versioning = wanted)).await?;
    Ok(PutBucketVersioningOutput {})
}

pub(super) async fn get(
    store: &Arc<Store>,
    request: S3Request<GetBucketVersioningInput>,
) -> S3Result<GetBucketVersioningOutput> {
    let status = match store.bucket(&request.input.bucket)?.versioning() {
        Versioning::Unversioned => None,
        Versioning::Enabled => Some(BucketVersioningStatus::ENABLED),
        Versioning::Suspended => Some(BucketVersioningStatus::SUSPENDED),
    };
    let status = status.map(BucketVersioningStatus::from_static);
    Ok(GetBucketVersioningOutput { status, ..GetBucketVersioningOutput::default() })
}

/// There is no way back to a bucket without versions.
///
/// Errors: `NotImplemented` for MFA delete, `IllegalVersioningConfigurationException` without a
/// status, `MalformedXML` for an unknown one.
fn requested(configuration: &VersioningConfiguration) -> S3Result<Versioning> {
    match configuration.mfa_delete.as_ref().map(MFADelete::as_str) {
        None | Some(MFADelete::DISABLED) => {}
        Some(_) => return Err(s3_error!(NotImplemented, "MFA delete is not implemented.")),
    }
    match configuration.status.as_ref().map(BucketVersioningStatus::as_str) {
        Some(BucketVersioningStatus::ENABLED) => Ok(Versioning::Enabled),
        Some(BucketVersioningStatus::SUSPENDED) => Ok(Versioning::Suspended),
        Some(_) => Err(s3_error!(
            MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published \
             schema"
        )),
        None => Err(s3_error!(
            IllegalVersioningConfigurationException,
            "The Versioning element must be specified"
        )),
    }
}
