//! Random operations on versions, markers and the bucket's state, against lists in memory.

use std::collections::BTreeMap;

use aws_sdk_s3::types::BucketVersioningStatus;

use super::listing::{Listing, pages};
use super::{UNKNOWN, copy, get, set};
use crate::support::{BUCKET, Harness, Random, code};

const SEED: u64 = 20_240_607;
const STEPS: usize = 1500;
const RESTART_EVERY: usize = 300;
const KEYS: [&str; 9] = ["a", "a/", "a/b", "a/b/c", "a//b", "b+c", "z z", "é", "日本/x"];
const DELIMITERS: [Option<&str>; 3] = [None, Some("/"), Some("b")];

/// A version with its body; a marker has none.
#[derive(Clone, Debug)]
struct Version {
    id: String,
    body: Option<String>,
}

/// What the bucket must hold: versions by key, newest first.
#[derive(Debug, Default)]
struct Model {
    keys: BTreeMap<&'static str, Vec<Version>>,
    is_enabled: bool,
    is_versioned: bool,
}

impl Model {
    fn current(&self, key: &str) -> Option<&Version> {
        self.keys.get(key)?.first()
    }

    /// Adds a version under the id that the server gave it, or as the null version.
    fn add(&mut self, key: &'static str, id: Option<String>, body: Option<String>) {
        assert_eq!(id.as_ref().is_some_and(|id| id != "null"), self.is_enabled);
        let id = id.unwrap_or("null".to_owned());
        let versions = self.keys.entry(key).or_default();
        let count = versions.len();
        versions.retain(|version| version.id != id);
        assert!(count == versions.len() || id == "null", "an id is given once");
        versions.insert(0, Version { id, body });
    }

    /// Removes a version; says what it was.
    fn remove(&mut self, key: &str, id: &str) -> Option<Version> {
        let versions = self.keys.get_mut(key)?;
        let place = versions.iter().position(|version| version.id == id)?;
        let removed = versions.remove(place);
        if versions.is_empty() {
            self.keys.remove(key);
        }
        Some(removed)
    }

    /// An id to name: mostly one of the key, else `null` or an unknown one.
    fn some_id(&self, key: &str, random: &mut Random) -> String {
        let versions = self.keys.get(key).map(Vec::as_slice).unwrap_or_default();
        match random.below(versions.len() + 2) {
            0 => "null".to_owned(),
            1 => UNKNOWN.to_owned(),
            place => versions[place - 2].id.clone(),
        }
    }

