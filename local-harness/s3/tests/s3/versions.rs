//! Buckets that keep versions: their state, writes and reads.

mod deleting;
mod events;
mod listing;
mod model;

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::copy_object::builders::CopyObjectFluentBuilder;
use aws_sdk_s3::operation::get_object::GetObjectError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, CompletedMultipartUpload, CompletedPart, MetadataDirective, MfaDelete,
    RestoreRequest, StorageClass, Tag, Tagging, VersioningConfiguration,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::post;
use crate::support::{BUCKET, Harness, code};

/// Well formed, and of no version.
const UNKNOWN: &str = "aVersionThatIsNot.InAnyBucket_00";

async fn set(s3: &Harness, status: BucketVersioningStatus) {
    let wanted = VersioningConfiguration::builder().status(status).build();
    let put = s3.client.put_bucket_versioning().bucket(BUCKET).versioning_configuration(wanted);
    put.send().await.unwrap();
}

async fn status(s3: &Harness) -> Option<BucketVersioningStatus> {
    s3.client.get_bucket_versioning().bucket(BUCKET).send().await.unwrap().status
}

/// A server whose bucket keeps versions.
async fn enabled() -> Harness {
    let s3 = Harness::start().await;
    set(&s3, BucketVersioningStatus::Enabled).await;
    s3
}

/// Writes an object, and returns the id of its version.
async fn put(s3: &Harness, key: &str, body: &str) -> String {
    s3.put(key, body).await.version_id.expect("an id")
}

async fn get(s3: &Harness, key: &str, id: &str) -> Result<String, SdkError<GetObjectError>> {
    let get = s3.client.get_object().bucket(BUCKET).key(key).version_id(id).send().await?;
    assert_eq!(get.version_id(), Some(id));
    Ok(String::from_utf8(get.body.collect().await.unwrap().to_vec()).unwrap())
}

/// The body that a key has now.
async fn current(s3: &Harness, key: &str) -> String {
    String::from_utf8(s3.get(key).await).unwrap()
}

/// A copy of one version.
fn copy(s3: &Harness, from: &str, id: &str, to: &str) -> CopyObjectFluentBuilder {
    let source = format!("{BUCKET}/{}?versionId={id}", utf8_percent_encode(from, NON_ALPHANUMERIC));
    s3.client.copy_object().bucket(BUCKET).key(to).copy_source(source)
}

#[tokio::test]
async fn versioning_is_put_kept_and_never_taken_back() {
    let mut s3 = Harness::start().await;
    assert_eq!(status(&s3).await, None);
    for wanted in [BucketVersioningStatus::Suspended, BucketVersioningStatus::Enabled] {
        set(&s3, wanted.clone()).await;
        assert_eq!(status(&s3).await, Some(wanted.clone()));
        s3.restart().await;
        assert_eq!(status(&s3).await, Some(wanted));
    }
    let configuration = VersioningConfiguration::builder;
    let refused = [
        (configuration(), "IllegalVersioningConfigurationException"),
        (configuration().status(BucketVersioningStatus::from("Off")), "MalformedXML"),
        (
            configuration().status(BucketVersioningStatus::Enabled).mfa_delete(MfaDelete::Enabled),
            "NotImplemented",
        ),
    ];
    for (wanted, why) in refused {
        let put = s3.client.put_bucket_versioning().bucket(BUCKET);
        assert_eq!(code(put.versioning_configuration(wanted.build()).send().await), why);
    }
    assert_eq!(status(&s3).await, Some(BucketVersioningStatus::Enabled));
    let elsewhere = s3.client.put_bucket_versioning().bucket("none-here");
    let wanted = configuration().status(BucketVersioningStatus::Enabled).build();
    let elsewhere = elsewhere.versioning_configuration(wanted).send().await;
    assert_eq!(code(elsewhere), "NoSuchBucket");
}

