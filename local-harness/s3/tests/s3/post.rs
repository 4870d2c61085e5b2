//! Browser forms, with policies that were signed by botocore for the test keys.

use aws_sdk_s3::types::{Event, NotificationConfiguration, QueueConfiguration};
use base64_simd::STANDARD as BASE64;

use crate::support::{Answer, BUCKET, Harness, http};

const CREDENTIAL: &str = "test-access/20240506/eu-west-1/s3/aws4_request";
const DATE: &str = "20240506T070809Z";
/// As botocore writes it, byte for byte, because the signatures are of its encoding.
const POLICY: &str = concat!(
    r#"{"expiration": "EXPIRATION", "conditions": [{"bucket": "uploads"}, "#,
    r#"["starts-with", "$key", "in/"], ["content-length-range", 3, 100], "#,
    r#"["starts-with", "$Content-Type", "image/"], {"x-amz-meta-who": "me"}, "#,
    r#"["starts-with", "$success_action_status", ""], "#,
    r#"["starts-with", "$success_action_redirect", ""], "#,
    r#"{"x-amz-algorithm": "AWS4-HMAC-SHA256"}, "#,
    r#"{"x-amz-credential": "test-access/20240506/eu-west-1/s3/aws4_request"}, "#,
    r#"{"x-amz-date": "20240506T070809Z"}]}"#,
);
const VALID: &str = "2099-01-01T00:00:00Z";
const SIGNATURE: &str = "02ad2c5de3498122e1d0bf4c59c2067f92ec51ff51567a471d0758d0d0a22828";
const EXPIRED: &str = "2024-05-06T08:00:00Z";
const EXPIRED_SIGNATURE: &str = "a97d16c46923708c6da9bf2545590fab0f8bfa1b0f7371581de5435ab59ef540";
/// The older kind of signature.
const OLD_POLICY: &str = concat!(
    r#"{"expiration": "2099-01-01T00:00:00Z", "#,
    r#""conditions": [{"bucket": "uploads"}, {"key": "plain key.txt"}]}"#,
);
const OLD_SIGNATURE: &str = "4UfvSCPzN9aB1ASP5HDOrO/osH8=";

/// The policy's field with this end of its validity.
fn policy(expiration: &str) -> String {
    BASE64.encode_to_string(POLICY.replace("EXPIRATION", expiration))
}

/// A form: fields in order, then the file.
struct Form {
    fields: Vec<(String, String)>,
    file_name: &'static str,
    file: Vec<u8>,
}

