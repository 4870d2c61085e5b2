//! Members that S3's inputs and outputs repeat, moved to and from one struct: the five checksums,
//! the three of encryption, what describes an object, owners and sizes.

use s3s::dto::Owner;
use s3s::{S3Result, s3_error};

use crate::notify::message::OWNER_PRINCIPAL_ID;

/// Takes the checksum members of an input.
macro_rules! take_checksums {
    ($input:expr) => {
        s3s::dto::Checksum {
            checksum_crc32: $input.checksum_crc32.take(),
            checksum_crc32c: $input.checksum_crc32c.take(),
            checksum_crc64nvme: $input.checksum_crc64nvme.take(),
            checksum_sha1: $input.checksum_sha1.take(),
            checksum_sha256: $input.checksum_sha256.take(),
            checksum_type: None,
        }
    };
}
pub(super) use take_checksums;

/// Sets the checksum members of an output.
macro_rules! set_checksums {
    ($output:expr, $stored:expr) => {{
        let values: s3s::dto::Checksum = $stored.to_dto();
        $output.checksum_crc32 = values.checksum_crc32;
        $output.checksum_crc32c = values.checksum_crc32c;
        $output.checksum_crc64nvme = values.checksum_crc64nvme;
        $output.checksum_sha1 = values.checksum_sha1;
        $output.checksum_sha256 = values.checksum_sha256;
    }};
}
pub(super) use set_checksums;

/// Sets the encryption members of an output.
macro_rules! set_encryption {
    ($output:expr, $description:expr) => {{
        let encryption = $description.encryption.as_ref();
        $output.server_side_encryption =
            encryption.map(|one| s3s::dto::ServerSideEncryption::from(one.algorithm.clone()));
        $output.ssekms_key_id = encryption.and_then(|one| one.kms_key_id.clone());
        $output.bucket_key_enabled = encryption.and_then(|one| one.bucket_key);
    }};
}
pub(super) use set_encryption;

/// Takes a [`Description`] out of any operation's input; their members have the same names.
macro_rules! describe {
    ($input:expr) => {{
        use $crate::{description, service::members};
        members::refuse_customer_keys($input.sse_customer_algorithm.as_deref()).and_then(|()| {
            description::check($crate::records::Description {
                content_type: $input.content_type.take(),
                cache_control: $input.cache_control.take(),
                content_disposition: $input.content_disposition.take(),
                content_encoding: description::without_chunking($input.content_encoding.take()),
                content_language: $input.content_language.take(),
                expires_s: $input.expires.take().map(description::unix_s),
                storage_class: $input.storage_class.take().map(|class| class.as_str().to_owned()),
                website_redirect_location: $input.website_redirect_location.take(),
                metadata: description::metadata($input.metadata.take()),
                tags: description::parse_tags($input.tagging.take().as_deref())?,
                encryption: description::encryption(
                    $input.server_side_encryption.take(),
                    $input.ssekms_key_id.take(),
                    $input.bucket_key_enabled.take(),
                )?,
                customer_key_md5: None,
                restored: false,
            })
        })
    }};
}
pub(super) use describe;

/// Keys of the customer would have to be kept out of the data directory; this server has none.
pub(super) fn refuse_customer_keys(algorithm: Option<&str>) -> S3Result<()> {
    match algorithm {
        None => Ok(()),
        Some(_) => Err(s3_error!(NotImplemented, "Customer-provided keys are not implemented.")),
    }
}

/// The one owner of everything.
pub(super) fn owner() -> Owner {
    let id = OWNER_PRINCIPAL_ID.to_owned();
    Owner { display_name: Some("local-harness".to_owned()), id: Some(id) }
}

/// A size in bytes as S3's types carry it.
pub(super) fn signed(size_bytes: u64) -> i64 {
    i64::try_from(size_bytes).expect("sizes are limited to far less than 2^63 bytes")
}
