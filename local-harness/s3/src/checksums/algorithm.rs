//! The algorithms that S3 knows, their headers, and the check of a claimed value.

use base64_simd::STANDARD as BASE64;
use crc_fast::CrcAlgorithm;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::{Checksum, ChecksumAlgorithm};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

/// An algorithm that S3 knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

/// What S3 computes for an upload that names no algorithm.
pub(crate) const DEFAULT_ALGORITHM: Algorithm = Algorithm::Crc64Nvme;

impl Algorithm {
    const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// S3's name, such as `CRC32`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => ChecksumAlgorithm::CRC32,
            Self::Crc32c => ChecksumAlgorithm::CRC32C,
            Self::Crc64Nvme => ChecksumAlgorithm::CRC64NVME,
            Self::Sha1 => ChecksumAlgorithm::SHA1,
            Self::Sha256 => ChecksumAlgorithm::SHA256,
        }
    }

    /// The algorithm of S3's name.
    pub(crate) fn parse(name: &str) -> S3Result<Self> {
        let found = Self::ALL.into_iter().find(|algorithm| algorithm.name() == name);
        found.ok_or_else(|| {
            s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported: {name}")
        })
    }

    /// The algorithm whose value travels in this header or trailer.
    pub(crate) fn of_header(header: &str) -> Option<Self> {
        let name = header.trim().to_ascii_lowercase();
        let name = name.strip_prefix("x-amz-checksum-")?;
        Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(name))
    }

    /// The header or trailer that carries this algorithm's value.
    pub(crate) fn header(self) -> String {
        format!("x-amz-checksum-{}", self.name().to_ascii_lowercase())
    }

    /// Makes a hasher compute this algorithm, beside what it computes already.
    pub(crate) fn enable(self, hasher: &mut ChecksumHasher) {
        match self {
            Self::Crc32 => hasher.crc32 = Some(Crc32::new()),
            Self::Crc32c => hasher.crc32c = Some(Crc32c::new()),
            Self::Crc64Nvme => hasher.crc64nvme = Some(Crc64Nvme::new()),
            Self::Sha1 => hasher.sha1 = Some(Sha1::new()),
            Self::Sha256 => hasher.sha256 = Some(Sha256::new()),
        }
    }

    /// This algorithm's value among many, in base64.
    pub(crate) fn value_in(self, values: &Checksum) -> Option<&str> {
        match self {
            Self::Crc32 => values.checksum_crc32.as_deref(),
            Self::Crc32c => values.checksum_crc32c.as_deref(),
            Self::Crc64Nvme => values.checksum_crc64nvme.as_deref(),
            Self::Sha1 => values.checksum_sha1.as_deref(),
            Self::Sha256 => values.checksum_sha256.as_deref(),
        }
    }

    /// The single algorithm that has a value here; S3 takes one per request.
    pub(crate) fn only_one_in(values: &Checksum) -> S3Result<Option<Self>> {
        let mut given = Self::ALL.into_iter().filter(|a| a.value_in(values).is_some());
        let first = given.next();
        if given.next().is_some() {
            return Err(s3_error!(InvalidRequest, "Expecting a single x-amz-checksum- header"));
        }
        Ok(first)
    }

    pub(super) fn digest_bytes(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    pub(super) fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// Compares what the client claims with what arrived.
    ///
    /// Errors: `InvalidRequest` for a value that cannot be one, `BadDigest` for a wrong one.
    pub(crate) fn verify(self, claimed: &str, actual: &Checksum) -> S3Result<()> {
        let well_formed =
            BASE64.decode_to_vec(claimed).is_ok_and(|digest| digest.len() == self.digest_bytes());
        if !well_formed {
            let header = self.header();
            return Err(s3_error!(InvalidRequest, "Value for {header} header is invalid."));
        }
        if self.value_in(actual) == Some(claimed) {
            return Ok(());
        }
        let name = self.name();
        Err(s3_error!(BadDigest, "The {name} you specified did not match the calculated checksum."))
    }
}

#[cfg(test)]
mod tests {
    use s3s::checksum::ChecksumHasher;

    use super::Algorithm;

    #[test]
    fn claims_are_checked() {
        let mut hasher = ChecksumHasher::default();
        Algorithm::Crc32.enable(&mut hasher);
        hasher.update(b"hello");
        let values = hasher.finalize();
        assert!(Algorithm::Crc32.verify("NhCmhg==", &values).is_ok());
        assert!(Algorithm::Crc32.verify("AAAAAA==", &values).is_err());
        assert!(Algorithm::Crc32.verify("nonsense", &values).is_err());
        assert_eq!(Algorithm::of_header("X-Amz-Checksum-Crc64nvme"), Some(Algorithm::Crc64Nvme));
    }
}
