//! What a terminal shows of the running harness: values in, lines out.

use std::time::{Duration, Instant};

use lambda_local::event_source::RetryDelay;
use lambda_local::queue::Message;
use lambda_local::report::Report;
use resizer::event::Event;
use s3_local::WrongKey;

use crate::activity::{Kind, UploadRecord};
use crate::commands::units::size;

/// Between two hints about wrong keys.
const HINT_PAUSE: Duration = Duration::from_secs(10);

/// What decides whether and when a failed upload is delivered again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Redelivery {
    /// The delays.
    pub(super) delay: RetryDelay,
    /// Deliveries before an event is given up.
    pub(super) max_deliveries: u32,
}

/// The line of one upload.
pub(super) fn upload_line(upload: &UploadRecord, redelivery: Option<Redelivery>) -> String {
    let mut line = on_one_line(&upload.key);
    if let Some(source) = &upload.source {
        let (bytes, format) = (size(source.bytes), &source.format);
        line += &format!("  {bytes} {format} {}x{}", source.width, source.height);
    }
    line += &format!("  {}", outcome(upload));
    if !upload.variants.is_empty() {
        let (count, bytes) = (upload.variants.len(), size(upload.variant_bytes()));
        line += &format!("  {count} {}, {bytes}", plural(count, "variant"));
    }
    line += &format!(
        "  {:.0} ms, {:.0} ms billed, ${:.7}",
        upload.times.total_ms, upload.billed_ms, upload.dollars
    );
    if let Some(redelivery) = redelivery.filter(|_| upload.kind == Kind::Failed) {
        line += &format!("  {}", again(upload.delivery, redelivery));
    }
    if let Some(message) = &upload.message {
        line += &format!("\n    {message}");
    }
    line
}

fn outcome(upload: &UploadRecord) -> String {
    let outcome = match upload.kind {
        Kind::Refused => format!("refused: {}", upload.outcome),
        Kind::Failed => format!("failed: {}", upload.outcome),
        Kind::Stored | Kind::Quiet => upload.outcome.replace('_', " "),
    };
    match &upload.original {
        Some(original) => format!("{outcome}, original {original}"),
        None => outcome,
    }
}

/// `delivery 2, again in 4 s`
fn again(delivery: u32, redelivery: Redelivery) -> String {
    if delivery >= redelivery.max_deliveries {
        return format!("delivery {delivery}, given up");
    }
    let delay = redelivery.delay.after(delivery).as_secs_f64();
    format!("delivery {delivery}, again in {delay:.0} s")
}

/// The line of an invocation that ended without an answer.
pub(super) fn invocation_line(report: &Report) -> Option<String> {
    let status = report.status.as_ref()?;
    Some(format!(
        "the function's invocation {} ended after {:.0} ms without an answer ({status})",
        report.request_id, report.duration_ms
    ))
}

/// The line of a message whose invocation ended without an answer.
pub(super) fn returned_line(message: &Message, redelivery: Redelivery) -> String {
    let again = again(message.receive_count, redelivery);
    format!("{}  failed: no answer of the function  {again}", names(&message.body))
}

/// `s3://uploads/a.jpg` for each object of a message; the message where it names none.
fn names(body: &str) -> String {
    let named = objects(body)
        .into_iter()
        .map(|(bucket, key)| format!("s3://{bucket}/{}", on_one_line(&key)));
    let named: Vec<String> = named.collect();
    if named.is_empty() { body.to_owned() } else { named.join(", ") }
}

/// The line of waiting work; none where nothing waits.
pub(super) fn queue_line(visible: usize, in_flight: usize) -> Option<String> {
    (visible > 0).then(|| {
        format!("queue: {visible} {} waiting, {in_flight} in flight", plural(visible, "event"))
    })
}

/// The objects that a message names: bucket and key.
pub(super) fn objects(body: &str) -> Vec<(String, String)> {
    let event = serde_json::from_str(body).ok();
    match event.as_ref().map(Event::parse) {
        Some(Ok(Event::Changes(objects))) => {
            objects.into_iter().map(|object| (object.bucket, object.key)).collect()
        }
        _ => Vec::new(),
    }
}

