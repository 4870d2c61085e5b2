//! How an object is kept beside its bytes: caching, tags, class, key and metadata, as the headers
//! of its PUT say it. Pure; knows no client.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// S3's limit on names and values of an object's metadata together. Whether the prefix of each name
/// counts, S3 and its likes do not agree on; here it does.
const MAX_METADATA_BYTES: usize = 2048;

/// What stands before each name in its header.
const METADATA_PREFIX: &str = "x-amz-meta-";

/// What is said of an object when it is put.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectProperties {
    /// Cache-Control; none without it.
    pub cache_control: Option<String>,
    /// Object tags, at most ten.
    pub tags: BTreeMap<String, String>,
    /// The storage class by S3's name; the bucket's own without it.
    pub class: Option<String>,
    /// The key of SSE-KMS; the bucket's own encryption without it.
    pub kms_key: Option<KmsKey>,
    /// Whether it takes along the metadata that the uploader gave the source.
    pub copies_metadata: bool,
}

/// A key of AWS KMS, and how it is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KmsKey {
    /// Key id, alias or the ARN of either.
    pub id: String,
    /// Whether S3 derives objects' keys from one for the bucket instead of asking KMS for each.
    pub for_bucket: bool,
}

impl ObjectProperties {
    /// Of what is written about variants, manifest and failure record: tagged and encrypted as they
    /// are, but found again under the same key, read at once, and too small for other classes.
    pub fn of_records(&self) -> Self {
        let (tags, kms_key) = (self.tags.clone(), self.kms_key.clone());
        Self { tags, kms_key, ..Self::default() }
    }

    /// The tags as `x-amz-tagging` has them: the query of a URL.
    pub fn tagging(&self) -> Option<String> {
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let pairs = self.tags.iter().map(|(name, value)| (encoded(name), encoded(value)));
        let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("&"))
    }
}

/// Metadata of a source for its variants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CopiedMetadata {
    /// What all of them get.
    pub kept: BTreeMap<String, String>,
    /// Names of what found no room beside the function's own, in their order.
    pub dropped: Vec<String>,
}

impl CopiedMetadata {
    /// Name after name as far as there is room beside `own`, whose names are not copied. A source
    /// with more is no reason to refuse it: variants without some metadata are better than none.
    pub fn new(source: &BTreeMap<String, String>, own: &BTreeMap<String, String>) -> Self {
        let bytes =
            |(name, value): (&String, &String)| METADATA_PREFIX.len() + name.len() + value.len();
        let mut free_bytes =
            MAX_METADATA_BYTES.saturating_sub(own.iter().map(bytes).sum::<usize>());
        let mut copied = Self::default();
        for (name, value) in source.iter().filter(|(name, _)| !own.contains_key(*name)) {
            match free_bytes.checked_sub(bytes((name, value))) {
                Some(left) => {
                    free_bytes = left;
                    copied.kept.insert(name.clone(), value.clone());
                }
                None => copied.dropped.push(name.clone()),
            }
        }
        copied
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{CopiedMetadata, MAX_METADATA_BYTES, ObjectProperties};

    fn map<const N: usize>(pairs: [(&str, String); N]) -> BTreeMap<String, String> {
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    #[test]
    fn tags_are_encoded_as_a_query() {
        let tags = map([("team", "a&b".to_owned()), ("ü x", String::new())]);
        let storage = ObjectProperties { tags, ..ObjectProperties::default() };
        assert_eq!(storage.tagging().as_deref(), Some("team=a%26b&%C3%BC%20x="));
        assert_eq!(ObjectProperties::default().tagging(), None);
    }

    #[test]
    fn metadata_is_copied_as_far_as_there_is_room() {
        let own = map([("resizer-fingerprint", "0".repeat(16))]);
        let long = "x".repeat(MAX_METADATA_BYTES - 11 - 19 - 16 - 11 - 1 - (11 + 1 + 1));
        let source = map([
            ("a", long.clone()),
            ("b", "too long".to_owned()),
            ("c", "1".to_owned()),
            ("resizer-fingerprint", "another".to_owned()),
        ]);
        let copied = CopiedMetadata::new(&source, &own);
        assert_eq!(copied.kept, map([("a", long), ("c", "1".to_owned())]));
        assert_eq!(copied.dropped, ["b"], "and what is our own is not the source's to say");
    }
}
