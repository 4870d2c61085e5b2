//! The checksum that is kept with an object or a part.

use s3s::dto::{Checksum, ChecksumType};
use serde::{Deserialize, Serialize};

use super::algorithm::Algorithm;

/// Whether a value covers the bytes or the values of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Coverage {
    FullObject,
    Composite,
}

impl Coverage {
    /// S3's name, such as `FULL_OBJECT`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::FullObject => ChecksumType::FULL_OBJECT,
            Self::Composite => ChecksumType::COMPOSITE,
        }
    }
}

/// The checksum kept with an object or a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredChecksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) coverage: Coverage,
    /// Base64; with `-N` after it for a composite of N parts.
    pub(crate) value: String,
}

impl StoredChecksum {
    /// The value of whole bytes; `values` must have been computed with this algorithm enabled.
    pub(crate) fn full(algorithm: Algorithm, values: &Checksum) -> Self {
        let value = algorithm.value_in(values).unwrap_or_default().to_owned();
        Self { algorithm, coverage: Coverage::FullObject, value }
    }

    /// As S3 gives it back: the value in the member of its algorithm.
    pub(crate) fn to_dto(&self) -> Checksum {
        let value = Some(self.value.clone());
        let checksum_type = Some(ChecksumType::from_static(self.coverage.name()));
        let mut dto = Checksum { checksum_type, ..Checksum::default() };
        match self.algorithm {
            Algorithm::Crc32 => dto.checksum_crc32 = value,
            Algorithm::Crc32c => dto.checksum_crc32c = value,
            Algorithm::Crc64Nvme => dto.checksum_crc64nvme = value,
            Algorithm::Sha1 => dto.checksum_sha1 = value,
            Algorithm::Sha256 => dto.checksum_sha256 = value,
        }
        dto
    }
}
