//! ListObjectVersions, and what the other listings leave out.

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::{BucketVersioningStatus, EncodingType, ObjectVersionStorageClass};

use super::{UNKNOWN, enabled, put, set};
use crate::keys::decode;
use crate::support::{BUCKET, Harness, code};

/// Keys with how many versions each of them has; every other one ends with a delete marker.
const KEYS: [(&str, usize); 8] = [
    ("a b", 2),
    ("a+b", 1),
    ("a/1", 3),
    ("a/2", 1),
    ("a/b/3", 2),
    ("b", 4),
    ("é/4", 1),
    ("日本", 2),
];

async fn filled() -> Harness {
    let s3 = enabled().await;
    for round in 0..4 {
        for (place, (key, count)) in KEYS.iter().enumerate().rev() {
            if round + 1 < *count || round + 1 == *count && place % 2 == 0 {
                put(&s3, key, &format!("{key} {round}")).await;
            } else if round + 1 == *count {
                s3.client.delete_object().bucket(BUCKET).key(*key).send().await.unwrap();
            }
        }
    }
    s3
}

/// What a listing holds: versions and markers as key, id and whether it is the latest, and common
/// prefixes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) versions: Vec<(String, String, bool)>,
    pub(super) markers: Vec<(String, String, bool)>,
    pub(super) prefixes: Vec<String>,
}

impl Listing {
    fn add(&mut self, page: &ListObjectVersionsOutput) {
        self.versions.extend(page.versions().iter().map(|version| {
            let (key, id) = (decode(version.key().unwrap()), version.version_id().unwrap());
            (key, id.to_owned(), version.is_latest().unwrap())
        }));
        self.markers.extend(page.delete_markers().iter().map(|marker| {
            let (key, id) = (decode(marker.key().unwrap()), marker.version_id().unwrap());
            (key, id.to_owned(), marker.is_latest().unwrap())
        }));
        let prefixes = page.common_prefixes().iter().map(|prefix| decode(prefix.prefix().unwrap()));
        self.prefixes.extend(prefixes);
    }
}

/// All pages of a listing, put together.
pub(super) async fn pages(
    s3: &Harness,
    prefix: &str,
    delimiter: Option<&str>,
    max_keys: i32,
) -> Listing {
    let mut listing = Listing::default();
    let (mut key, mut id) = (None, None);
    loop {
        let list = s3.client.list_object_versions().bucket(BUCKET).prefix(prefix);
        let list = list.max_keys(max_keys).set_delimiter(delimiter.map(str::to_owned));
        let list = list.encoding_type(EncodingType::Url);
        let list = list.set_key_marker(key).set_version_id_marker(id);
        let page = list.send().await.unwrap();
        let items = page.versions().len() + page.delete_markers().len();
        assert!(items + page.common_prefixes().len() <= max_keys as usize);
        listing.add(&page);
        assert_eq!(page.is_truncated(), Some(page.next_key_marker().is_some()));
        let Some(next) = page.next_key_marker() else { return listing };
        (key, id) = (Some(decode(next)), page.next_version_id_marker);
    }
}

#[tokio::test]
async fn pages_of_any_size_make_the_same_listing() {
    let mut s3 = filled().await;
    let whole = pages(&s3, "", None, 1000).await;
    assert_eq!((whole.versions.len(), whole.markers.len()), (12, 4));
    let listed: Vec<&str> = whole.versions.iter().map(|(key, _, _)| key.as_str()).collect();
    let sorted =
        ["a b", "a b", "a/1", "a/1", "a/1", "a/b/3", "a/b/3", "b", "b", "b", "é/4", "日本"];
    assert_eq!(listed, sorted);
    assert!(whole.markers.iter().all(|(_, _, is_latest)| *is_latest));
    let latest = whole.versions.iter().filter(|(_, _, is_latest)| *is_latest);
    assert_eq!(latest.map(|(key, _, _)| key.as_str()).collect::<Vec<_>>(), s3.keys().await);
    s3.restart().await;
    assert_eq!(pages(&s3, "", None, 1000).await, whole, "order is kept on the disk");
    for delimiter in [None, Some("/"), Some("b")] {
        for prefix in ["", "a", "a/", "b", "nothing"] {
            let whole = pages(&s3, prefix, delimiter, 1000).await;
            for max_keys in [1, 2, 3, 5] {
                let paged = pages(&s3, prefix, delimiter, max_keys).await;
                assert_eq!(paged, whole, "{prefix} {delimiter:?} {max_keys}");
            }
        }
    }
    let folded = pages(&s3, "", Some("/"), 1000).await;
    assert_eq!(folded.prefixes, ["a/", "é/"]);
}

