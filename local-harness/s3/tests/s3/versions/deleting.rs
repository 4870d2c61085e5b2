//! Delete markers, and the removal of versions.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::delete_object::DeleteObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, Delete, DeletedObject, ObjectIdentifier, Tag, Tagging,
};

use super::{UNKNOWN, copy, current, enabled, get, put, set};
use crate::support::{BUCKET, Harness, code};

async fn delete(s3: &Harness, key: &str, id: Option<&str>) -> DeleteObjectOutput {
    let delete = s3.client.delete_object().bucket(BUCKET).key(key);
    delete.set_version_id(id.map(str::to_owned)).send().await.unwrap()
}

/// Deletes what a key has, and returns the id of the delete marker.
async fn mark(s3: &Harness, key: &str) -> String {
    let deleted = delete(s3, key, None).await;
    assert_eq!(deleted.delete_marker(), Some(true));
    deleted.version_id.expect("a marker has an id")
}

/// Status and these headers of an answer that must be an error.
fn refusal<T: std::fmt::Debug, E: std::fmt::Debug>(
    result: Result<T, SdkError<E>>,
    names: &[&str],
) -> (u16, Vec<Option<String>>) {
    let error = result.unwrap_err();
    let response = error.raw_response().unwrap();
    let header = |name: &&str| response.headers().get(*name).map(str::to_owned);
    (response.status().as_u16(), names.iter().map(header).collect())
}

#[tokio::test]
async fn a_marker_hides_a_key_and_its_removal_brings_it_back() {
    let mut s3 = enabled().await;
    let id = put(&s3, "k", "body").await;
    let marker = mark(&s3, "k").await;
    s3.restart().await;
    let names = ["x-amz-delete-marker", "x-amz-version-id", "content-type"];
    let told = |id: &str, more: &str| {
        [Some("true".to_owned()), Some(id.to_owned()), Some(more.to_owned())]
    };
    let get_now = || s3.client.get_object().bucket(BUCKET).key("k").send();
    assert_eq!(code(get_now().await), "NoSuchKey");
    let xml = "application/xml";
    assert_eq!(refusal(get_now().await, &names), (404, told(&marker, xml).to_vec()));
    let head = s3.client.head_object().bucket(BUCKET).key("k");
    assert_eq!(refusal(head.clone().send().await, &names), (404, told(&marker, xml).to_vec()));
    let names = ["x-amz-delete-marker", "x-amz-version-id", "allow"];
    let by_id = get(&s3, "k", &marker).await;
    assert_eq!(refusal(by_id, &names), (405, told(&marker, "DELETE").to_vec()));
    let by_id = head.version_id(&marker).send().await;
    assert_eq!(refusal(by_id, &names), (405, told(&marker, "DELETE").to_vec()));
    assert_eq!(code(get(&s3, "k", &marker).await), "MethodNotAllowed");
    let (_, date) = refusal(get(&s3, "k", &marker).await, &["last-modified"]);
    assert!(date[0].as_ref().unwrap().ends_with(" GMT"));
    assert_eq!(get(&s3, "k", &id).await.unwrap(), "body");

    let removed = delete(&s3, "k", Some(&marker)).await;
    assert_eq!(removed.delete_marker(), Some(true));
    assert_eq!(removed.version_id(), Some(marker.as_str()));
    s3.restart().await;
    assert_eq!(current(&s3, "k").await, "body");
    let removed = delete(&s3, "k", Some(&id)).await;
    assert_eq!((removed.delete_marker(), removed.version_id()), (None, Some(id.as_str())));
    assert_eq!(code(get(&s3, "k", &id).await), "NoSuchVersion");
    assert!(s3.keys().await.is_empty());
    s3.client.delete_bucket().bucket(BUCKET).send().await.unwrap();
}

#[tokio::test]
async fn no_operation_takes_a_marker_for_an_object() {
    let s3 = enabled().await;
    put(&s3, "k", "body").await;
    let marker = mark(&s3, "k").await;
    let client = &s3.client;
    let now = client.copy_object().bucket(BUCKET).key("l").copy_source(format!("{BUCKET}/k"));
    assert_eq!(code(now.send().await), "NoSuchKey");
    assert_eq!(code(copy(&s3, "k", &marker, "l").send().await), "InvalidRequest");
    let tags = || client.get_object_tagging().bucket(BUCKET).key("k");
    assert_eq!(code(tags().send().await), "NoSuchKey");
    assert_eq!(code(tags().version_id(&marker).send().await), "MethodNotAllowed");
    let tagging = Tagging::builder().tag_set(Tag::builder().key("a").value("b").build().unwrap());
    let tagging = tagging.build().unwrap();
    let tag = || client.put_object_tagging().bucket(BUCKET).key("k").tagging(tagging.clone());
    assert_eq!(code(tag().send().await), "MethodNotAllowed");
    assert_eq!(code(tag().version_id(&marker).send().await), "MethodNotAllowed");
}