#[tokio::test]
async fn every_kind_of_write_makes_a_version_and_all_of_them_stay() {
    let mut s3 = Harness::start().await;
    assert_eq!(s3.put("k", "null").await.version_id(), None);
    set(&s3, BucketVersioningStatus::Enabled).await;
    let mut ids = vec![("k", put(&s3, "k", "1").await), ("k", put(&s3, "k", "2").await)];
    let copied = copy(&s3, "k", "null", "k").send().await.unwrap();
    assert_eq!(copied.copy_source_version_id(), Some("null"));
    ids.push(("k", copied.version_id.unwrap()));
    ids.push(("k", complete(&s3, "k", "parts").await.expect("an id")));
    let form = post::upload(&s3).await;
    let of_form = form.head.lines().find_map(|line| line.strip_prefix("x-amz-version-id: "));
    ids.push(("in/photo.jpg", of_form.unwrap().to_owned()));
    for (_, id) in &ids {
        let is_safe = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        assert!(id.len() == 32 && id.chars().all(is_safe), "{id}");
    }
    s3.restart().await;
    let bodies = ["1", "2", "null", "parts"];
    for ((key, id), body) in ids.iter().zip(bodies) {
        assert_eq!(get(&s3, key, id).await.unwrap(), body);
    }
    let (key, id) = &ids[4];
    let head = s3.client.head_object().bucket(BUCKET).key(*key).version_id(id).send().await;
    assert_eq!(head.unwrap().version_id(), Some(id.as_str()));
    assert_eq!(get(&s3, "k", "null").await.unwrap(), "null");
    assert_eq!(current(&s3, "k").await, "parts");
}

/// Uploads an object as one part.
async fn complete(s3: &Harness, key: &str, body: &'static str) -> Option<String> {
    let upload = s3.client.create_multipart_upload().bucket(BUCKET).key(key).send().await;
    let id = upload.unwrap().upload_id.unwrap();
    let part = s3.client.upload_part().bucket(BUCKET).key(key).upload_id(&id).part_number(1);
    let part = part.body(ByteStream::from_static(body.as_bytes())).send().await.unwrap();
    let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let parts = CompletedMultipartUpload::builder().parts(part).build();
    let complete = s3.client.complete_multipart_upload().bucket(BUCKET).key(key);
    complete.upload_id(id).multipart_upload(parts).send().await.unwrap().version_id
}

#[tokio::test]
async fn a_suspended_bucket_replaces_its_null_version_only() {
    let mut s3 = enabled().await;
    let kept = put(&s3, "k", "kept").await;
    set(&s3, BucketVersioningStatus::Suspended).await;
    assert_eq!(s3.put("k", "first").await.version_id(), None, "S3 names no null version here");
    assert_eq!(complete(&s3, "k", "second").await, None);
    let got = s3.client.get_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert_eq!(got.version_id(), Some("null"));
    s3.restart().await;
    assert_eq!(current(&s3, "k").await, "second");
    assert_eq!(get(&s3, "k", &kept).await.unwrap(), "kept");
    set(&s3, BucketVersioningStatus::Enabled).await;
    put(&s3, "k", "newest").await;
    assert_eq!(get(&s3, "k", "null").await.unwrap(), "second");
    let listed = s3.client.list_object_versions().bucket(BUCKET).send().await.unwrap();
    assert_eq!(listed.versions().len(), 3);
}

#[tokio::test]
async fn a_version_is_named_in_every_operation_on_an_object() {
    let mut s3 = enabled().await;
    let old = put(&s3, "k", "old").await;
    let new = put(&s3, "k", "new").await;
    let tags = |name: &str| {
        let tag = Tag::builder().key(name).value("v").build().unwrap();
        Tagging::builder().tag_set(tag).build().unwrap()
    };
    let tag = s3.client.put_object_tagging().bucket(BUCKET).key("k");
    let tagged = tag.version_id(&old).tagging(tags("of-old")).send().await.unwrap();
    assert_eq!(tagged.version_id(), Some(old.as_str()));
    let tag = s3.client.put_object_tagging().bucket(BUCKET).key("k").tagging(tags("of-new"));
    assert_eq!(tag.send().await.unwrap().version_id(), Some(new.as_str()));
    s3.restart().await;
    for (id, name) in [(&old, "of-old"), (&new, "of-new")] {
        let get = s3.client.get_object_tagging().bucket(BUCKET).key("k").version_id(id);
        let get = get.send().await.unwrap();
        assert_eq!((get.tag_set()[0].key(), get.version_id()), (name, Some(id.as_str())));
    }
    let none = s3.client.delete_object_tagging().bucket(BUCKET).key("k").version_id(&old);
    assert_eq!(none.send().await.unwrap().version_id(), Some(old.as_str()));
    let get = s3.client.get_object_tagging().bucket(BUCKET).key("k");
    assert_eq!(get.send().await.unwrap().tag_set().len(), 1, "those of the new version stay");
    assert_eq!(get_all(&s3, &[&old, &new]).await, ["old", "new"]);

    let copied = copy(&s3, "k", &old, "copy").send().await.unwrap();
    assert_eq!(copied.copy_source_version_id(), Some(old.as_str()));
    assert_eq!(current(&s3, "copy").await, "old");
    copy(&s3, "k", &old, "k").send().await.unwrap();
    assert_eq!(current(&s3, "k").await, "old", "an old version is brought back by a copy");
    let itself = s3.client.copy_object().bucket(BUCKET).key("k").copy_source("uploads/k");
    assert_eq!(code(itself.clone().send().await), "InvalidRequest");
    let changed = itself.metadata_directive(MetadataDirective::Replace).send().await.unwrap();
    assert_ne!(changed.version_id(), changed.copy_source_version_id());

    let upload = s3.client.create_multipart_upload().bucket(BUCKET).key("p").send().await.unwrap();
    let part = s3.client.upload_part_copy().bucket(BUCKET).key("p").part_number(1);
    let part =
        part.set_upload_id(upload.upload_id).copy_source(format!("uploads/k?versionId={old}"));
    assert_eq!(part.send().await.unwrap().copy_source_version_id(), Some(old.as_str()));
}

