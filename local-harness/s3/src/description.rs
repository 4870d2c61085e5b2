//! The headers, metadata and tags of an upload, from a request or a form into a [`Description`].

use std::collections::{BTreeMap, HashMap};

use hyper::StatusCode;
use percent_encoding::percent_decode_str;
use s3s::dto::{ServerSideEncryption, StorageClass, Timestamp};
use s3s::{S3Result, s3_error};
use time::OffsetDateTime;

use super::errors::unnamed;
use super::records::{Description, Encryption, STANDARD};

/// The limit on names and values of user metadata together.
const MAX_METADATA_BYTES: usize = 2048;
const MAX_TAGS: usize = 10;
const MAX_TAG_KEY_CHARS: usize = 128;
const MAX_TAG_VALUE_CHARS: usize = 256;

const STORAGE_CLASSES: [&str; 10] = [
    STANDARD,
    StorageClass::REDUCED_REDUNDANCY,
    StorageClass::STANDARD_IA,
    StorageClass::ONEZONE_IA,
    StorageClass::INTELLIGENT_TIERING,
    StorageClass::GLACIER,
    StorageClass::GLACIER_IR,
    StorageClass::DEEP_ARCHIVE,
    StorageClass::OUTPOSTS,
    StorageClass::EXPRESS_ONEZONE,
];

/// Refuses what S3 refuses: too much metadata, an unknown storage class, bad tags.
pub(crate) fn check(description: Description) -> S3Result<Description> {
    let metadata = &description.metadata;
    let metadata_bytes: usize = metadata.iter().map(|(k, v)| k.len() + v.len()).sum();
    if metadata_bytes > MAX_METADATA_BYTES {
        let message = "Your metadata headers exceed the maximum allowed metadata size";
        return Err(s3_error!(MetadataTooLarge, "{message}"));
    }
    if !STORAGE_CLASSES.contains(&description.storage_class()) {
        let message = "The storage class you specified is not valid";
        return Err(s3_error!(InvalidStorageClass, "{message}"));
    }
    check_tags(&description.tags)?;
    Ok(description)
}

/// The encryption that a request asks for.
///
/// Errors: `InvalidArgument` for an unknown algorithm, and for a key without `aws:kms`.
pub(crate) fn encryption(
    algorithm: Option<ServerSideEncryption>,
    kms_key_id: Option<String>,
    bucket_key: Option<bool>,
) -> S3Result<Option<Encryption>> {
    let algorithm = algorithm.map(|algorithm| algorithm.as_str().to_owned());
    match algorithm.as_deref() {
        None | Some(ServerSideEncryption::AES256) if kms_key_id.is_some() => {
            let message = "Server Side Encryption with KMS managed key requires HTTP header \
                           x-amz-server-side-encryption : aws:kms";
            Err(s3_error!(InvalidArgument, "{message}"))
        }
        Some(
            ServerSideEncryption::AES256
            | ServerSideEncryption::AWS_KMS
            | ServerSideEncryption::AWS_KMS_DSSE,
        ) => Ok(algorithm.map(|algorithm| Encryption { algorithm, kms_key_id, bucket_key })),
        None => Ok(None),
        Some(_) => {
            let message = "The encryption method specified is not supported";
            Err(s3_error!(InvalidArgument, "{message}"))
        }
    }
}

/// `aws-chunked` describes the transfer, not the object.
pub(crate) fn without_chunking(content_encoding: Option<String>) -> Option<String> {
    let encodings = content_encoding?;
    let kept = encodings.split(',').map(str::trim).filter(|name| *name != "aws-chunked");
    Some(kept.collect::<Vec<_>>().join(",")).filter(|kept| !kept.is_empty())
}

pub(crate) fn unix_s(time: Timestamp) -> i64 {
    OffsetDateTime::from(time).unix_timestamp()
}

pub(crate) fn metadata(metadata: Option<HashMap<String, String>>) -> BTreeMap<String, String> {
    let metadata = metadata.unwrap_or_default().into_iter();
    metadata.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect()
}

/// The tags of an `x-amz-tagging` header, which reads like a query string.
pub(crate) fn parse_tags(header: Option<&str>) -> S3Result<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for pair in header.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| {
            let spaced = text.replace('+', " ");
            percent_decode_str(&spaced).decode_utf8().map(std::borrow::Cow::into_owned)
        };
        let (Ok(name), Ok(value)) = (decode(name), decode(value)) else {
            let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded.";
            return Err(s3_error!(InvalidArgument, "{message}"));
        };
        add_tag(&mut tags, name, value)?;
    }
    Ok(tags)
}

/// Adds one tag.
///
/// Errors: `InvalidTag` if it is there already.
pub(crate) fn add_tag(
    tags: &mut BTreeMap<String, String>,
    name: String,
    value: String,
) -> S3Result<()> {
    match tags.insert(name, value) {
        None => Ok(()),
        Some(_) => Err(s3_error!(InvalidTag, "Cannot provide multiple Tags with the same key")),
    }
}

/// Refuses tags that are too many or too long.
pub(crate) fn check_tags(tags: &BTreeMap<String, String>) -> S3Result<()> {
    if tags.len() > MAX_TAGS {
        let message = "Object tags cannot be greater than 10";
        return Err(unnamed("BadRequest", StatusCode::BAD_REQUEST, message));
    }
    for (name, value) in tags {
        if name.is_empty() || name.chars().count() > MAX_TAG_KEY_CHARS {
            return Err(s3_error!(InvalidTag, "The TagKey you have provided is invalid"));
        }
        if value.chars().count() > MAX_TAG_VALUE_CHARS {
            return Err(s3_error!(InvalidTag, "The TagValue you have provided is invalid"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{check_tags, parse_tags, without_chunking};

    #[test]
    fn tags_are_read_from_their_header() {
        let tags = parse_tags(Some("a=1&b+c=%C3%BC%26&d")).unwrap();
        let tags: Vec<_> = tags.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(tags, [("a", "1"), ("b c", "ü&"), ("d", "")]);
        assert!(parse_tags(Some("a=1&a=2")).is_err());
        assert!(parse_tags(Some("a=%FF")).is_err());
        let eleven: Vec<String> = (0..11).map(|n| format!("k{n}=v")).collect();
        assert!(check_tags(&parse_tags(Some(&eleven.join("&"))).unwrap()).is_err());
    }

    #[test]
    fn chunking_is_not_an_encoding_of_the_object() {
        assert_eq!(without_chunking(Some("aws-chunked".to_owned())), None);
        assert_eq!(without_chunking(Some("gzip,aws-chunked".to_owned())).unwrap(), "gzip");
        assert_eq!(without_chunking(Some("aws-chunked, br".to_owned())).unwrap(), "br");
    }
}