/// The line of a message that was given up.
pub(super) fn dead_letter_line(message: &Message) -> String {
    let (what, deliveries) = (names(&message.body), message.receive_count);
    format!(
        "dead letter after {deliveries} deliveries: {what}; upload it again once the reason is gone"
    )
}

/// Hints about wrong keys, not more than one in ten seconds.
#[derive(Debug, Default)]
pub(super) struct KeyHints {
    last: Option<Instant>,
}

impl KeyHints {
    /// The line, unless there was one a moment ago.
    pub(super) fn line(&mut self, wrong: WrongKey) -> Option<&'static str> {
        if self.last.is_some_and(|last| last.elapsed() < HINT_PAUSE) {
            return None;
        }
        self.last = Some(Instant::now());
        Some(match wrong {
            WrongKey::AccessKey => {
                "S3 refused a request: its access key is not this harness's; paste the `export` \
                 lines above into that terminal"
            }
            WrongKey::Secret => {
                "S3 refused a request: its access key is right, but its signature is not (a wrong \
                 secret key, or a changed request); paste the `export` lines above into that \
                 terminal"
            }
        })
    }
}

fn on_one_line(key: &str) -> String {
    key.replace('\n', "\\n")
}

/// A line without what would change the terminal or the order of its characters: a key may hold
/// anything. The line break before a message stays.
pub(super) fn printable(line: &str) -> String {
    let is_hidden = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let mut text = String::with_capacity(line.len());
    for c in line.chars() {
        if is_hidden(c) { text.extend(c.escape_unicode()) } else { text.push(c) }
    }
    text
}

/// `1 variant`, `2 variants`: the noun.
pub(super) fn plural(count: usize, noun: &str) -> String {
    if count == 1 { noun.to_owned() } else { format!("{noun}s") }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lambda_local::event_source::RetryDelay;
    use lambda_local::queue::Message;
    use s3_local::WrongKey;

    use super::{KeyHints, Redelivery, again, dead_letter_line, objects, printable, returned_line};

    const BODY: &str = r#"{"Records":[{"eventVersion":"2.3","eventSource":"aws:s3",
        "eventName":"ObjectCreated:Put",
        "s3":{"bucket":{"name":"uploads"},"object":{"key":"a+b%C3%A4.jpg"}}}]}"#;

    #[test]
    fn a_message_is_told_by_its_object() {
        let message = Message {
            id: "id".to_owned(),
            receipt_handle: "handle".to_owned(),
            body: BODY.to_owned(),
            body_md5: String::new(),
            receive_count: 2,
            sent_ms: 0,
            first_received_ms: 0,
        };
        let delay = RetryDelay::constant(Duration::from_secs(5));
        let line = returned_line(&message, Redelivery { delay, max_deliveries: 3 });
        assert!(line.starts_with("s3://uploads/a bä.jpg  failed: no answer"), "{line}");
        assert!(line.ends_with("delivery 2, again in 5 s"), "{line}");
        let line = dead_letter_line(&message);
        assert!(line.contains("after 2 deliveries: s3://uploads/a bä.jpg;"), "{line}");
    }

    #[test]
    fn keys_cannot_speak_to_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}ä"), "a\\u{1b}[2Jb\\u{202e}ä");
    }

    #[test]
    fn a_failed_delivery_says_when_the_next_one_comes() {
        let second = Duration::from_secs;
        let delay = RetryDelay { first: second(1), max: second(30) };
        let redelivery = Redelivery { delay, max_deliveries: 12 };
        assert_eq!(again(3, redelivery), "delivery 3, again in 4 s");
        assert_eq!(again(12, redelivery), "delivery 12, given up");
    }

    #[test]
    fn the_objects_of_a_message_are_named_decoded() {
        assert_eq!(objects(BODY), [("uploads".to_owned(), "a bä.jpg".to_owned())]);
        assert!(objects("no JSON").is_empty());
    }

    #[test]
    fn hints_are_rare() {
        let mut hints = KeyHints::default();
        assert!(hints.line(WrongKey::Secret).is_some());
        assert!(hints.line(WrongKey::AccessKey).is_none());
    }
}
