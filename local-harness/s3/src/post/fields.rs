//! The fields of a form before its file, with `${filename}` filled in.

use std::collections::BTreeMap;

use bytes::Bytes;
use hyper::body::Body;
use s3s::dto::{Checksum, ServerSideEncryption, Tagging, Timestamp, TimestampFormat};
use s3s::xml::{Deserialize, Deserializer};
use s3s::{S3Result, s3_error};
use time::OffsetDateTime;

use super::form::FormReader;
use crate::description::{add_tag, check, encryption};
use crate::intake::claims::Claims;
use crate::records::Description;

/// The most that the fields may have together.
const MAX_FIELDS_BYTES: usize = 20 << 10;
const FILE_NAME: &str = "${filename}";

/// The fields by name in lower case.
#[derive(Debug)]
pub(super) struct Fields {
    values: BTreeMap<String, String>,
}

impl Fields {
    /// Reads up to the file, whose content is what the form yields next.
    ///
    /// Errors: `MalformedPOSTRequest`, `MaxPostPreDataLengthExceededError`, `InvalidArgument`.
    pub(super) async fn read<B>(form: &mut FormReader<B>) -> S3Result<Self>
    where
        B: Body<Data = Bytes, Error = hyper::Error> + Unpin,
    {
        let mut values = BTreeMap::new();
        let mut total_bytes = 0;
        while let Some(head) = form.next_part().await? {
            let name = head.name.to_ascii_lowercase();
            if name == "file" {
                return Self::with_file_name(values, head.file_name.as_deref());
            }
            let mut value = Vec::new();
            while let Some(chunk) = form.next_chunk().await? {
                total_bytes += chunk.len();
                if total_bytes > MAX_FIELDS_BYTES {
                    return Err(s3_error!(
                        MaxPostPreDataLengthExceededError,
                        "Your POST request fields preceding the upload file were too large."
                    ));
                }
                value.extend_from_slice(&chunk);
            }
            let value = String::from_utf8(value)
                .map_err(|_| s3_error!(InvalidArgument, "Form fields must be UTF-8."))?;
            values.insert(name, value);
        }
        Err(s3_error!(InvalidArgument, "POST requires exactly one file upload per request."))
    }

    fn with_file_name(
        mut values: BTreeMap<String, String>,
        file_name: Option<&str>,
    ) -> S3Result<Self> {
        // Some browsers send the path on the user's machine.
        let base = file_name.and_then(|name| name.rsplit(['/', '\\']).next()).unwrap_or_default();
        for value in values.values_mut().filter(|value| value.contains(FILE_NAME)) {
            *value = value.replace(FILE_NAME, base);
        }
        if !values.contains_key("key") {
            return Err(s3_error!(
                InvalidArgument,
                "Bucket POST must contain a field named 'key'. If it is specified, please check \
                 the order of the fields."
            ));
        }
        Ok(Self { values })
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The names of all fields, in lower case.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.values.keys().map(String::as_str)
    }

    /// What the form claims about the file's bytes.
    pub(super) fn claims(&self) -> Claims {
        let value = |name: &str| self.values.get(name).cloned();
        let checksums = Checksum {
            checksum_crc32: value("x-amz-checksum-crc32"),
            checksum_crc32c: value("x-amz-checksum-crc32c"),
            checksum_crc64nvme: value("x-amz-checksum-crc64nvme"),
            checksum_sha1: value("x-amz-checksum-sha1"),
            checksum_sha256: value("x-amz-checksum-sha256"),
            checksum_type: None,
        };
        Claims::new(value("content-md5"), checksums)
    }

    /// What the form says about the object.
    ///
    /// Errors: those of a PutObject with the same headers; `MalformedXML` for bad tags.
    pub(super) fn description(&self) -> S3Result<Description> {
        let value = |name: &str| self.values.get(name).cloned();
        let expires = self.get("expires");
        let expires = expires.map(|text| Timestamp::parse(TimestampFormat::HttpDate, text));
        let expires = expires
            .transpose()
            .map_err(|_| s3_error!(InvalidArgument, "The field Expires is not an HTTP date."))?;
        let metadata = self.values.iter().filter_map(|(name, value)| {
            let name = name.strip_prefix("x-amz-meta-")?;
            Some((name.to_owned(), value.clone()))
        });
        check(Description {
            content_type: value("content-type"),
            cache_control: value("cache-control"),
            content_disposition: value("content-disposition"),
            content_encoding: value("content-encoding"),
            content_language: value("content-language"),
            expires_s: expires.map(|time| OffsetDateTime::from(time).unix_timestamp()),
            storage_class: value("x-amz-storage-class"),
            website_redirect_location: value("x-amz-website-redirect-location"),
            metadata: metadata.collect(),
            tags: self.get("tagging").map(tags).transpose()?.unwrap_or_default(),
            encryption: encryption(
                value("x-amz-server-side-encryption").map(ServerSideEncryption::from),
                value("x-amz-server-side-encryption-aws-kms-key-id"),
                None,
            )?,
            customer_key_md5: None,
            restored: false,
        })
    }
}

/// The tags of a form come as XML, unlike those of a PutObject.
fn tags(xml: &str) -> S3Result<BTreeMap<String, String>> {
    let mut deserializer = Deserializer::new(xml.as_bytes());
    let tagging = Tagging::deserialize(&mut deserializer)
        .map_err(|error| s3_error!(error, MalformedXML, "The field tagging is malformed."))?;
    let mut tags = BTreeMap::new();
    for tag in tagging.tag_set {
        add_tag(&mut tags, tag.key.unwrap_or_default(), tag.value.unwrap_or_default())?;
    }
    Ok(tags)
}