#[tokio::test]
async fn deletions_without_an_object_add_markers_and_unknown_versions_change_nothing() {
    let s3 = enabled().await;
    let markers = [mark(&s3, "never").await, mark(&s3, "never").await];
    assert_ne!(markers[0], markers[1]);
    let removed = delete(&s3, "never", Some(UNKNOWN)).await;
    assert_eq!((removed.delete_marker(), removed.version_id()), (None, Some(UNKNOWN)));
    let bad = s3.client.delete_object().bucket(BUCKET).key("never").version_id("nonsense");
    assert_eq!(code(bad.send().await), "InvalidArgument");
    let listed = s3.client.list_object_versions().bucket(BUCKET).send().await.unwrap();
    assert_eq!((listed.versions().len(), listed.delete_markers().len()), (0, 2));
    let refused = s3.client.delete_bucket().bucket(BUCKET).send().await;
    assert_eq!(code(refused), "BucketNotEmpty", "markers are versions");
    for marker in markers {
        delete(&s3, "never", Some(&marker)).await;
    }
    let id = put(&s3, "k", "body").await;
    mark(&s3, "k").await;
    assert_eq!(code(s3.client.delete_bucket().bucket(BUCKET).send().await), "BucketNotEmpty");
    assert_eq!(get(&s3, "k", &id).await.unwrap(), "body");
}

#[tokio::test]
async fn a_suspended_bucket_replaces_its_null_version_by_a_marker() {
    let mut s3 = enabled().await;
    let kept = put(&s3, "k", "kept").await;
    set(&s3, BucketVersioningStatus::Suspended).await;
    s3.put("k", "gone").await;
    for _ in 0..2 {
        assert_eq!(mark(&s3, "k").await, "null");
    }
    s3.restart().await;
    assert_eq!(code(get(&s3, "k", "null").await), "MethodNotAllowed");
    assert_eq!(get(&s3, "k", &kept).await.unwrap(), "kept");
    let listed = s3.client.list_object_versions().bucket(BUCKET).send().await.unwrap();
    assert_eq!((listed.versions().len(), listed.delete_markers().len()), (1, 1));
    s3.put("k", "again").await;
    assert_eq!(get(&s3, "k", "null").await.unwrap(), "again");
    delete(&s3, "k", Some("null")).await;
    assert_eq!(current(&s3, "k").await, "kept");
}

#[tokio::test]
async fn many_versions_and_markers_are_deleted_at_once() {
    let s3 = enabled().await;
    let first = put(&s3, "a", "1").await;
    put(&s3, "b", "1").await;
    let marker = mark(&s3, "b").await;
    let object = |key: &str, id: Option<&str>| {
        let object = ObjectIdentifier::builder().key(key).set_version_id(id.map(str::to_owned));
        object.build().unwrap()
    };
    let objects = vec![
        object("a", None),
        object("a", Some(&first)),
        object("b", Some(&marker)),
        object("b", Some("nonsense")),
        object("b", Some(UNKNOWN)),
    ];
    let delete = Delete::builder().set_objects(Some(objects)).build().unwrap();
    let request = s3.client.delete_objects().bucket(BUCKET).delete(delete);
    let answer = request.send().await.unwrap();
    fn told(one: &DeletedObject) -> [Option<&str>; 3] {
        assert_eq!(
            one.delete_marker().unwrap_or_default(),
            one.delete_marker_version_id().is_some()
        );
        [one.key(), one.version_id(), one.delete_marker_version_id()]
    }
    let [added, removed, of_marker, unknown] = answer.deleted() else { panic!("{answer:?}") };
    assert!(added.delete_marker_version_id().unwrap().len() == 32 && added.version_id().is_none());
    assert_eq!(told(removed), [Some("a"), Some(&first), None]);
    assert_eq!(told(of_marker), [Some("b"), Some(&marker), Some(&marker)]);
    assert_eq!(told(unknown), [Some("b"), Some(UNKNOWN), None]);
    let [error] = answer.errors() else { panic!("{answer:?}") };
    assert_eq!((error.code(), error.version_id()), (Some("NoSuchVersion"), Some("nonsense")));
    assert_eq!(s3.keys().await, ["b"]);
}

#[tokio::test]
async fn conditions_look_at_the_current_version() {
    let s3 = enabled().await;
    let old = s3.put("k", "old").await;
    let new = s3.put("k", "new").await;
    let delete = |etag: &str| s3.client.delete_object().bucket(BUCKET).key("k").if_match(etag);
    let old_etag = old.e_tag().unwrap();
    assert_eq!(code(delete(old_etag).send().await), "PreconditionFailed");
    let put = || {
        let put = s3.client.put_object().bucket(BUCKET).key("k");
        put.body(ByteStream::from_static(b"conditional"))
    };
    assert_eq!(code(put().if_none_match("*").send().await), "PreconditionFailed");
    assert_eq!(code(put().if_match(old_etag).send().await), "PreconditionFailed");
    delete(new.e_tag().unwrap()).send().await.unwrap();
    // A delete marker is no object.
    assert_eq!(code(delete("*").send().await), "PreconditionFailed");
    assert_eq!(code(put().if_match(new.e_tag().unwrap()).send().await), "NoSuchKey");
    put().if_none_match("*").send().await.unwrap();
    assert_eq!(current(&s3, "k").await, "conditional");
    let of_version = s3.client.get_object().bucket(BUCKET).key("k").if_match(old_etag);
    of_version.set_version_id(old.version_id).send().await.unwrap();
}
