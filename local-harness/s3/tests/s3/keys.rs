//! Keys of every kind: each is an object of its own, inside its bucket, and lists in byte order.

use std::fs;
use std::path::Path;

use aws_sdk_s3::types::{Delete, EncodingType, ObjectIdentifier};

use crate::support::{BUCKET, Harness, code};

/// Keys that file systems, URLs or XML like to confuse.
#[rustfmt::skip]
const ODD_KEYS: &[&str] = &[
    "x", "x/", "x/y", "x/y/z", "d/e", "d//e", "d///e", "/", "//", "/x", "//x", "x//", ".", "..",
    "./x", "../x", "x/..", "x/../y", "../../../etc/passwd", "..%2f..%2fx", "%2e%2e/x", "%", "%2",
    "%25", "100%", "a b", "a  b", " a", "a ", "a+b", "a%2Bb", "a%20b", "+", "a&b=c", "a?b", "a#b",
    "a;b", "a:b", "a,b", "a=b", "a@b", "a$b", "a!b", "a*b", "a'b", "a\"b", "a(b)", "a<b>", "a[b]",
    "a{b}", "a|b", "a\\b", "..\\x", "C:\\x", "a^b", "a`b", "a~b", "A", "a", "ä", "a\u{308}", "Ä",
    "ß", "日本語/写真.jpg", "😀", "😀/👨\u{200d}👩\u{200d}👧", "\u{7f}", "tab\there", "line\nbreak",
    "cr\rhere", "\u{1}\u{2}\u{1f}", "nul", "CON", "aux.txt", "a.", "\u{feff}bom", "\u{202e}rtl",
    "\u{fffd}", "\u{10ffff}", "bucket.json", "lock", "objects/x", "?versionId=null", "uploads",
    "a?uploads", "null", "a b+ä/ü.jpg",
];

/// [`ODD_KEYS`] and the longest that there can be.
pub(crate) fn odd_keys() -> Vec<String> {
    let mut keys: Vec<String> = ODD_KEYS.iter().map(|key| (*key).to_owned()).collect();
    keys.push("k".repeat(1024));
    keys.push("ü".repeat(512));
    keys.push(format!("{}x", "d/".repeat(500)));
    keys
}

#[tokio::test]
async fn every_key_is_an_object_of_its_own() {
    let mut s3 = Harness::start().await;
    let mut keys = odd_keys();
    for key in &keys {
        s3.put(key, key.as_str()).await;
    }
    s3.restart().await;
    for key in &keys {
        assert_eq!(s3.get(key).await, key.as_bytes(), "{key:?}");
    }
    keys.sort_unstable();
    let listing = s3.client.list_objects_v2().bucket(BUCKET).encoding_type(EncodingType::Url);
    let listing = listing.send().await.unwrap();
    let listed: Vec<String> =
        listing.contents().iter().map(|object| decode(object.key().unwrap())).collect();
    assert_eq!(listed, keys);
    assert_nothing_outside(s3.directory(), keys.len());

    for (index, key) in keys.iter().enumerate() {
        s3.client.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
        let left = s3.client.list_objects_v2().bucket(BUCKET).send().await.unwrap().key_count();
        assert_eq!(left, Some((keys.len() - index - 1) as i32), "{key:?}");
    }
    s3.client.delete_bucket().bucket(BUCKET).send().await.unwrap();
}

#[tokio::test]
async fn many_odd_keys_are_deleted_at_once() {
    let s3 = Harness::start().await;
    // XML has no way to carry the others.
    let fits = |key: &String| !key.chars().any(|c| c < ' ' && !"\t\n\r".contains(c));
    let keys: Vec<String> = odd_keys().into_iter().filter(fits).collect();
    for key in &keys {
        s3.put(key, "x").await;
    }
    let objects = keys.iter().map(|key| ObjectIdentifier::builder().key(key).build().unwrap());
    let delete = Delete::builder().set_objects(Some(objects.collect())).quiet(true).build();
    let request = s3.client.delete_objects().bucket(BUCKET).delete(delete.unwrap());
    assert!(request.send().await.unwrap().errors().is_empty());
    assert_eq!(s3.keys().await, Vec::<String>::new());

    s3.put("\u{1}", "x").await;
    let unfit = ObjectIdentifier::builder().key("\u{1}").build().unwrap();
    let delete = Delete::builder().objects(unfit).build().unwrap();
    let request = s3.client.delete_objects().bucket(BUCKET).delete(delete);
    assert_eq!(code(request.send().await), "MalformedXML");
    assert_eq!(s3.get("\u{1}").await, b"x");
}

#[tokio::test]
async fn a_key_may_have_1024_bytes_and_no_more() {
    let s3 = Harness::start().await;
    for key in ["k".repeat(1025), format!("{}k", "ü".repeat(512))] {
        let put = s3.client.put_object().bucket(BUCKET).key(&key).send().await;
        assert_eq!(code(put), "KeyTooLongError");
        let upload = s3.client.create_multipart_upload().bucket(BUCKET).key(&key).send().await;
        assert_eq!(code(upload), "KeyTooLongError");
    }
}

/// Undoes `encoding-type=url`.
pub(crate) fn decode(key: &str) -> String {
    let spaced = key.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().unwrap().into_owned()
}

fn assert_nothing_outside(directory: &Path, objects: usize) {
    let names = |path: &Path| {
        let entries = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(names(directory), ["data"]);
    let data = directory.join("data");
    assert_eq!(
        names(&data),
        ["buckets", "lock", "notifications.journal", "scratch", "sequencer.json"]
    );
    assert_eq!(names(&data.join("buckets")), [BUCKET]);
    let bucket = data.join("buckets").join(BUCKET);
    assert_eq!(names(&bucket), ["bucket.json", "objects", "uploads"]);
    assert_eq!(names(&bucket.join("objects")).len(), objects);
    assert!(names(&data.join("scratch")).is_empty());
}
