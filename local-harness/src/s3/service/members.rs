//! The five checksum members that S3's inputs and outputs repeat, moved to and from one struct.

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