    fn listing(&self, prefix: &str, delimiter: Option<&str>) -> Listing {
        let mut listing = Listing::default();
        for (key, versions) in self.keys.iter().filter(|(key, _)| key.starts_with(prefix)) {
            let end = delimiter.and_then(|d| Some(key[prefix.len()..].find(d)? + d.len()));
            if let Some(end) = end {
                listing.prefixes.push(key[..prefix.len() + end].to_owned());
                continue;
            }
            for (place, version) in versions.iter().enumerate() {
                let entry = ((*key).to_owned(), version.id.clone(), place == 0);
                let is_object = version.body.is_some();
                if is_object { &mut listing.versions } else { &mut listing.markers }.push(entry);
            }
        }
        listing.prefixes.dedup();
        listing
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_agrees_with_lists_of_versions() {
    println!("seed {SEED}");
    let mut random = Random::new(SEED);
    let mut s3 = Harness::start().await;
    let mut model = Model::default();
    for step in 1..=STEPS {
        let key = KEYS[random.below(KEYS.len())];
        match random.below(20) {
            0..=6 => {
                let body = format!("{key} {step}");
                let put = s3.put(key, body.clone()).await;
                model.add(key, put.version_id, Some(body));
            }
            7..=9 => delete(&s3, &mut model, key).await,
            10..=12 => remove(&s3, &mut model, &mut random, key).await,
            13..=14 => restore(&s3, &mut model, &mut random, key).await,
            15..=17 => compare_version(&s3, &model, &mut random, key).await,
            18 => compare_pages(&s3, &model, &mut random).await,
            // The first quarter is without versions, as most buckets are.
            _ if step < STEPS / 4 => compare_pages(&s3, &model, &mut random).await,
            _ => toggle(&s3, &mut model).await,
        }
        compare_current(&s3, &model, key).await;
        if step % RESTART_EVERY == 0 {
            s3.restart().await;
            compare_all(&s3, &model).await;
        }
    }
    empty(&s3, &model).await;
}

async fn toggle(s3: &Harness, model: &mut Model) {
    model.is_enabled = !model.is_enabled;
    model.is_versioned = true;
    let enabled = BucketVersioningStatus::Enabled;
    set(s3, if model.is_enabled { enabled } else { BucketVersioningStatus::Suspended }).await;
}

async fn delete(s3: &Harness, model: &mut Model, key: &'static str) {
    let deleted = s3.client.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
    assert_eq!(deleted.delete_marker().unwrap_or_default(), model.is_versioned);
    if model.is_versioned {
        model.add(key, deleted.version_id, None);
    } else {
        assert_eq!(deleted.version_id(), None);
        model.remove(key, "null");
    }
}

async fn remove(s3: &Harness, model: &mut Model, random: &mut Random, key: &str) {
    let id = model.some_id(key, random);
    let removed = s3.client.delete_object().bucket(BUCKET).key(key).version_id(&id);
    let removed = removed.send().await.unwrap();
    assert_eq!(removed.version_id(), Some(id.as_str()));
    let was_marker = model.remove(key, &id).is_some_and(|version| version.body.is_none());
    assert_eq!(removed.delete_marker().unwrap_or_default(), was_marker);
}

/// Copies a version to any key, which may be its own.
async fn restore(s3: &Harness, model: &mut Model, random: &mut Random, from: &'static str) {
    let (id, to) = (model.some_id(from, random), KEYS[random.below(KEYS.len())]);
    let versions = model.keys.get(from).map(Vec::as_slice).unwrap_or_default();
    let source = versions.iter().find(|version| version.id == id).map(|v| v.body.clone());
    let copied = copy(s3, from, &id, to).send().await;
    match source {
        None => assert_eq!(code(copied), "NoSuchVersion"),
        Some(None) => assert_eq!(code(copied), "InvalidRequest", "a marker"),
        Some(_) if from == to && !model.is_versioned => {
            assert_eq!(code(copied), "InvalidRequest", "the object itself");
        }
        Some(body) => model.add(to, copied.unwrap().version_id, body),
    }
}

async fn compare_version(s3: &Harness, model: &Model, random: &mut Random, key: &str) {
    let id = model.some_id(key, random);
    let versions = model.keys.get(key).map(Vec::as_slice).unwrap_or_default();
    let version = versions.iter().find(|version| version.id == id);
    let got = s3.client.get_object().bucket(BUCKET).key(key).version_id(&id).send().await;
    match version.map(|version| &version.body) {
        None => assert_eq!(code(got), "NoSuchVersion"),
        Some(None) => assert_eq!(code(got), "MethodNotAllowed"),
        Some(Some(body)) => {
            let bytes = got.unwrap().body.collect().await.unwrap().to_vec();
            assert_eq!(bytes, body.as_bytes());
        }
    }
}

async fn compare_current(s3: &Harness, model: &Model, key: &str) {
    let got = s3.client.get_object().bucket(BUCKET).key(key).send().await;
    match model.current(key) {
        Some(Version { id, body: Some(body) }) => {
            let got = got.unwrap();
            assert_eq!(got.version_id(), Some(id.as_str()).filter(|_| model.is_versioned));
            assert_eq!(got.body.collect().await.unwrap().to_vec(), body.as_bytes());
        }
        _ => assert_eq!(code(got), "NoSuchKey", "{key:?}"),
    }
}

async fn compare_pages(s3: &Harness, model: &Model, random: &mut Random) {
    let prefix = ["", "a", "a/", "é"][random.below(4)];
    let delimiter = DELIMITERS[random.below(3)];
    let max_keys = 1 + random.below(7) as i32;
    let paged = pages(s3, prefix, delimiter, max_keys).await;
    assert_eq!(paged, model.listing(prefix, delimiter), "{prefix} {delimiter:?} {max_keys}");
}

async fn compare_all(s3: &Harness, model: &Model) {
    assert_eq!(pages(s3, "", None, 1000).await, model.listing("", None));
    let live = model.keys.iter().filter(|(_, versions)| versions[0].body.is_some());
    assert_eq!(s3.keys().await, live.map(|(key, _)| *key).collect::<Vec<_>>());
    for (key, versions) in &model.keys {
        compare_current(s3, model, key).await;
        for version in versions.iter().filter(|_| model.is_versioned) {
            match &version.body {
                Some(body) => assert_eq!(get(s3, key, &version.id).await.unwrap(), *body),
                None => assert_eq!(code(get(s3, key, &version.id).await), "MethodNotAllowed"),
            }
        }
    }
}

/// Removes everything while listing it page after page, as tools do that empty a bucket.
async fn empty(s3: &Harness, model: &Model) {
    let count: usize = model.keys.values().map(Vec::len).sum();
    assert!(count > 50, "there is something to remove: {count}");
    let refused = s3.client.delete_bucket().bucket(BUCKET).send().await;
    assert_eq!(code(refused), "BucketNotEmpty");
    let (mut key, mut id, mut removed) = (None, None, 0);
    loop {
        let list = s3.client.list_object_versions().bucket(BUCKET).max_keys(7);
        let page = list.set_key_marker(key).set_version_id_marker(id).send().await.unwrap();
        let versions = page.versions().iter().map(|one| (one.key(), one.version_id()));
        let markers = page.delete_markers().iter().map(|one| (one.key(), one.version_id()));
        for (key, id) in versions.chain(markers) {
            let delete = s3.client.delete_object().bucket(BUCKET).key(key.unwrap());
            delete.version_id(id.unwrap()).send().await.unwrap();
            removed += 1;
        }
        (key, id) = (page.next_key_marker, page.next_version_id_marker);
        if key.is_none() {
            break;
        }
    }
    assert_eq!(removed, count);
    s3.client.delete_bucket().bucket(BUCKET).send().await.unwrap();
}
