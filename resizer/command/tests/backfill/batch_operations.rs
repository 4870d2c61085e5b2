//! Manifests and jobs of S3 Batch Operations, and the function's answers to their tasks.

use local_harness::bootstrap;
use local_harness::harness::{HarnessOptions, Parts};
use resizer::digest::md5;
use serde_json::{Value, json};

use super::bucket::{Bucket, CONFIG, RESULTS, UPLOADS, pictures};

const FUNCTION: &str = "arn:aws:lambda:eu-west-1:123456789012:function:resizer";
const ROLE: &str = "arn:aws:iam::123456789012:role/jobs";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_function_serves_the_tasks_of_a_manifest() {
    let bucket = Bucket::new(CONFIG).await;
    let uploads = ["plain.jpg", "a b/ü+%2B,\"'&.jpg", "text.txt"];
    for key in uploads {
        bucket.put(UPLOADS, key, &pictures()[0]).await;
    }
    bucket.put(UPLOADS, "ignored.md", b"text").await;
    let job = ["--function-arn", FUNCTION, "--role-arn", ROLE, "--jobs", "s3://jobs/backfill/"];
    let ended =
        bucket.done(&[&["s3://uploads", "--batch-operations", "out"], &job[..]].concat()).await;
    let manifest = std::fs::read(bucket.path("out/manifest-1.csv")).expect("a manifest");
    let text = String::from_utf8(manifest.clone()).expect("UTF-8");
    assert_eq!(
        text,
        "uploads,a%20b/%C3%BC%2B%252B%2C%22%27%26.jpg\nuploads,plain.jpg\nuploads,text.txt\n"
    );
    let input = std::fs::read(bucket.path("out/job-1.json")).expect("a job");
    let input: Value = serde_json::from_slice(&input).expect("JSON");
    assert_eq!(input["AccountId"], "123456789012");
    assert_eq!(input["Operation"]["LambdaInvoke"]["FunctionArn"], FUNCTION);
    assert_eq!(input["RoleArn"], ROLE);
    let location = &input["Manifest"]["Location"];
    assert_eq!(location["ObjectArn"], "arn:aws:s3:::jobs/backfill/manifest-1.csv");
    assert_eq!(location["ETag"], md5(&manifest));
    assert_eq!(input["Report"]["Prefix"], "backfill/reports");
    for command in [
        "aws s3api put-object --bucket jobs --key 'backfill/manifest-1.csv' \
         --body 'out/manifest-1.csv' --server-side-encryption AES256",
        "aws s3control create-job --region eu-west-1 --cli-input-json 'file://out/job-1.json'",
    ] {
        assert!(ended.stdout.contains(command), "{ended:?}");
    }

    // S3 sends the keys of the manifest as they are in it.
    let tasks = text.lines().enumerate().map(|(number, line)| {
        let (bucket, key) = line.split_once(',').expect("two fields");
        json!({"taskId": number.to_string(), "s3Bucket": bucket, "s3Key": key, "s3VersionId": null})
    });
    let version = &input["Operation"]["LambdaInvoke"]["InvocationSchemaVersion"];
    let event = json!({
        "invocationSchemaVersion": version,
        "invocationId": "invocation",
        "job": {"id": "job"},
        "tasks": tasks.collect::<Vec<Value>>(),
    });
    let folder = bucket.path("function");
    let mut options = HarnessOptions::new(bootstrap::build().expect("a build"), folder);
    options.env.push(("RESIZER_CONFIG".to_owned(), CONFIG.to_owned()));
    options.env.push(("AWS_ENDPOINT_URL_S3".to_owned(), bucket.endpoint().to_owned()));
    let parts = Parts::start(&options).await.expect("the function starts");
    let answer = parts.function.invoke(event.to_string().into_bytes()).await;
    let answer: Value = serde_json::from_slice(&answer.result.expect("an answer")).expect("JSON");
    let results = answer["results"].as_array().expect("results");
    let codes: Vec<&str> = results.iter().filter_map(|one| one["resultCode"].as_str()).collect();
    assert_eq!(codes, ["Succeeded"; 3], "{answer}");
    assert_eq!(bucket.keys(RESULTS).await.len(), uploads.len() * 3);
    let ended = bucket.done(&["s3://uploads", "--only-missing"]).await;
    assert_eq!(ended.count("already_done"), 3, "the same results as a backfill's: {ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_without_a_function_is_a_wrong_use() {
    let bucket = Bucket::new(CONFIG).await;
    let ended = bucket.run(&["s3://uploads", "--batch-operations", "out"]).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let job = ["--function-arn", "resizer", "--role-arn", ROLE, "--jobs", "s3://jobs/"];
    let ended =
        bucket.run(&[&["s3://uploads", "--batch-operations", "out"], &job[..]].concat()).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("resizer is no ARN of a Lambda function"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_command_makes_a_job_of_its_own() {
    let bucket = Bucket::new(CONFIG).await;
    bucket.put(UPLOADS, "a.jpg", &pictures()[0]).await;
    let job = ["--function-arn", FUNCTION, "--role-arn", ROLE, "--jobs", "s3://jobs/"];
    let mut tokens = std::collections::BTreeSet::new();
    for _ in 0..2 {
        bucket.done(&[&["s3://uploads", "--batch-operations", "out"], &job[..]].concat()).await;
        let input = std::fs::read(bucket.path("out/job-1.json")).expect("a job");
        let input: Value = serde_json::from_slice(&input).expect("JSON");
        tokens.insert(input["ClientRequestToken"].as_str().expect("a token").to_owned());
    }
    assert_eq!(tokens.len(), 2, "S3 starts no second job with a token that it knows: {tokens:?}");
    assert!(tokens.iter().all(|token| token.len() <= 64), "{tokens:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_job_finds_a_manifest_that_is_not_its_own() {
    let bucket = Bucket::new(CONFIG).await;
    bucket.put(UPLOADS, "a.jpg", &pictures()[0]).await;
    let job = ["--function-arn", FUNCTION, "--role-arn", ROLE, "--batch-operations", "it's"];
    let command = |target, jobs| [&[target, "--jobs", jobs], &job[..]].concat();
    std::fs::create_dir(bucket.path("it's")).expect("a folder");
    for name in ["job-7.json", "manifest-7.csv", "job-x.json"] {
        std::fs::write(bucket.path(&format!("it's/{name}")), "old").expect("a file");
    }
    let ended = bucket.done(&command("s3://uploads", "s3://jobs/it's")).await;
    let said = "--key 'it'\\''s/manifest-1.csv' --body 'it'\\''s/manifest-1.csv'";
    assert!(ended.stdout.contains(said), "{ended:?}");
    let files = || {
        let files = std::fs::read_dir(bucket.path("it's")).expect("a folder");
        let names = files.map(|file| file.expect("a file").file_name().into_string());
        names.collect::<Result<std::collections::BTreeSet<String>, _>>().expect("UTF-8")
    };
    assert_eq!(files(), ["job-1.json", "job-x.json", "manifest-1.csv"].map(str::to_owned).into());
    let ended = bucket.run(&command("s3://nowhere", "s3://jobs/")).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(files(), ["job-x.json"].map(str::to_owned).into());

    let all = CONFIG.replace("suffix = [\".jpg\", \".txt\"]", "prefix = \"in/\"");
    std::fs::write(bucket.path("resizer.toml"), all).expect("a file");
    let ended = bucket.run(&command("s3://uploads", "s3://uploads/in/jobs")).await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("would take s3://uploads/in/jobs/manifest-1.csv"), "{ended:?}");
}
