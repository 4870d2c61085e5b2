//! Metrics in the log line of an upload, in CloudWatch's embedded metric format.

use serde_json::{Value, json};

use crate::support::{Bench, UPLOADS, created, photo};

const CONFIG: &str = "[metrics]\nnamespace = \"Pictures\"\n[[rule]]\n[[rule.variant]]\nwidth = 8\n";

/// The log line of the upload of this key.
async fn line(bench: &Bench, key: &str) -> Value {
    let event = created(UPLOADS, key).to_string().into_bytes();
    let invocation = bench.harness.function.invoke(event).await;
    let mut lines = invocation.log.iter().filter_map(|line| serde_json::from_str(line).ok());
    lines.find(|line: &Value| line["event"] == "upload").expect("a line for the upload")
}

/// The names that CloudWatch will find in the line, with the names of their dimensions.
fn metrics_of(line: &Value) -> Vec<(String, Value)> {
    let sets = line["_aws"]["CloudWatchMetrics"].as_array().expect("a list");
    let mut found = Vec::new();
    for set in sets {
        assert_eq!(set["Namespace"], "Pictures");
        for metric in set["Metrics"].as_array().expect("a list") {
            let name = metric["Name"].as_str().expect("a name").to_owned();
            assert!(line[&name].is_number(), "{name} is a member of the line: {line}");
            found.push((name, set["Dimensions"].clone()));
        }
        for dimension in set["Dimensions"].as_array().into_iter().flatten() {
            for name in dimension.as_array().expect("a list") {
                let name = name.as_str().expect("a name");
                assert!(line[name].is_string(), "{name} is a member of the line: {line}");
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn each_outcome_has_its_metrics() {
    let bench = Bench::quiet(CONFIG, |_| {}).await;
    let all = json!([["FunctionName"]]);
    let by_code = json!([["FunctionName"], ["FunctionName", "Code"]]);

    let picture = photo(40, 30, 1);
    bench.put("a.jpg", &picture).await;
    let stored = line(&bench, "a.jpg").await;
    let expected = ["Uploads", "Stored", "BytesIn", "BytesOut", "DurationMs"];
    assert_eq!(metrics_of(&stored), expected.map(|name| (name.to_owned(), all.clone())));
    assert_eq!((&stored["Uploads"], &stored["Stored"]), (&json!(1), &json!(1)));
    assert_eq!(stored["BytesIn"], picture.len());
    assert_eq!(stored["BytesOut"], stored["variants"][0]["bytes"]);
    assert_eq!(stored["DurationMs"], stored["times"]["total_ms"]);
    assert!(stored["_aws"]["Timestamp"].as_u64().is_some_and(|at_ms| at_ms > 1_700_000_000_000));

    bench.put("b.jpg", b"no picture").await;
    let refused = line(&bench, "b.jpg").await;
    let expected = [("Uploads", &all), ("DurationMs", &all), ("Refused", &by_code)];
    let expected = expected.map(|(name, dimensions)| (name.to_owned(), dimensions.clone()));
    assert_eq!(metrics_of(&refused), expected);
    assert_eq!((&refused["Refused"], &refused["Code"]), (&json!(1), &json!("not_an_image")));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_namespace_the_line_has_no_metrics() {
    let bench = Bench::quiet("[[rule]]\n", |_| {}).await;
    bench.put("a.jpg", &photo(40, 30, 1)).await;
    let line = line(&bench, "a.jpg").await;
    assert_eq!(line["outcome"], "stored");
    for name in ["_aws", "FunctionName", "Uploads", "DurationMs"] {
        assert!(line.get(name).is_none(), "{name} in {line}");
    }
}
