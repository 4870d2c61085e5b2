//! What a crash and concurrent writers must not do: lose, tear or mix objects.

use std::fs;

use aws_sdk_s3::primitives::ByteStream;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::support::{BUCKET, Harness, code};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_never_see_a_mixture() {
    let s3 = Harness::start().await;
    let body = |n: u8| vec![n; 300_000 + usize::from(n) * 1000];
    s3.put("k", body(0)).await;
    let mut tasks = JoinSet::new();
    for n in 1..=8_u8 {
        let client = s3.client.clone();
        tasks.spawn(async move {
            for _ in 0..5 {
                let put = client.put_object().bucket(BUCKET).key("k").metadata("n", n.to_string());
                put.body(ByteStream::from(body(n))).send().await.unwrap();
            }
        });
    }
    for _ in 0..4 {
        let client = s3.client.clone();
        tasks.spawn(async move {
            for _ in 0..30 {
                let got = client.get_object().bucket(BUCKET).key("k").send().await.unwrap();
                let who = got.metadata().unwrap().get("n").map_or(0, |n| n.parse::<u8>().unwrap());
                // The client compares the bytes with the checksum in the headers, too.
                let bytes = got.body.collect().await.unwrap().to_vec();
                assert!(bytes == body(who), "the headers are of {who}");
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let mut s3 = Harness::start().await;
    s3.put("k", "first").await;
    let config =
        aws_sdk_s3::presigning::PresigningConfig::expires_in(std::time::Duration::from_secs(60));
    let put = s3.client.put_object().bucket(BUCKET).key("k").presigned(config.unwrap()).await;
    let put = put.unwrap();
    let uri = put.uri().split_once(s3.authority()).unwrap().1;
    let mut stream = TcpStream::connect(s3.authority()).await.unwrap();
    let authority = s3.authority();
    let head =
        format!("PUT {uri} HTTP/1.1\r\nHost: {authority}\r\nContent-Length: 5000000\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![7; 3_000_000]).await.unwrap();
    drop(stream);
    assert_eq!(s3.get("k").await, b"first");
    s3.restart().await;
    assert_eq!(s3.get("k").await, b"first");
    assert_eq!(s3.keys().await, ["k"]);
    assert_eq!(fs::read_dir(s3.directory().join("data/scratch")).unwrap().count(), 0);
}

#[tokio::test]
async fn what_a_killed_process_left_is_swept_and_the_rest_stands() {
    let mut s3 = Harness::start().await;
    s3.put("k", "kept").await;
    let data = s3.directory().join("data");
    fs::write(data.join("scratch/000000000000000001"), "half a body").unwrap();
    fs::create_dir_all(data.join("scratch/000000000000000002/objects")).unwrap();
    fs::write(data.join("buckets/.DS_Store"), "a file browser's notes").unwrap();
    fs::write(data.join("buckets/uploads/objects/.DS_Store"), "more of them").unwrap();
    s3.restart().await;
    assert_eq!(s3.get("k").await, b"kept");
    assert_eq!(fs::read_dir(data.join("scratch")).unwrap().count(), 0);
}

#[tokio::test]
async fn an_object_lies_on_the_disk_as_it_is() {
    let s3 = Harness::start().await;
    s3.put("k", "body").await;
    let objects = s3.directory().join("data/buckets/uploads/objects");
    let entry = fs::read_dir(objects).unwrap().next().unwrap().unwrap();
    assert!(fs::read(entry.path()).unwrap().starts_with(b"body"));
}

#[tokio::test]
async fn a_failing_disk_is_an_error_of_one_request() {
    let s3 = Harness::start().await;
    s3.put("k", "body").await;
    let objects = s3.directory().join("data/buckets/uploads/objects");
    let entry = fs::read_dir(&objects).unwrap().next().unwrap().unwrap();
    fs::remove_file(entry.path()).unwrap();
    let get = s3.client.get_object().bucket(BUCKET).key("k").send().await;
    assert_eq!(code(get), "InternalError");
    s3.put("k", "again").await;
    assert_eq!(s3.get("k").await, b"again");
}