async fn get_all(s3: &Harness, ids: &[&str]) -> Vec<String> {
    let mut bodies = Vec::new();
    for id in ids {
        bodies.push(get(s3, "k", id).await.unwrap());
    }
    bodies
}

#[tokio::test]
async fn an_archived_version_is_restored_by_its_id() {
    let s3 = enabled().await;
    let archive =
        s3.client.put_object().bucket(BUCKET).key("k").body(ByteStream::from_static(b"b"));
    let old = archive.storage_class(StorageClass::Glacier).send().await.unwrap();
    let old = old.version_id.unwrap();
    put(&s3, "k", "new").await;
    assert_eq!(code(get(&s3, "k", &old).await), "InvalidObjectState");
    let restore = |id: &str| {
        let days = RestoreRequest::builder().days(1).build();
        let restore = s3.client.restore_object().bucket(BUCKET).key("k").restore_request(days);
        restore.version_id(id).send()
    };
    restore(&old).await.unwrap();
    assert_eq!(get(&s3, "k", &old).await.unwrap(), "b");
    assert_eq!(current(&s3, "k").await, "new");
    assert_eq!(code(restore(UNKNOWN).await), "NoSuchVersion");
    let marker = s3.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert_eq!(code(restore(&marker.version_id.unwrap()).await), "MethodNotAllowed");
}

#[tokio::test]
async fn ids_that_are_malformed_or_unknown_are_refused() {
    let s3 = Harness::start().await;
    s3.put("k", "body").await;
    for state in [None, Some(BucketVersioningStatus::Enabled)] {
        if let Some(state) = state {
            set(&s3, state).await;
        }
        for (id, why) in [("nonsense", "InvalidArgument"), (UNKNOWN, "NoSuchVersion")] {
            let client = &s3.client;
            assert_eq!(code(get(&s3, "k", id).await), why);
            assert_eq!(code(copy(&s3, "k", id, "copy").send().await), why);
            let tags = client.get_object_tagging().bucket(BUCKET).key("k").version_id(id);
            assert_eq!(code(tags.send().await), why);
            let tags = client.delete_object_tagging().bucket(BUCKET).key("k").version_id(id);
            assert_eq!(code(tags.send().await), why);
            let status = if why == "NoSuchVersion" { "NotFound" } else { "400" };
            let head = client.head_object().bucket(BUCKET).key("k").version_id(id);
            assert_eq!(code(head.send().await), status);
        }
        let error = format!("{:?}", get(&s3, "k", "nonsense").await.unwrap_err());
        assert!(error.contains("Invalid version id specified"), "{error}");
        assert_eq!(code(get(&s3, "none", "null").await), "NoSuchVersion");
    }
    assert_eq!(get(&s3, "k", "null").await.unwrap(), "body");
}

#[tokio::test]
async fn a_bucket_of_an_earlier_release_is_read_as_it_is() {
    let mut s3 = Harness::start().await;
    s3.put("k", "body").await;
    let record = s3.directory().join("data/buckets/uploads/bucket.json");
    let mut json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&record).unwrap()).unwrap();
    assert!(json.as_object_mut().unwrap().remove("versioning").is_some());
    std::fs::write(&record, json.to_string()).unwrap();
    let objects = s3.directory().join("data/buckets/uploads/objects");
    let object = std::fs::read_dir(objects).unwrap().next().unwrap().unwrap().path();
    let stored = String::from_utf8_lossy(&std::fs::read(object).unwrap()).into_owned();
    assert!(!stored.contains("version"), "an object is stored as before: {stored}");
    s3.restart().await;
    assert_eq!(status(&s3).await, None);
    let got = s3.client.get_object().bucket(BUCKET).key("k").version_id("null").send().await;
    assert_eq!(got.unwrap().version_id(), None);
    let deleted = s3.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    assert_eq!((deleted.delete_marker(), deleted.version_id()), (None, None));
}
