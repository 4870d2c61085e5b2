//! A bucket's keys in their order, a page at a time.

use aws_sdk_s3::types::{EncodingType, Object};

use super::attempts::Kind;
use super::clock::S3Clock;
use super::faults::failure;
use super::{Store, named, size};
use crate::error::{Fault, FaultKind, Phase};
use crate::percent::form_decoded;

/// Some keys of a bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In the order of their UTF-8 bytes.
    pub objects: Vec<Listed>,
    /// Whether no page follows.
    pub is_last: bool,
}

/// What a listing says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its key.
    pub key: String,
    /// Its size.
    pub size_bytes: u64,
}

impl Store {
    /// ListObjectsV2: up to 1,000 objects whose keys begin with `prefix` and come behind `after`.
    ///
    /// # Errors
    /// Any `Fault` but `Deadline`, `NotQuiescent` and `Bug`; `Integrity` for an answer without a
    /// key.
    pub async fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<Page, Fault> {
        let object = named(bucket, prefix);
        let about = (Phase::Listing, &object);
        self.attempt(Kind::List, about, self.timeout, || async {
            let request = self.client.list_objects_v2().bucket(bucket).prefix(prefix);
            // XML 1.0 lacks characters that keys have.
            let request = request.encoding_type(EncodingType::Url);
            let request = request.set_start_after(after.map(str::to_owned));
            let output = request.send().await.map_err(|error| failure(about, error))?;
            let encoding = output.encoding_type();
            let objects: Result<Vec<Listed>, String> =
                output.contents().iter().map(|object| listed(object, encoding)).collect();
            let is_last = output.is_truncated() != Some(true);
            match objects {
                Ok(objects) if is_last || !objects.is_empty() => Ok(Page { objects, is_last }),
                Ok(_) => Err("a page without keys that is not the last one".to_owned()),
                Err(problem) => Err(problem),
            }
            .map_err(|problem| {
                let (kind, object) = (FaultKind::Integrity, object.clone());
                Fault { kind, phase: Phase::Listing, object, cause: problem.into() }.into()
            })
        })
        .await
    }

    /// ListObjectsV2 of one key, which fails where the bucket is not there: a HEAD request of an
    /// object has the same answer in a missing bucket as for a missing object. Returns S3's time in
    /// seconds since 1970.
    ///
    /// # Errors
    /// Any `Fault` but `Integrity`, `Deadline`, `NotQuiescent` and `Bug`; `Setup` for a missing
    /// bucket.
    pub async fn probe(&self, bucket: &str) -> Result<u64, Fault> {
        let object = named(bucket, "");
        let about = (Phase::Listing, &object);
        self.attempt(Kind::List, about, self.timeout, || async {
            let request = self.client.list_objects_v2().bucket(bucket).max_keys(1);
            let clock = S3Clock::default();
            let request = request.encoding_type(EncodingType::Url).customize();
            let answer = request.interceptor(clock.clone()).send().await;
            answer.map(|_| clock.seconds()).map_err(|error| failure(about, error))
        })
        .await
    }
}

fn listed(object: &Object, encoding: Option<&EncodingType>) -> Result<Listed, String> {
    let key = object.key().ok_or("an object without a key")?;
    Ok(Listed { key: plain_key(key, encoding)?, size_bytes: size(object.size()) })
}

/// A key of a listing. A store may leave keys as they are, whatever it was asked for.
pub(super) fn plain_key(key: &str, encoding: Option<&EncodingType>) -> Result<String, String> {
    match encoding {
        Some(EncodingType::Url) => form_decoded(key),
        _ => Ok(key.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::EncodingType;

    use super::plain_key;

    #[test]
    fn keys_are_decoded_where_they_are_encoded() {
        let key = "a+b%2Bc";
        assert_eq!(plain_key(key, Some(&EncodingType::Url)), Ok("a b+c".to_owned()));
        assert_eq!(plain_key(key, None), Ok(key.to_owned()));
    }
}