impl Form {
    /// A form that the policy allows.
    fn signed() -> Self {
        let fields = [
            ("key", "in/${filename}"),
            ("Content-Type", "image/jpeg"),
            ("x-amz-meta-who", "me"),
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"),
            ("X-Amz-Credential", CREDENTIAL),
            ("X-Amz-Date", DATE),
            ("Policy", &policy(VALID)),
            ("X-Amz-Signature", SIGNATURE),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { fields, file_name: "photo.jpg", file: b"\xff\xd8photo\r\n--\r\n".to_vec() }
    }

    /// The same with one field set, or taken away by an empty value.
    fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(present, _)| !present.eq_ignore_ascii_case(name));
        if !value.is_empty() {
            self.fields.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    async fn send(self, s3: &Harness) -> Answer {
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let part = format!(
                "--boundary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend_from_slice(part.as_bytes());
        }
        let file = format!(
            "--boundary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             Content-Type: application/x-ignored\r\n\r\n",
            self.file_name
        );
        body.extend_from_slice(file.as_bytes());
        body.extend_from_slice(&self.file);
        body.extend_from_slice(b"\r\n--boundary--\r\n");
        let head = "POST /uploads HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=boundary";
        http(s3.authority(), head, &body).await
    }
}

/// Uploads `in/photo.jpg` by a form.
pub(crate) async fn upload(s3: &Harness) -> Answer {
    Form::signed().send(s3).await
}

#[tokio::test]
async fn a_form_becomes_an_object_and_an_event() {
    let mut s3 = Harness::start().await;
    let queue = QueueConfiguration::builder().events(Event::S3ObjectCreatedPost);
    let queue = queue.queue_arn("arn:aws:sqs:eu-west-1:000000000000:q").build().unwrap();
    let configuration = NotificationConfiguration::builder().queue_configurations(queue).build();
    let put = s3.client.put_bucket_notification_configuration().bucket(BUCKET);
    put.notification_configuration(configuration).send().await.unwrap();
    s3.notifications.try_recv().unwrap();

    let mut form = Form::signed();
    form.file_name = "C:\\photos\\ä b.jpg";
    let answer = form.send(&s3).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{answer:?}");
    assert!(answer.head.contains("/uploads/in/%C3%A4%20b.jpg"), "{}", answer.head);
    assert_eq!(s3.get("in/ä b.jpg").await, b"\xff\xd8photo\r\n--\r\n");
    let head = s3.client.head_object().bucket(BUCKET).key("in/ä b.jpg").send().await.unwrap();
    assert_eq!(head.content_type(), Some("image/jpeg"));
    assert_eq!(head.metadata().unwrap()["who"], "me");
    let event = s3.notifications.try_recv().unwrap().body;
    assert!(
        event.contains("\"ObjectCreated:Post\"") && event.contains("in/%C3%A4+b.jpg"),
        "{event}"
    );
}

#[tokio::test]
async fn the_form_chooses_the_answer() {
    let s3 = Harness::start().await;
    let answer = Form::signed().with("success_action_status", "201").send(&s3).await;
    assert_eq!(answer.status, 201);
    let etag = s3.client.head_object().bucket(BUCKET).key("in/photo.jpg").send().await.unwrap();
    let etag = etag.e_tag().unwrap().replace('"', "&quot;");
    let location = format!("http://{}/uploads/in/photo.jpg", s3.authority());
    for (tag, value) in [
        ("Location", location.as_str()),
        ("Bucket", "uploads"),
        ("Key", "in/photo.jpg"),
        ("ETag", etag.as_str()),
    ] {
        assert!(answer.body.contains(&format!("<{tag}>{value}</{tag}>")), "{}", answer.body);
    }
    assert_eq!(Form::signed().with("success_action_status", "200").send(&s3).await.status, 200);
    assert_eq!(Form::signed().with("success_action_status", "302").send(&s3).await.status, 204);
    let to = "http://example.com/done?x=1";
    let answer = Form::signed().with("success_action_redirect", to).send(&s3).await;
    assert_eq!(answer.status, 303);
    let place = "location: http://example.com/done?x=1&bucket=uploads&key=in/photo.jpg&etag=%22";
    assert!(answer.head.to_ascii_lowercase().contains(place), "{}", answer.head);
}

#[tokio::test]
async fn a_form_that_its_policy_does_not_allow_is_refused() {
    let s3 = Harness::start().await;
    let sized = |length: usize| {
        let mut form = Form::signed();
        form.file = vec![b'x'; length];
        form
    };
    let cases = [
        (Form::signed().with("key", "out/${filename}"), "AccessDenied"),
        (Form::signed().with("Content-Type", "text/plain"), "AccessDenied"),
        (Form::signed().with("x-amz-meta-who", "you"), "AccessDenied"),
        (Form::signed().with("x-amz-meta-more", "words"), "AccessDenied"),
        (Form::signed().with("X-Amz-Date", "20240507T070809Z"), "AccessDenied"),
        (Form::signed().with("Policy", ""), "AccessDenied"),
        (Form::signed().with("X-Amz-Signature", ""), "AccessDenied"),
        (Form::signed().with("X-Amz-Signature", EXPIRED_SIGNATURE), "SignatureDoesNotMatch"),
        (Form::signed().with("Policy", &policy(EXPIRED)), "SignatureDoesNotMatch"),
        (
            Form::signed().with("X-Amz-Credential", "me/20240506/eu-west-1/s3/aws4_request"),
            "InvalidAccessKeyId",
        ),
        (Form::signed().with("X-Amz-Credential", "me"), "InvalidArgument"),
        (Form::signed().with("key", ""), "InvalidArgument"),
        (Form::signed().with("key", &"in/".repeat(400)), "KeyTooLongError"),
        (
            Form::signed().with("x-ignore-me", &"x".repeat(30_000)),
            "MaxPostPreDataLengthExceededError",
        ),
        (sized(2), "EntityTooSmall"),
        (sized(101), "EntityTooLarge"),
        (sized(9_000_000), "EntityTooLarge"),
    ];
    for (form, code) in cases {
        let answer = form.send(&s3).await;
        assert!(answer.body.contains(&format!("<Code>{code}</Code>")), "{code}: {answer:?}");
    }
    let expired =
        Form::signed().with("Policy", &policy(EXPIRED)).with("X-Amz-Signature", EXPIRED_SIGNATURE);
    let answer = expired.send(&s3).await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("Policy expired."), "{}", answer.body);
    assert!(s3.keys().await.is_empty());
    assert_eq!(sized(3).send(&s3).await.status, 204);
    assert_eq!(sized(100).send(&s3).await.status, 204);
    let ignored = Form::signed().with("x-ignore-me", "x").send(&s3).await;
    assert_eq!(ignored.status, 204);
}

#[tokio::test]
async fn the_older_signature_is_taken_too() {
    let s3 = Harness::start().await;
    let form = |signature: &str| {
        let fields = [
            ("key", "plain key.txt"),
            ("AWSAccessKeyId", "test-access"),
            ("policy", &BASE64.encode_to_string(OLD_POLICY)),
            ("signature", signature),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Form { fields, file_name: "x", file: b"text".to_vec() }
    };
    assert_eq!(form(OLD_SIGNATURE).send(&s3).await.status, 204);
    assert_eq!(s3.get("plain key.txt").await, b"text");
    assert_eq!(form("AAAAAAAAAAAAAAAAAAAAAAAAAAA=").send(&s3).await.status, 403);
}

#[tokio::test]
async fn what_is_no_form_is_refused() {
    let s3 = Harness::start().await;
    let head = "POST /uploads HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b";
    for body in ["", "--b", "--b\r\n\r\n\r\n--b--", "--b--\r\n", "nothing of it"] {
        let answer = http(s3.authority(), head, body.as_bytes()).await;
        assert_eq!(answer.status, 400, "{body:?}: {answer:?}");
    }
    let without = "POST /uploads HTTP/1.1\r\nContent-Type: multipart/form-data";
    assert_eq!(http(s3.authority(), without, b"--b--\r\n").await.status, 400);
    let object = "POST /uploads/key HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b";
    assert_eq!(http(s3.authority(), object, b"--b--\r\n").await.status, 405);
    assert!(s3.keys().await.is_empty());
}
