//! The page's server as a browser meets it: files, forms, the feed, trials.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::http::{Answer, send};
use crate::process::Up;
use crate::support::{UPLOADS, photo};

/// The feed of one browser.
struct Feed(Lines<BufReader<TcpStream>>);

impl Feed {
    async fn open(page: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(page).await.expect("the page listens");
        let request = format!("GET /api/feed HTTP/1.1\r\nHost: {page}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("a request");
        Self(BufReader::new(stream).lines())
    }

    /// The next message of this kind that has what is wanted.
    async fn next(&mut self, event: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let mut kind = String::new();
        loop {
            let line = timeout(Duration::from_secs(120), self.0.next_line()).await;
            let line = line.expect("the feed goes on").expect("UTF-8").expect("it is open");
            if let Some(name) = line.strip_prefix("event: ") {
                kind = name.to_owned();
            } else if let Some(data) = line.strip_prefix("data: ").filter(|_| kind == event) {
                let data = serde_json::from_str(data).expect("JSON");
                if is_wanted(&data) {
                    return data;
                }
            }
        }
    }
}

async fn post(page: SocketAddr, path: &str, body: &Value) -> (u16, Value) {
    let answer = send(page, &format!("POST {path}"), &[], body.to_string().as_bytes()).await;
    let value = serde_json::from_slice(&answer.body).expect("JSON");
    (answer.status, value)
}

/// Sends the file as a browser sends the form.
async fn submit(s3: SocketAddr, form: &Value, origin: &str, file: &[u8]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in form["fields"].as_object().expect("fields") {
        let value = value.as_str().expect("text");
        let part =
            format!("--line\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = "--line\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n";
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--line--\r\n");
    let kind = ("Content-Type", "multipart/form-data; boundary=line");
    send(s3, &format!("POST /{UPLOADS}"), &[kind, ("Origin", origin)], &body).await
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_served_under_a_strict_policy() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder, &[]).await;
    let (page, s3) = (up.address("Page"), up.address("S3 endpoint"));
    let host = page.to_string();
    let answer = send(page, "GET /", &[("Host", &host)], b"").await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.contains(&format!("connect-src 'self' http://{s3};")), "{policy}");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    let answer = send(page, "GET /", &[("Host", &format!("localhost:{}", page.port()))], b"").await;
    assert_eq!(answer.header("location"), Some(format!("http://{page}/").as_str()));
    assert_eq!(send(page, "GET /nothing", &[], b"").await.status, 404);
    assert_eq!(send(page, "DELETE /", &[], b"").await.status, 405);
    let info = send(page, "GET /api/info", &[], b"").await;
    let info: Value = serde_json::from_slice(&info.body).expect("JSON");
    assert_eq!(info["s3"], format!("http://{s3}"));
    assert_eq!(info["buckets"], json!(["uploads", "uploads-variants"]));
    assert_eq!(info["prices"]["lines"][0]["name"], "compute");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_uploads_and_the_feed_tells_of_it_now_and_later() {
    let folder = tempfile::tempdir().unwrap();
    let up = Up::start(&folder, &[]).await;
    let (page, s3) = (up.address("Page"), up.address("S3 endpoint"));
    let origin = format!("http://{page}");
    let mut feed = Feed::open(page).await;
    let key = "holiday/ä b.jpg";
    let wanted = json!({ "name": key, "type": "image/jpeg" });
    let (status, form) = post(page, "/api/presign", &wanted).await;
    assert_eq!((status, &form["key"]), (200, &json!(key)));
    assert_eq!(form["url"], format!("http://{s3}/{UPLOADS}"));
    let file = photo(400, 300, 1);
    let sent = submit(s3, &form, &origin, &file).await;
    assert_eq!((sent.status, sent.header("access-control-allow-origin")), (204, Some(&*origin)));
    let mut forged = form.clone();
    forged["fields"]["key"] = json!("other.jpg");
    let refused = submit(s3, &forged, &origin, &file).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.header("access-control-allow-origin"), Some(&*origin), "errors too");

    let upload = feed.next("upload", |upload| upload["key"] == key).await;
    assert_eq!((&upload["kind"], &upload["delivery"]), (&json!("stored"), &json!(1)));
    assert_eq!(upload["source"]["width"], 400);
    let id = upload["request_id"].clone();
    let ended = feed.next("invocation", |one| one["request_id"] == id).await;
    assert_eq!(ended["state"], "ended");
    assert!(ended["report"]["billed_ms"].as_f64() > Some(0.0), "{ended}");
    let totals = feed.next("totals", |totals| totals["uploads"] == 1).await;
    assert_eq!(totals["variants"], 5);
    assert!(totals["dollars_per_million_uploads"].as_f64() > Some(20.0), "{totals}");

    let mut later = Feed::open(page).await;
    assert_eq!(later.next("upload", |_| true).await, upload);
    later.next("invocation", |one| one["request_id"] == id).await;
    later.next("totals", |totals| totals["uploads"] == 1).await;
    let queue = later.next("queue", |_| true).await;
    assert_eq!(queue["dead"], json!([]));
    for file in [&upload["source"], &upload["variants"][0]] {
        let url = file["url"].as_str().expect("a URL");
        let path = url.split_once(&s3.to_string()).expect("S3's").1;
        let host = s3.to_string();
        let answer = send(s3, &format!("GET {path}"), &[("Host", &host)], b"").await;
        assert_eq!(Some(answer.body.len() as u64), file["bytes"].as_u64(), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_shows_a_configuration_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut up = Up::start(&folder, &[]).await;
    let page = up.address("Page");
    up.put(UPLOADS, "a.jpg", photo(400, 300, 1)).await;
    up.line_with("stored").await;
    let toml = "[[rule]]\nmatch = \"**\"\noriginals = { after = \"delete\" }\noutput.manifest = \"{key}.json\"\n\
                [[rule.variant]]\nname = \"square\"\nwidth = 60\nheight = 60\nfit = \"cover\"\n\
                [[rule.variant]]\nname = \"whole\"\nwidth = 80\n";
    let wanted = json!({ "bucket": UPLOADS, "key": "a.jpg", "toml": toml });
    let (status, tried) = post(page, "/api/try", &wanted).await;
    assert_eq!(status, 200, "{tried}");
    assert_eq!(tried["upload"]["variants"].as_array().map(Vec::len), Some(2), "{tried}");
    let crop = &tried["crops"]["square"];
    assert_eq!(*crop, json!({ "x": 0.125, "y": 0.0, "width": 0.75, "height": 1.0 }));
    assert!(tried["crops"]["whole"].is_null(), "{tried}");
    assert!(tried["placeholders"]["thumbhash"].is_string(), "{tried}");
    let host = up.address("S3 endpoint").to_string();
    let url = tried["upload"]["variants"][0]["url"].as_str().expect("a URL");
    let path = url.split_once(&host).expect("S3's").1;
    let answer =
        send(up.address("S3 endpoint"), &format!("GET {path}"), &[("Host", &host)], b"").await;
    assert_eq!(answer.status, 200);
    let head = up.client().head_object().bucket(UPLOADS).key("a.jpg").send().await;
    head.expect("the original is still there");

    let wrong = json!({ "bucket": UPLOADS, "key": "a.jpg", "toml": "[[rule]]\nmatch = 3\n" });
    let (status, problems) = post(page, "/api/try", &wrong).await;
    assert_eq!((status, &problems["problems"][0]["line"]), (422, &json!(2)), "{problems}");
    let gone = json!({ "bucket": UPLOADS, "key": "b.jpg", "toml": toml });
    assert_eq!(post(page, "/api/try", &gone).await.0, 404);
    let wrong = post(page, "/api/try", &json!({ "bucket": 1 })).await;
    assert_eq!(wrong.0, 400);
    assert!(wrong.1["error"].as_str().is_some_and(|why| why.contains("wrong request")));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium and Python 3"]
async fn the_page_holds_its_checks_in_a_browser() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let up = Up::start(&folder, &[]).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/page/page.py");
    let output = tokio::process::Command::new("python3")
        .arg(script)
        .arg(format!("http://{}/", up.address("Page")))
        .arg(folder.path().join("screenshots"))
        .output();
    let output = output.await.expect("Python runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
