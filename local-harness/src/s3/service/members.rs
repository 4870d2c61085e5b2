//! Members that S3's inputs and outputs repeat, moved to and from one struct: the five checksums,
//! and the three of encryption.

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

/// Sets the members of an output that tell how the object is encrypted.
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
