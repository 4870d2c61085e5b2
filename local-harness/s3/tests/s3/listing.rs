//! Listings in both versions: pages, prefixes, delimiters, markers.

use aws_sdk_s3::types::{EncodingType, ObjectStorageClass};

use crate::support::{BUCKET, Harness, code};

const KEYS: [&str; 11] = [
    "a b.jpg",
    "a+b.jpg",
    "a/1.jpg",
    "a/2.jpg",
    "a/b/3.jpg",
    "a/b/4.jpg",
    "a0",
    "z",
    "é/5.jpg",
    "日本",
    "😀",
];

async fn filled() -> Harness {
    let s3 = Harness::start().await;
    for key in KEYS.iter().rev() {
        s3.put(key, *key).await;
    }
    s3
}

#[tokio::test]
async fn objects_are_listed_in_byte_order_with_all_they_need() {
    let s3 = filled().await;
    assert_eq!(s3.keys().await, KEYS);
    let listing = s3.client.list_objects_v2().bucket(BUCKET).prefix("z").send().await.unwrap();
    let object = &listing.contents()[0];
    assert_eq!(object.size(), Some(1));
    assert_eq!(object.e_tag(), Some("\"fbade9e36a3f36d3d676c1b808451dd7\""));
    assert_eq!(object.storage_class().map(ObjectStorageClass::as_str), Some("STANDARD"));
    assert!(object.last_modified().is_some() && object.owner().is_none());
    assert_eq!(listing.name(), Some(BUCKET));
    assert_eq!((listing.key_count(), listing.is_truncated()), (Some(1), Some(false)));
    let with_owner = s3.client.list_objects_v2().bucket(BUCKET).fetch_owner(true).send().await;
    assert!(with_owner.unwrap().contents()[0].owner().is_some());
}

#[tokio::test]
async fn pages_of_any_size_make_the_same_listing() {
    let s3 = filled().await;
    for delimiter in [None, Some("/"), Some(".jpg")] {
        for prefix in ["", "a", "a/", "nothing"] {
            let whole = all_pages(&s3, prefix, delimiter, 1000).await;
            for max_keys in [1, 2, 3, 5] {
                let pages = all_pages(&s3, prefix, delimiter, max_keys).await;
                assert_eq!(pages, whole, "{prefix} {delimiter:?} {max_keys}");
                let pages = all_pages_v1(&s3, prefix, delimiter, max_keys).await;
                assert_eq!(pages, whole, "version 1: {prefix} {delimiter:?} {max_keys}");
            }
        }
    }
    let (keys, prefixes) = all_pages(&s3, "", Some("/"), 1000).await;
    assert_eq!(keys, ["a b.jpg", "a+b.jpg", "a0", "z", "日本", "😀"]);
    assert_eq!(prefixes, ["a/", "é/"]);
}

async fn all_pages(
    s3: &Harness,
    prefix: &str,
    delimiter: Option<&str>,
    max_keys: i32,
) -> (Vec<String>, Vec<String>) {
    let (mut keys, mut prefixes, mut token) = (Vec::new(), Vec::new(), None);
    loop {
        let request = s3.client.list_objects_v2().bucket(BUCKET).prefix(prefix).max_keys(max_keys);
        let request = request.set_delimiter(delimiter.map(str::to_owned));
        let page = request.set_continuation_token(token).send().await.unwrap();
        assert!(page.key_count() <= Some(max_keys));
        keys.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
        prefixes.extend(page.common_prefixes().iter().map(|p| p.prefix().unwrap().to_owned()));
        assert_eq!(page.is_truncated(), Some(page.next_continuation_token().is_some()));
        token = page.next_continuation_token;
        if token.is_none() {
            return (keys, prefixes);
        }
    }
}

async fn all_pages_v1(
    s3: &Harness,
    prefix: &str,
    delimiter: Option<&str>,
    max_keys: i32,
) -> (Vec<String>, Vec<String>) {
    let (mut keys, mut prefixes, mut marker) = (Vec::new(), Vec::new(), None);
    loop {
        let request = s3.client.list_objects().bucket(BUCKET).prefix(prefix).max_keys(max_keys);
        let request = request.set_delimiter(delimiter.map(str::to_owned));
        let page = request.set_marker(marker).send().await.unwrap();
        keys.extend(page.contents().iter().map(|object| object.key().unwrap().to_owned()));
        prefixes.extend(page.common_prefixes().iter().map(|p| p.prefix().unwrap().to_owned()));
        if page.is_truncated() != Some(true) {
            return (keys, prefixes);
        }
        assert_eq!(page.next_marker().is_some(), delimiter.is_some());
        marker = page.next_marker.or_else(|| keys.last().cloned());
    }
}

#[tokio::test]
async fn starts_encodings_and_limits() {
    let s3 = filled().await;
    let list = || s3.client.list_objects_v2().bucket(BUCKET);
    let after = list().start_after("a/2.jpg").max_keys(2).send().await.unwrap();
    let keys: Vec<_> = after.contents().iter().filter_map(|object| object.key()).collect();
    assert_eq!(keys, ["a/b/3.jpg", "a/b/4.jpg"]);
    assert_eq!(after.start_after(), Some("a/2.jpg"));

    let url = list().encoding_type(EncodingType::Url).prefix("a").delimiter("/");
    let url = url.send().await.unwrap();
    let keys: Vec<_> = url.contents().iter().filter_map(|object| object.key()).collect();
    assert_eq!(keys, ["a+b.jpg", "a%2Bb.jpg", "a0"]);
    assert_eq!(url.encoding_type(), Some(&EncodingType::Url));

    let none = list().max_keys(0).send().await.unwrap();
    assert_eq!((none.contents().len(), none.is_truncated()), (0, Some(false)));
    let many = list().max_keys(5000).send().await.unwrap();
    assert_eq!(many.max_keys(), Some(1000));
    assert_eq!(code(list().max_keys(-1).send().await), "InvalidArgument");
    assert_eq!(code(list().continuation_token("no token!").send().await), "InvalidArgument");
}