#[tokio::test]
async fn versions_are_listed_newest_first_with_all_they_need() {
    let mut s3 = Harness::start().await;
    s3.put("k", "null").await;
    let unversioned = pages(&s3, "", None, 1000).await;
    assert_eq!(unversioned.versions, [("k".to_owned(), "null".to_owned(), true)]);
    set(&s3, BucketVersioningStatus::Enabled).await;
    let mut ids = vec!["null".to_owned()];
    for body in ["1", "2", "3"] {
        ids.push(put(&s3, "k", body).await);
    }
    ids.reverse();
    s3.restart().await;
    let list = || s3.client.list_object_versions().bucket(BUCKET);
    let listed = list().send().await.unwrap();
    let found: Vec<_> = listed.versions().iter().filter_map(|one| one.version_id()).collect();
    assert_eq!(found, ids);
    let version = &listed.versions()[0];
    assert_eq!((version.size(), version.is_latest()), (Some(1), Some(true)));
    assert_eq!(version.storage_class().map(ObjectVersionStorageClass::as_str), Some("STANDARD"));
    assert_eq!(version.e_tag(), Some("\"eccbc87e4b5ce2fe28308fd9f2a7baf3\""));
    assert!(version.last_modified().is_some() && version.owner().is_some());
    assert_eq!((listed.name(), listed.max_keys()), (Some(BUCKET), Some(1000)));

    let after = list().key_marker("k").version_id_marker(&ids[1]).send().await.unwrap();
    let found: Vec<_> = after.versions().iter().filter_map(|one| one.version_id()).collect();
    assert_eq!(found, ids[2..]);
    assert!(!after.versions()[0].is_latest().unwrap());
    let after = list().key_marker("k").send().await.unwrap();
    assert!(after.versions().is_empty(), "without an id, only keys after the marker");
    // A version that was removed between two pages does not hide those that are left.
    let after = list().key_marker("k").version_id_marker(UNKNOWN).send().await.unwrap();
    assert_eq!(after.versions().len(), 4);
    assert_eq!(code(list().version_id_marker(&ids[1]).send().await), "InvalidArgument");
    let bad = list().key_marker("k").version_id_marker("nonsense").send().await;
    assert_eq!(code(bad), "InvalidArgument");
    assert_eq!(code(list().max_keys(-1).send().await), "InvalidArgument");
    let none = list().max_keys(0).send().await.unwrap();
    assert_eq!((none.versions().len(), none.is_truncated()), (0, Some(false)));
}

#[tokio::test]
async fn keys_are_encoded_on_request() {
    let s3 = filled().await;
    let list = s3.client.list_object_versions().bucket(BUCKET).encoding_type(EncodingType::Url);
    let page = list.prefix("a").delimiter("+").max_keys(1).send().await.unwrap();
    assert_eq!(page.versions()[0].key(), Some("a+b"));
    assert_eq!((page.delimiter(), page.next_key_marker()), (Some("%2B"), Some("a+b")));
    assert_eq!(page.encoding_type(), Some(&EncodingType::Url));
}

#[tokio::test]
async fn other_listings_leave_out_what_a_marker_hides() {
    let s3 = filled().await;
    let expected = ["a b", "a/1", "a/b/3", "é/4"];
    let first = s3.client.list_objects().bucket(BUCKET).send().await.unwrap();
    let keys: Vec<&str> = first.contents().iter().filter_map(|object| object.key()).collect();
    assert_eq!(keys, expected.map(|key| key));
    assert_eq!(s3.keys().await, expected);
    let mut token = None;
    for key in expected {
        let list = s3.client.list_objects_v2().bucket(BUCKET).max_keys(1);
        let page = list.set_continuation_token(token).send().await.unwrap();
        assert_eq!(page.contents()[0].key(), Some(key));
        assert_eq!(page.is_truncated(), Some(key != "é/4"));
        token = page.next_continuation_token;
    }
    let folded = s3.client.list_objects_v2().bucket(BUCKET).prefix("a").delimiter("+").send().await;
    assert!(folded.unwrap().common_prefixes().is_empty(), "a prefix of hidden keys is no prefix");
}
