//! Recorded events: JSON files, lines of JSON, and logs that CloudWatch has exported, each also
//! compressed with gzip. In: paths. Out: events, in the order in which they were recorded.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use resizer::percent;
use serde_json::{Value, json};

use crate::commands::CommandError;

/// An event, and where it was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Recorded {
    /// File, and line where a file has several.
    pub(super) origin: String,
    pub(super) event: Vec<u8>,
}

/// The endings of files that are read in a folder, besides those of the same with `.gz`.
const ENDINGS: [&str; 4] = [".json", ".jsonl", ".ndjson", ".log"];

/// Reads the events of files, and of all such files below folders, in the order of their names.
///
/// # Errors
/// `File` for what cannot be read, `Check` where there is no event.
pub(super) fn read(paths: &[PathBuf]) -> Result<Vec<Recorded>, CommandError> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, true, &mut files)?;
    }
    let mut events = Vec::new();
    for file in &files {
        let text = text_of(file).map_err(CommandError::file(file))?;
        events.extend(parse(&file.display().to_string(), &text));
    }
    if events.is_empty() {
        let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let problem = format!(
            "there is no event in a file that ends in {}, or .gz after it",
            ENDINGS.join(", ")
        );
        return Err(CommandError::Check { what: names.join(", "), problem });
    }
    Ok(events)
}

/// All files below a path; a file that a user names has any ending.
fn collect(path: &Path, is_named: bool, files: &mut Vec<PathBuf>) -> Result<(), CommandError> {
    if path.metadata().map_err(CommandError::file(path))?.is_dir() {
        let entries = fs::read_dir(path).map_err(CommandError::file(path))?;
        let paths: Result<Vec<PathBuf>, _> = entries.map(|entry| Ok(entry?.path())).collect();
        let mut paths = paths.map_err(CommandError::file(path))?;
        paths.sort();
        return paths.iter().try_for_each(|path| collect(path, false, files));
    }
    let name = path.to_string_lossy();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    if is_named || ENDINGS.iter().any(|ending| name.ends_with(ending)) || !name.contains('.') {
        files.push(path.to_owned());
    }
    Ok(())
}

fn text_of(file: &Path) -> std::io::Result<String> {
    let bytes = fs::read(file)?;
    let mut text = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(&bytes[..]).read_to_end(&mut text)?;
    } else {
        text = bytes;
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The events of a file.
fn parse(name: &str, text: &str) -> Vec<Recorded> {
    if let Ok(whole) = serde_json::from_str::<Value>(text) {
        return of_document(name, &whole, text);
    }
    let lines = text.lines().enumerate().filter_map(|(at, line)| {
        let event = of_line(line)?;
        Some(Recorded { origin: format!("{name}:{}", at + 1), event: event.into_bytes() })
    });
    lines.collect()
}

/// One event, or the answer of CloudWatch's `FilterLogEvents`.
fn of_document(name: &str, document: &Value, text: &str) -> Vec<Recorded> {
    let Some(lines) = document["events"]
        .as_array()
        .filter(|lines| lines.iter().any(|line| line["message"].is_string()))
    else {
        let event = match of_upload(document) {
            Some(event) => event,
            None => text.to_owned(),
        };
        return vec![Recorded { origin: name.to_owned(), event: event.into_bytes() }];
    };
    let lines = lines.iter().enumerate().filter_map(|(at, line)| {
        let event = of_line(line["message"].as_str()?)?;
        Some(Recorded { origin: format!("{name}, event {}", at + 1), event: event.into_bytes() })
    });
    lines.collect()
}

/// The event in a line: JSON, or JSON after the time of an exported log. Lines of a log that are no
/// upload's are left out.
fn of_line(line: &str) -> Option<String> {
    let json = line.find('{').map(|at| &line[at..])?;
    let value: Value = serde_json::from_str(json).ok()?;
    let is_log = value.get("level").is_some();
    of_upload(&value).or_else(|| (!is_log).then(|| json.to_owned()))
}

/// What S3 notified when the upload of this log line was made.
fn of_upload(line: &Value) -> Option<String> {
    let is_upload = line["event"] == "upload";
    let (bucket, key) = (line["bucket"].as_str()?, line["key"].as_str()?);
    let event = json!({ "Records": [{
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "eventName": "ObjectCreated:Put",
        "s3": { "bucket": { "name": bucket }, "object": { "key": percent::encoded(key) } },
    }] });
    is_upload.then(|| event.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Recorded, parse};

    fn keys(events: &[Recorded]) -> Vec<String> {
        let key = |recorded: &Recorded| {
            let event: Value = serde_json::from_slice(&recorded.event).expect("events are JSON");
            event["Records"][0]["s3"]["object"]["key"].as_str().unwrap_or("-").to_owned()
        };
        events.iter().map(key).collect()
    }

    const UPLOAD: &str = concat!(
        r#"{"level":"INFO","event":"upload","bucket":"uploads","#,
        r#""key":"a b/ü.jpg","outcome":"stored"}"#
    );

    #[test]
    fn a_document_is_one_event() {
        let text = "{\n \"Records\": [{\"s3\": {\"object\": {\"key\": \"a.jpg\"}}}]\n}";
        let events = parse("one.json", text);
        assert_eq!(events[0].event, text.as_bytes(), "as it was recorded");
        assert_eq!((events[0].origin.as_str(), keys(&events)), ("one.json", vec!["a.jpg".into()]));
    }

    #[test]
    fn lines_are_events_and_uploads_of_logs() {
        let text = format!(
            "2026-11-29T10:00:00.000Z START RequestId: 1 Version: $LATEST\n\
             2026-11-29T10:00:00.100Z {UPLOAD}\n\
             2026-11-29T10:00:00.200Z {{\"level\":\"INFO\",\"message\":\"no upload\"}}\n\
             {{\"Records\":[{{\"s3\":{{\"object\":{{\"key\":\"b.jpg\"}}}}}}]}}\n\
             not JSON {{\n"
        );
        let events = parse("export", &text);
        assert_eq!(keys(&events), ["a%20b/%C3%BC.jpg", "b.jpg"]);
        assert_eq!(events[1].origin, "export:4");
    }

    #[test]
    fn an_answer_of_cloudwatch_has_events() {
        let text = serde_json::json!({ "events": [
            { "timestamp": 1, "message": "REPORT RequestId: 1" },
            { "timestamp": 2, "message": UPLOAD },
        ] });
        let events = parse("filter.json", &text.to_string());
        assert_eq!(keys(&events), ["a%20b/%C3%BC.jpg"]);
        assert_eq!(events[0].origin, "filter.json, event 2");
    }
}
