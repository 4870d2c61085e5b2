//! How the checksums of parts become the checksum of their object.

use base64_simd::STANDARD as BASE64;
use crc_fast::checksum_combine;
use s3s::checksum::ChecksumHasher;
use s3s::dto::{ChecksumAlgorithm, ChecksumType};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::{Algorithm, Coverage, DEFAULT_ALGORITHM, StoredChecksum};

/// How the object of a multipart upload gets its checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PartedChecksum {
    pub(crate) algorithm: Algorithm,
    pub(crate) coverage: Coverage,
    /// Whether the client named the algorithm; parts are then held to it.
    pub(crate) requested: bool,
}

impl PartedChecksum {
    /// The checksum that a CreateMultipartUpload asks for, with S3's defaults.
    pub(crate) fn requested(
        algorithm: Option<&ChecksumAlgorithm>,
        coverage: Option<&ChecksumType>,
    ) -> S3Result<Self> {
        let Some(name) = algorithm else {
            let coverage = Coverage::FullObject;
            return Ok(Self { algorithm: DEFAULT_ALGORITHM, coverage, requested: false });
        };
        let algorithm = Algorithm::parse(name.as_str())?;
        let coverage = match coverage.map(ChecksumType::as_str) {
            Some(ChecksumType::FULL_OBJECT) => Coverage::FullObject,
            Some(ChecksumType::COMPOSITE) => Coverage::Composite,
            _ if algorithm == Algorithm::Crc64Nvme => Coverage::FullObject,
            _ => Coverage::Composite,
        };
        let possible = match coverage {
            Coverage::FullObject => algorithm.crc().is_some(),
            Coverage::Composite => algorithm != Algorithm::Crc64Nvme,
        };
        if !possible {
            let (kind, name) = (coverage.name(), algorithm.name());
            let message = "checksum type cannot be used with the checksum algorithm";
            return Err(s3_error!(InvalidRequest, "The {kind} {message} {name}."));
        }
        Ok(Self { algorithm, coverage, requested: true })
    }

    /// The object's checksum from its parts' checksums and sizes in bytes, in order.
    pub(crate) fn combine(self, parts: &[(&StoredChecksum, u64)]) -> StoredChecksum {
        let decode = |part: &StoredChecksum| BASE64.decode_to_vec(&part.value).unwrap_or_default();
        let (algorithm, coverage) = (self.algorithm, self.coverage);
        let value = match (coverage, algorithm.crc()) {
            (Coverage::FullObject, Some(crc)) => {
                let number = |digest: Vec<u8>| digest.iter().fold(0, |n, b| n << 8 | u64::from(*b));
                let mut sum = None;
                for (part, size_bytes) in parts {
                    let next = number(decode(part));
                    sum = Some(match sum {
                        None => next,
                        Some(sum) => checksum_combine(crc, sum, next, *size_bytes),
                    });
                }
                let digest = sum.unwrap_or_default().to_be_bytes();
                BASE64.encode_to_string(&digest[8 - algorithm.digest_bytes()..])
            }
            _ => {
                let mut hasher = ChecksumHasher::default();
                algorithm.enable(&mut hasher);
                parts.iter().for_each(|(part, _)| hasher.update(&decode(part)));
                let sums = hasher.finalize();
                format!("{}-{}", algorithm.value_in(&sums).unwrap_or_default(), parts.len())
            }
        };
        StoredChecksum { algorithm, coverage, value }
    }
}

#[cfg(test)]
mod tests {
    use s3s::checksum::ChecksumHasher;
    use s3s::dto::{Checksum, ChecksumAlgorithm, ChecksumType};

    use super::PartedChecksum;
    use crate::checksums::{Algorithm, Coverage, StoredChecksum};

    fn hash(algorithm: Algorithm, bytes: &[u8]) -> Checksum {
        let mut hasher = ChecksumHasher::default();
        algorithm.enable(&mut hasher);
        hasher.update(bytes);
        hasher.finalize()
    }

    #[test]
    fn full_values_of_parts_combine_to_the_value_of_the_whole() {
        let (left, right) = (vec![7; 5000], vec![9; 321]);
        let whole = [left.clone(), right.clone()].concat();
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let part = |bytes: &[u8]| StoredChecksum::full(algorithm, &hash(algorithm, bytes));
            let (a, b) = (part(&left), part(&right));
            let plan =
                PartedChecksum { algorithm, coverage: Coverage::FullObject, requested: true };
            assert_eq!(plan.combine(&[(&a, 5000), (&b, 321)]).value, part(&whole).value);
        }
    }

    #[test]
    fn a_composite_is_the_value_of_the_values() {
        // Checked against the documented rule: SHA-1 over the two binary digests, then "-2".
        let algorithm = Algorithm::Sha1;
        let part = StoredChecksum::full(algorithm, &hash(algorithm, b"a"));
        let plan = PartedChecksum { algorithm, coverage: Coverage::Composite, requested: true };
        assert_eq!(plan.combine(&[(&part, 1), (&part, 1)]).value, "od1ZbYc380Hkre4BIjariXzeil0=-2");
    }

    #[test]
    fn defaults_and_impossible_pairs_are_those_of_s3() {
        let plan = |algorithm: Option<&'static str>, coverage: Option<&'static str>| {
            let algorithm = algorithm.map(ChecksumAlgorithm::from_static);
            let coverage = coverage.map(ChecksumType::from_static);
            PartedChecksum::requested(algorithm.as_ref(), coverage.as_ref())
        };
        assert_eq!(plan(None, None).unwrap().algorithm, Algorithm::Crc64Nvme);
        assert_eq!(plan(Some("CRC32"), None).unwrap().coverage, Coverage::Composite);
        assert_eq!(plan(Some("CRC64NVME"), None).unwrap().coverage, Coverage::FullObject);
        assert!(plan(Some("SHA256"), Some("FULL_OBJECT")).is_err());
        assert!(plan(Some("CRC64NVME"), Some("COMPOSITE")).is_err());
        assert!(plan(Some("MD4"), None).is_err());
    }
}
