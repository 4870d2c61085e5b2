//! Thousands of random operations over odd keys, against a map in memory.

use std::collections::BTreeMap;

use aws_sdk_s3::types::EncodingType;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::keys::{decode, odd_keys};
use crate::support::{BUCKET, Harness, Random, code, noise};

const SEED: u64 = 20_240_506;
const STEPS: usize = 3000;
const RESTART_EVERY: usize = 1000;

/// What the bucket must hold: bodies by key.
type Model = BTreeMap<String, Vec<u8>>;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_agrees_with_a_map() {
    println!("seed {SEED}");
    let mut random = Random::new(SEED);
    let keys = keys(&mut random);
    let mut s3 = Harness::start().await;
    let mut model = Model::new();
    for step in 1..=STEPS {
        let key = &keys[random.below(keys.len())];
        match random.below(10) {
            0..=3 => {
                let length = random.below(2000);
                let body = noise(step as u64, length);
                s3.put(key, body.clone()).await;
                model.insert(key.clone(), body);
            }
            4..=5 => {
                s3.client.delete_object().bucket(BUCKET).key(key).send().await.unwrap();
                model.remove(key);
            }
            6..=7 => copy(&s3, &mut model, key, &keys[random.below(keys.len())]).await,
            8 => compare_one(&s3, &model, key).await,
            _ => compare_page(&s3, &model, &mut random, key).await,
        }
        compare_one(&s3, &model, key).await;
        if step % RESTART_EVERY == 0 {
            compare_all(&s3, &model).await;
            s3.restart().await;
            compare_all(&s3, &model).await;
        }
    }
}

fn keys(random: &mut Random) -> Vec<String> {
    let mut keys = odd_keys();
    let pieces = ["a", "b", "/", "//", ".", "..", " ", "+", "%", "ü", "😀", "\u{1}", "0", "Z", "~"];
    while keys.len() < 300 {
        let length = 1 + random.below(8);
        keys.push((0..length).map(|_| pieces[random.below(pieces.len())]).collect());
    }
    keys
}

async fn copy(s3: &Harness, model: &mut Model, from: &str, to: &str) {
    let source = format!("{BUCKET}/{}", utf8_percent_encode(from, NON_ALPHANUMERIC));
    let copied = s3.client.copy_object().bucket(BUCKET).key(to).copy_source(source).send().await;
    match model.get(from).cloned() {
        None => assert_eq!(code(copied), "NoSuchKey", "{from:?}"),
        Some(_) if from == to => assert_eq!(code(copied), "InvalidRequest", "{from:?}"),
        Some(body) => {
            copied.unwrap();
            model.insert(to.to_owned(), body);
        }
    }
}

async fn compare_one(s3: &Harness, model: &Model, key: &str) {
    match model.get(key) {
        Some(body) => assert!(s3.get(key).await == *body, "{key:?}"),
        None => {
            let got = s3.client.get_object().bucket(BUCKET).key(key).send().await;
            assert_eq!(code(got), "NoSuchKey", "{key:?}");
        }
    }
}

async fn compare_page(s3: &Harness, model: &Model, random: &mut Random, start: &str) {
    let prefix = ["", "a", "x/", "d/", "..", "%"][random.below(6)];
    let max_keys = 1 + random.below(20);
    let list = s3.client.list_objects_v2().bucket(BUCKET).prefix(prefix).start_after(start);
    let list = list.max_keys(max_keys as i32).encoding_type(EncodingType::Url);
    let page = list.send().await.unwrap();
    let listed: Vec<String> =
        page.contents().iter().map(|object| decode(object.key().unwrap())).collect();
    let expected: Vec<&String> = model
        .keys()
        .filter(|key| key.starts_with(prefix) && key.as_str() > start)
        .take(max_keys)
        .collect();
    assert_eq!(listed.iter().collect::<Vec<_>>(), expected, "{prefix:?} after {start:?}");
}

async fn compare_all(s3: &Harness, model: &Model) {
    let list = s3.client.list_objects_v2().bucket(BUCKET).encoding_type(EncodingType::Url);
    let listing = list.send().await.unwrap();
    let listed: Vec<(String, usize)> = listing
        .contents()
        .iter()
        .map(|object| (decode(object.key().unwrap()), object.size().unwrap() as usize))
        .collect();
    let expected: Vec<(String, usize)> =
        model.iter().map(|(key, body)| (key.clone(), body.len())).collect();
    assert_eq!(listed, expected);
    for key in model.keys() {
        compare_one(s3, model, key).await;
    }
}
