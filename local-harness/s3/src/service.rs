//! S3's operations as this server answers them: one line per operation it knows.
//! What is not in the table gets `NotImplemented` from s3s.

mod access;
mod buckets;
mod copying;
mod cors;
mod deleting;
mod listing;
mod members;
mod multipart;
mod notifications;
mod parts;
mod reading;
mod tagging;
mod uploading;
mod version_listing;
mod versioning;

use std::sync::Arc;

use s3s::dto;
use s3s::{S3, S3Request, S3Response, S3Result};

use super::store::Store;

/// The embedded S3 behind s3s's protocol layer.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) store: Arc<Store>,
}

macro_rules! operations {
    ($($name:ident: $input:ident -> $output:ident = $answer:path,)*) => {
        #[async_trait::async_trait]
        impl S3 for Service {
            $(async fn $name(
                &self,
                request: S3Request<dto::$input>,
            ) -> S3Result<S3Response<dto::$output>> {
                $answer(&self.store, request).await.map(S3Response::new)
            })*
        }
    };
}

operations! {
    list_buckets: ListBucketsInput -> ListBucketsOutput = buckets::list,
    create_bucket: CreateBucketInput -> CreateBucketOutput = buckets::create,
    head_bucket: HeadBucketInput -> HeadBucketOutput = buckets::head,
    delete_bucket: DeleteBucketInput -> DeleteBucketOutput = buckets::delete,
    get_bucket_location: GetBucketLocationInput -> GetBucketLocationOutput = buckets::location,
    get_bucket_versioning:
        GetBucketVersioningInput -> GetBucketVersioningOutput = versioning::get,
    put_bucket_versioning:
        PutBucketVersioningInput -> PutBucketVersioningOutput = versioning::put,
    get_bucket_notification_configuration: GetBucketNotificationConfigurationInput
        -> GetBucketNotificationConfigurationOutput = notifications::get,
    put_bucket_notification_configuration: PutBucketNotificationConfigurationInput
        -> PutBucketNotificationConfigurationOutput = notifications::put,
    get_bucket_cors: GetBucketCorsInput -> GetBucketCorsOutput = cors::get,
    put_bucket_cors: PutBucketCorsInput -> PutBucketCorsOutput = cors::put,
    delete_bucket_cors: DeleteBucketCorsInput -> DeleteBucketCorsOutput = cors::delete,

    list_objects: ListObjectsInput -> ListObjectsOutput = listing::version_1,
    list_objects_v2: ListObjectsV2Input -> ListObjectsV2Output = listing::version_2,
    list_object_versions:
        ListObjectVersionsInput -> ListObjectVersionsOutput = version_listing::list,
    put_object: PutObjectInput -> PutObjectOutput = uploading::put,
    get_object: GetObjectInput -> GetObjectOutput = reading::get,
    head_object: HeadObjectInput -> HeadObjectOutput = reading::head,
    restore_object: RestoreObjectInput -> RestoreObjectOutput = access::restore,
    copy_object: CopyObjectInput -> CopyObjectOutput = copying::copy,
    delete_object: DeleteObjectInput -> DeleteObjectOutput = deleting::one,
    delete_objects: DeleteObjectsInput -> DeleteObjectsOutput = deleting::many,
    get_object_tagging: GetObjectTaggingInput -> GetObjectTaggingOutput = tagging::get,
    put_object_tagging: PutObjectTaggingInput -> PutObjectTaggingOutput = tagging::put,
    delete_object_tagging:
        DeleteObjectTaggingInput -> DeleteObjectTaggingOutput = tagging::delete,

    create_multipart_upload:
        CreateMultipartUploadInput -> CreateMultipartUploadOutput = multipart::create,
    upload_part: UploadPartInput -> UploadPartOutput = parts::upload,
    upload_part_copy: UploadPartCopyInput -> UploadPartCopyOutput = parts::copy,
    list_parts: ListPartsInput -> ListPartsOutput = parts::list,
    list_multipart_uploads:
        ListMultipartUploadsInput -> ListMultipartUploadsOutput = multipart::list,
    complete_multipart_upload:
        CompleteMultipartUploadInput -> CompleteMultipartUploadOutput = multipart::complete,
    abort_multipart_upload:
        AbortMultipartUploadInput -> AbortMultipartUploadOutput = multipart::abort,
}
