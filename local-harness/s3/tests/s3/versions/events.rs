//! Notifications of versions and delete markers, and which of them a killed process still owes.

use std::fs;
use std::path::PathBuf;

use aws_sdk_s3::types::{BucketVersioningStatus, NotificationConfiguration};

use super::{current, enabled, get, put, set};
use crate::notifications::{configure, drain, object, queue};
use crate::support::{BUCKET, Harness, code};

/// Sends every event of the bucket to one queue.
async fn subscribe(s3: &mut Harness) {
    let all = NotificationConfiguration::builder()
        .queue_configurations(queue("made", "s3:ObjectCreated:*"))
        .queue_configurations(queue("marked", "s3:ObjectRemoved:DeleteMarkerCreated"))
        .queue_configurations(queue("gone", "s3:ObjectRemoved:Delete"));
    configure(s3, all.build()).await;
    drain(s3);
}

async fn delete(s3: &Harness, key: &str, id: Option<&str>) -> String {
    let delete = s3.client.delete_object().bucket(BUCKET).key(key);
    let delete = delete.set_version_id(id.map(str::to_owned));
    delete.send().await.unwrap().version_id.expect("an id")
}

/// The name and the version of every event that was sent; none is delivered.
fn left(s3: &mut Harness) -> Vec<(String, String)> {
    let mut events = Vec::new();
    while let Ok(sent) = s3.notifications.try_recv() {
        let message: serde_json::Value = serde_json::from_str(&sent.body).unwrap();
        let texts = [&message["Records"][0]["eventName"], &object(&message)["versionId"]];
        let [name, id] = texts.map(|text| text.as_str().unwrap_or("none").to_owned());
        events.push((name, id));
    }
    events
}

fn expected<'e>(events: &[(&'e str, &'e str)]) -> Vec<(String, String)> {
    events.iter().map(|(name, id)| ((*name).to_owned(), (*id).to_owned())).collect()
}

/// The file of a version that is not the null version.
fn file(s3: &Harness, id: &str) -> PathBuf {
    let objects = s3.directory().join("data/buckets/uploads/objects");
    let mut paths = fs::read_dir(objects).unwrap().map(|entry| entry.unwrap().path());
    paths.find(|path| path.to_str().unwrap().ends_with(id)).expect("a file of this version")
}

#[tokio::test]
async fn records_name_the_version() {
    let mut s3 = enabled().await;
    subscribe(&mut s3).await;
    let id = put(&s3, "k", "body").await;
    let marker = delete(&s3, "k", None).await;
    delete(&s3, "k", Some(&id)).await;
    delete(&s3, "k", Some(&id)).await;
    delete(&s3, "k", Some(&marker)).await;
    set(&s3, BucketVersioningStatus::Suspended).await;
    s3.put("k", "null").await;
    let sent = drain(&mut s3);
    let told: Vec<_> = sent
        .iter()
        .map(|(_, message)| {
            let name = message["Records"][0]["eventName"].as_str().unwrap();
            let object = object(message).as_object().unwrap();
            let id = object.get("versionId").and_then(|id| id.as_str()).unwrap_or("none");
            let mut members: Vec<&str> = object.keys().map(String::as_str).collect();
            members.sort_unstable();
            (name, id, members.join(" "))
        })
        .collect();
    let removed = "ObjectRemoved:Delete";
    let members = ["eTag key sequencer size versionId", "key sequencer versionId"];
    let expected = [
        ("ObjectCreated:Put", id.as_str(), members[0]),
        ("ObjectRemoved:DeleteMarkerCreated", &marker, "eTag key sequencer versionId"),
        (removed, &id, members[1]),
        (removed, &marker, members[1]),
        ("ObjectCreated:Put", "none", "eTag key sequencer size"),
    ];
    assert_eq!(told, expected.map(|(name, id, members)| (name, id, members.to_owned())));
    let sequencers: Vec<_> =
        sent.iter().map(|(_, message)| &object(message)["sequencer"]).collect();
    assert!(sequencers.is_sorted_by(|a, b| a.as_str() < b.as_str()));
}

#[tokio::test]
async fn what_happened_to_a_version_is_told_after_a_kill() {
    let mut s3 = enabled().await;
    subscribe(&mut s3).await;
    let [old, new] = [put(&s3, "k", "old").await, put(&s3, "k", "new").await];
    let marker = delete(&s3, "k", None).await;
    delete(&s3, "k", Some(&old)).await;
    let events = [
        ("ObjectCreated:Put", old.as_str()),
        ("ObjectCreated:Put", &new),
        ("ObjectRemoved:DeleteMarkerCreated", &marker),
        ("ObjectRemoved:Delete", &old),
    ];
    assert_eq!(left(&mut s3), expected(&events));
    s3.restart().await;
    assert_eq!(left(&mut s3), expected(&events), "all of it is on the disk");
    delete(&s3, "k", Some(&marker)).await;
    left(&mut s3);
    s3.restart().await;
    let last = ("ObjectRemoved:Delete", marker.as_str());
    // The marker's own event is forgotten: of its removal there is one too.
    assert_eq!(left(&mut s3), expected(&[events[0], events[1], events[3], last]));
}

#[tokio::test]
async fn what_a_killed_process_did_not_do_to_a_version_is_not_told() {
    let mut s3 = enabled().await;
    let [first, second] = [put(&s3, "k", "first").await, put(&s3, "k", "second").await];
    subscribe(&mut s3).await;
    // As if the process had been killed between the journal and the removal of the version.
    let place = file(&s3, &first);
    let bytes = fs::read(&place).unwrap();
    delete(&s3, "k", Some(&first)).await;
    fs::write(&place, bytes).unwrap();
    assert_eq!(left(&mut s3), expected(&[("ObjectRemoved:Delete", &first)]));
    s3.restart().await;
    assert_eq!(left(&mut s3), []);
    assert_eq!(get(&s3, "k", &first).await.unwrap(), "first");
    assert_eq!(current(&s3, "k").await, "second", "the order is that of the writes");

    // And between the journal and a new version, or a marker.
    for step in ["version", "marker"] {
        let (id, name) = match step {
            "version" => (put(&s3, "k", "torn").await, "ObjectCreated:Put"),
            _ => (delete(&s3, "k", None).await, "ObjectRemoved:DeleteMarkerCreated"),
        };
        fs::remove_file(file(&s3, &id)).unwrap();
        assert_eq!(left(&mut s3), expected(&[(name, &id)]));
        s3.restart().await;
        assert_eq!(left(&mut s3), [], "{step}");
        assert_eq!(code(get(&s3, "k", &id).await), "NoSuchVersion");
        assert_eq!(get(&s3, "k", &second).await.unwrap(), "second");
    }
}

#[tokio::test]
async fn the_null_version_of_a_suspended_bucket_is_told_like_any_other() {
    let mut s3 = enabled().await;
    put(&s3, "k", "kept").await;
    set(&s3, BucketVersioningStatus::Suspended).await;
    subscribe(&mut s3).await;
    s3.put("k", "null").await;
    delete(&s3, "k", None).await;
    let made = ("ObjectCreated:Put", "none");
    let marked = ("ObjectRemoved:DeleteMarkerCreated", "none");
    left(&mut s3);
    s3.restart().await;
    assert_eq!(left(&mut s3), expected(&[made, marked]), "the marker is in place of the object");
    delete(&s3, "k", Some("null")).await;
    s3.put("k", "again").await;
    left(&mut s3);
    s3.restart().await;
    let gone = ("ObjectRemoved:Delete", "none");
    assert_eq!(left(&mut s3), expected(&[made, marked, gone, made]));
}
