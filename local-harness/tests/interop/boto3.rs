//! boto3 uploads in every way that a browser or a backend would; the variants must appear.

use local_harness::harness::{ACCESS_KEY, REGION, SECRET_KEY};
use serde_json::Value;

use crate::support::{Bench, UPLOADS, VARIANTS, photo};
use crate::tools::{Tools, stdout_of};

/// The listing of one upload's variants.
fn five(key: &str, extension: &str) -> Vec<String> {
    let widths = [1080, 160, 1920, 320, 640];
    widths.map(|width| format!("variants/{key}/w{width}.{extension}")).into()
}

fn keys(result: &Value) -> Vec<String> {
    serde_json::from_value(result["variants"].clone()).expect("a list of keys")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other people's tools: cargo interop"]
async fn boto3_uploads_in_every_way() {
    let tools = Tools::get();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let picture = folder.path().join("photo.jpg");
    std::fs::write(&picture, photo(2000, 1500, 4)).expect("a file");
    let bench = Bench::start().await;
    let mut script = tools.script("uploads.py");
    script
        .arg(&picture)
        .env("AWS_ENDPOINT_URL", bench.harness.endpoint())
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_DEFAULT_REGION", REGION);
    let printed = stdout_of(&mut script).await;
    let results: Value = serde_json::from_str(&printed).expect("the script prints JSON");

    let multipart = &results["multipart"];
    let bytes = multipart["bytes"].as_u64().expect("a size");
    assert!(bytes > 20_000_000, "{bytes} bytes");
    assert_eq!(multipart["parts"].as_u64(), Some(bytes.div_ceil(5 << 20)));
    assert_eq!(keys(multipart), five("multipart/noise.png", "png"));
    let largest = bench.get(VARIANTS, "variants/multipart/noise.png/w1920.png").await.picture();
    assert_eq!((largest.width(), largest.height()), (1920, 1920));

    assert_eq!(keys(&results["put"]), five("put/photo.jpg", "jpg"));
    assert_eq!(keys(&results["copy"]), five("copy/photo.jpg", "jpg"));
    for (of_put, of_copy) in keys(&results["put"]).iter().zip(keys(&results["copy"])) {
        let same = bench.get(VARIANTS, of_put).await.bytes;
        assert!(bench.get(VARIANTS, &of_copy).await.bytes == same, "{of_copy}: the same source");
    }

    for (version, folder) in [("s3", ""), ("s3v4", "v4/")] {
        let post = &results[version]["post"];
        let key = format!("{folder}a b+ä/ü.jpg");
        assert_eq!(post["too_large"], "EntityTooLarge", "{version}");
        assert_eq!(post["other_key"], "AccessDenied", "{version}");
        assert_eq!(post["status"], 204, "{version}");
        assert_eq!(keys(post), five(&key, "jpg"));
        assert_eq!(bench.get(UPLOADS, &key).await.content_type, "image/jpeg");

        let link = &results[version]["link"];
        assert_eq!(link["put"], 200, "{version}");
        assert_eq!(keys(link), five(&format!("{folder}link/photo 1+1.jpg"), "jpg"));
        assert_eq!(link["same_bytes"], true, "{version}");
        assert_eq!(link["content_type"], "image/jpeg", "{version}");
        assert_eq!(link["forged"], 403, "{version}");
    }

    assert_eq!(keys(&results["delete"]), Vec::<String>::new());
    assert!(bench.harness.queue.dead_letters().is_empty(), "nothing failed on the way");
}
