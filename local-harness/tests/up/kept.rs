//! What a data directory keeps over restarts and kills: objects, the secret, unfinished events.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_s3::Client;
use lambda_local::seeded::Sequence;

use crate::process::{Up, failure};
use crate::support::{UPLOADS, photo};

#[tokio::test(flavor = "multi_thread")]
async fn the_secret_is_random_and_stays_with_its_folder() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = Up::start(&folder, &[]).await;
    let secret = first.keys().secret_key;
    assert!(secret.len() >= 40, "{secret}");
    let output = failure(folder.path(), &[]).await;
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("another harness uses the folder"), "{text}");
    first.kill().await;
    let second = Up::start(&folder, &[]).await;
    assert_eq!(second.keys().secret_key, secret);
    let elsewhere = Up::start(&other, &["--access-key", "mine"]).await;
    assert_ne!(elsewhere.keys().secret_key, secret);
    assert_eq!(elsewhere.keys().access_key, "mine");
    elsewhere.put(UPLOADS, "a.jpg", photo(20, 20, 1)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_harness_catches_up() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder, &[]).await;
    let keys: Vec<String> = (0..12).map(|number| format!("{number}.jpg")).collect();
    for (number, key) in keys.iter().enumerate() {
        up.put(UPLOADS, key, photo(400, 300, number as u64)).await;
    }
    up.kill().await;
    let mut up = Up::start(&folder, &[]).await;
    let client = up.client();
    let mut missing = Vec::new();
    for key in &keys {
        let variant = format!("variants/{key}/w160.jpg");
        let head = client.head_object().bucket("uploads-variants").key(&variant).send().await;
        if head.is_err() {
            missing.push(variant);
        }
    }
    if !missing.is_empty() {
        up.line_with("of the last run had no result yet").await;
    }
    // The queue delivers in order, or at least everything before it is idle again.
    up.put(UPLOADS, "last.jpg", photo(40, 30, 99)).await;
    while let Some(variant) = missing.last() {
        let head = client.head_object().bucket("uploads-variants").key(variant).send().await;
        match head {
            Ok(_) => drop(missing.pop()),
            Err(_) => drop(up.line().await),
        }
    }
}

/// Uploads, and deletes some of what was uploaded, until the harness is gone. Only what S3 has
/// acknowledged changes what is expected: whether a key has an object.
async fn work(
    client: Client,
    round: u64,
    mut expected: BTreeMap<String, bool>,
) -> BTreeMap<String, bool> {
    for number in 0.. {
        let key = format!("{round}/{number}.jpg");
        // An upload without an answer may have been made; nobody knows.
        let put = client.put_object().bucket(UPLOADS).key(&key).body(photo(60, 40, number).into());
        if put.send().await.is_err() {
            return expected;
        }
        expected.insert(key, true);
        if number % 3 == 2 {
            let key = format!("{round}/{}.jpg", number - 1);
            expected.remove(&key);
            if client.delete_object().bucket(UPLOADS).key(&key).send().await.is_err() {
                return expected;
            }
            expected.insert(key, false);
        }
    }
    expected
}

#[tokio::test(flavor = "multi_thread")]
async fn a_harness_that_is_killed_again_and_again_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut expected = BTreeMap::new();
    let mut chance = Sequence::new(5);
    for round in 0..6 {
        let up = Up::start(&folder, &[]).await;
        let working = tokio::spawn(work(up.client(), round, expected));
        tokio::time::sleep(Duration::from_millis(20 + chance.below(600))).await;
        up.kill().await;
        expected = working.await.unwrap();
    }
    let mut up = Up::start(&folder, &[]).await;
    let client = up.client();
    let mut left: Vec<(&String, &bool)> = expected.iter().collect();
    assert!(left.len() > 10, "{left:?}");
    while let Some((key, is_there)) = left.last() {
        let variant = format!("variants/{key}/w160.jpg");
        let head = client.head_object().bucket("uploads-variants").key(variant).send().await;
        if head.is_ok() == **is_there {
            left.pop();
        } else {
            // Each finished event has a line.
            up.line().await;
        }
    }
}
