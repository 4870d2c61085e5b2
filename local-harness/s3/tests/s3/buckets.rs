//! Buckets: made, found, listed, deleted.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

use crate::support::{BUCKET, Harness, REGION, client, code, http};

#[tokio::test]
async fn buckets_come_and_go() {
    let mut s3 = Harness::empty().await;
    for name in ["zebra", "apple", "photos.2024"] {
        s3.client.create_bucket().bucket(name).send().await.unwrap();
    }
    s3.restart().await;
    let listing = s3.client.list_buckets().send().await.unwrap();
    let names: Vec<&str> = listing.buckets().iter().filter_map(|bucket| bucket.name()).collect();
    assert_eq!(names, ["apple", "photos.2024", "zebra"]);
    assert!(listing.buckets()[0].creation_date().is_some());

    let page = s3.client.list_buckets().max_buckets(2).send().await.unwrap();
    let rest = s3.client.list_buckets().set_continuation_token(page.continuation_token);
    let rest = rest.send().await.unwrap();
    assert_eq!(rest.buckets().len(), 1);
    assert_eq!(rest.buckets()[0].name(), Some("zebra"));

    let head = s3.client.head_bucket().bucket("zebra").send().await.unwrap();
    assert_eq!(head.bucket_region(), Some(REGION));
    let location = s3.client.get_bucket_location().bucket("zebra").send().await.unwrap();
    assert_eq!(location.location_constraint().map(BucketLocationConstraint::as_str), Some(REGION));
    let versioning = s3.client.get_bucket_versioning().bucket("zebra").send().await.unwrap();
    assert_eq!(versioning.status(), None);

    s3.client.delete_bucket().bucket("zebra").send().await.unwrap();
    s3.restart().await;
    assert_eq!(code(s3.client.head_bucket().bucket("zebra").send().await), "NotFound");
    assert_eq!(code(s3.client.delete_bucket().bucket("zebra").send().await), "NoSuchBucket");
    s3.client.create_bucket().bucket("zebra").send().await.unwrap();
}

#[tokio::test]
async fn bad_buckets_are_refused() {
    let s3 = Harness::start().await;
    let create = |name: &str| s3.client.create_bucket().bucket(name);
    assert_eq!(code(create(BUCKET).send().await), "BucketAlreadyOwnedByYou");
    for name in ["ab", "Upper", "under_score", "a..b", "192.168.0.1"] {
        assert_eq!(code(create(name).send().await), "InvalidBucketName", "{name}");
    }
    let at = |region: BucketLocationConstraint| {
        let place = CreateBucketConfiguration::builder().location_constraint(region).build();
        create("elsewhere").create_bucket_configuration(place)
    };
    let refused = at(BucketLocationConstraint::SaEast1).send().await;
    assert_eq!(code(refused), "IllegalLocationConstraintException");
    at(BucketLocationConstraint::from(REGION)).send().await.unwrap();
}

#[tokio::test]
async fn a_bucket_with_objects_stays() {
    let s3 = Harness::start().await;
    s3.put("kept", "kept").await;
    assert_eq!(code(s3.client.delete_bucket().bucket(BUCKET).send().await), "BucketNotEmpty");
    assert_eq!(s3.get("kept").await, b"kept");
    s3.client.delete_object().bucket(BUCKET).key("kept").send().await.unwrap();
    s3.client.create_multipart_upload().bucket(BUCKET).key("open").send().await.unwrap();
    s3.client.delete_bucket().bucket(BUCKET).send().await.unwrap();
}

#[tokio::test]
async fn a_missing_bucket_is_told_everywhere() {
    let s3 = Harness::empty().await;
    let c = &s3.client;
    // A body that does not fit into the socket's buffers: the answer must get through all the same.
    let body = vec![7; 20 << 20];
    let put = c.put_object().bucket("none-here").key("k").body(body.into()).send().await;
    assert_eq!(code(put), "NoSuchBucket");
    assert_eq!(code(c.get_object().bucket("none-here").key("k").send().await), "NoSuchBucket");
    assert_eq!(code(c.head_object().bucket("none-here").key("k").send().await), "NotFound");
    assert_eq!(code(c.delete_object().bucket("none-here").key("k").send().await), "NoSuchBucket");
    assert_eq!(code(c.list_objects().bucket("none-here").send().await), "NoSuchBucket");
    assert_eq!(code(c.list_objects_v2().bucket("none-here").send().await), "NoSuchBucket");
    assert_eq!(code(c.get_bucket_location().bucket("none-here").send().await), "NoSuchBucket");
    let upload = c.create_multipart_upload().bucket("none-here").key("k").send().await;
    assert_eq!(code(upload), "NoSuchBucket");
    let copy = c.copy_object().bucket("none-here").key("k").copy_source("none-here/k");
    assert_eq!(code(copy.send().await), "NoSuchBucket");
    let configuration = c.get_bucket_notification_configuration().bucket("none-here");
    assert_eq!(code(configuration.send().await), "NoSuchBucket");
}

#[tokio::test]
async fn strangers_are_turned_away_and_unknown_operations_answered() {
    let s3 = Harness::start().await;
    let endpoint = format!("http://{}", s3.authority());
    let stranger = client(&endpoint, "stranger", "test-secret");
    assert_eq!(code(stranger.list_buckets().send().await), "InvalidAccessKeyId");
    let forger = client(&endpoint, "test-access", "guessed");
    assert_eq!(code(forger.list_buckets().send().await), "SignatureDoesNotMatch");
    let anonymous = http(s3.authority(), "GET /uploads/k HTTP/1.1", b"").await;
    assert_eq!(anonymous.status, 403);
    assert!(anonymous.head.to_ascii_lowercase().contains("x-amz-request-id: "));

    let policy = s3.client.get_bucket_policy().bucket(BUCKET).send().await;
    assert_eq!(code(policy), "NotImplemented");
    let acl = s3.client.get_object_acl().bucket(BUCKET).key("k").send().await;
    assert_eq!(code(acl), "NotImplemented");
    s3.client.list_buckets().send().await.unwrap();
}
