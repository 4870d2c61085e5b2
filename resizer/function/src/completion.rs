//! Announcing that an upload is done: one message to an EventBridge bus or an SNS topic. At least
//! once: a message that did not get through fails its delivery, which comes back.

use serde::Serialize;
use serde_json::{Value, json};

use crate::client::{ClientError, Environment};
use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;
use crate::manifest::{ManifestPlaceholders, ManifestSource, ManifestVariant, is_false};
use crate::report::{Observed, Outcome};
use crate::responsive::ResponsiveSet;
use crate::signed::{Answer, SignedClient};

/// `source` and `detail-type` of the events, and the message's attribute on SNS.
const SOURCE: &str = "image-resizer";
const DETAIL_TYPE: &str = "Image Variants Completed";

/// Where completions go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Channel {
    /// Name or ARN of an EventBridge bus.
    EventBus(String),
    /// ARN of an SNS topic.
    SnsTopic(String),
}

/// An upload that is done.
#[derive(Debug, Clone, Copy)]
pub struct Completion<'a> {
    /// Which object.
    pub object: &'a ObjectRef,
    /// How it ended.
    pub outcome: &'a Outcome,
    /// What S3 showed of the source right before.
    pub observed: Option<&'a Observed>,
    /// Where the rule keeps manifests, if it does.
    pub manifest: Option<&'a ObjectRef>,
}

/// Announces uploads that are done.
#[derive(Debug)]
pub struct Announcer {
    channel: Channel,
    client: SignedClient,
}

/// Bytes of an entry's detail. EventBridge takes 1 MB since January 2026; other members stand
/// beside it.
const MAX_DETAIL_BYTES: usize = 980_000;

/// Bytes of a message. SNS takes 256 KiB.
const MAX_MESSAGE_BYTES: usize = 240 << 10;

/// The `detail` of the event, or the message.
#[derive(Debug, Serialize)]
struct Message<'a> {
    bucket: &'a str,
    key: &'a str,
    outcome: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    /// When S3 showed what is reported here, in milliseconds since 1970 by the function's clock:
    /// right before the message was sent.
    checked_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    /// Last-Modified of the source in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_modified_s: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<&'a str>,
    /// Where all of this lies, if the rule keeps it.
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<&'a ObjectRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a ManifestSource>,
    #[serde(skip_serializing_if = "Option::is_none")]
    placeholders: Option<&'a ManifestPlaceholders>,
    variants: &'a [ManifestVariant],
    responsive: &'a [ResponsiveSet],
    /// Whether `responsive`, or that and `variants`, were left out because they are too large.
    #[serde(skip_serializing_if = "is_false")]
    truncated: bool,
}

impl Channel {
    /// The longest text that the service takes.
    fn max_bytes(&self) -> usize {
        match self {
            Self::EventBus(_) => MAX_DETAIL_BYTES,
            Self::SnsTopic(_) => MAX_MESSAGE_BYTES,
        }
    }
}

impl<'a> Message<'a> {
    fn new(completion: Completion<'a>) -> Self {
        let Completion { object, outcome, observed, manifest: kept } = completion;
        let manifest = outcome.stored().map(|stored| &stored.manifest);
        let state = observed.and_then(|observed| observed.state.as_ref());
        Self {
            bucket: &object.bucket,
            key: &object.key,
            outcome: outcome.code(),
            message: outcome.message(),
            checked_ms: observed.map_or(0, |observed| observed.at_ms),
            etag: state.map(|state| state.etag.as_str()),
            last_modified_s: state.map(|state| state.last_modified_s),
            version_id: state.and_then(|state| state.version_id.as_deref()),
            manifest: kept.filter(|_| manifest.is_some()),
            source: manifest.map(|manifest| &manifest.source),
            placeholders: manifest.and_then(|manifest| manifest.placeholders.as_ref()),
            variants: manifest.map_or(&[], |manifest| &manifest.variants),
            responsive: manifest.map_or(&[], |manifest| &manifest.responsive),
            truncated: false,
        }
    }

    /// As JSON that the services take: without what is largest, where all is too much.
    fn into_json(mut self, max_bytes: usize) -> String {
        let json = |one: &Self| serde_json::to_string(one).expect("strings and numbers serialize");
        let whole = json(&self);
        if whole.len() <= max_bytes {
            return whole;
        }
        (self.responsive, self.truncated) = (&[], true);
        let shorter = json(&self);
        if shorter.len() <= max_bytes {
            return shorter;
        }
        self.variants = &[];
        json(&self)
    }
}

impl Announcer {
    /// A client for the service behind the channel.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn new(channel: Channel, environment: &Environment) -> Result<Self, ClientError> {
        let client = match &channel {
            Channel::EventBus(_) => environment.service("events", "EVENTBRIDGE", None)?,
            Channel::SnsTopic(arn) => environment.service("sns", "SNS", arn.split(':').nth(3))?,
        };
        Ok(Self { channel, client })
    }

    /// Sends one message, with the X-Ray header of the invocation that it belongs to.
    ///
    /// # Errors
    /// `Throttle`, `Setup` or `Io`, by what the service answered.
    pub async fn announce(
        &self,
        completion: Completion<'_>,
        trace_id: Option<&str>,
    ) -> Result<(), Fault> {
        let text = Message::new(completion).into_json(self.channel.max_bytes());
        let sent = match &self.channel {
            Channel::EventBus(bus) => self.put_event(bus, &text, trace_id).await,
            Channel::SnsTopic(arn) => self.publish(arn, &text, trace_id).await,
        };
        sent.map_err(|(kind, cause)| {
            let (phase, object) = (Phase::Announcing, completion.object.clone());
            Fault { kind, phase, object, cause: cause.into() }
        })
    }

    /// Source: Amazon EventBridge API Reference, PutEvents. 200 may still say that it failed.
    async fn put_event(
        &self,
        bus: &str,
        detail: &str,
        trace_id: Option<&str>,
    ) -> Result<(), (FaultKind, String)> {
        let entry = json!({
            "EventBusName": bus, "Source": SOURCE, "DetailType": DETAIL_TYPE, "Detail": detail,
        });
        let headers = [
            ("content-type", "application/x-amz-json-1.1"),
            ("x-amz-target", "AWSEvents.PutEvents"),
        ];
        let body = json!({ "Entries": [entry] }).to_string();
        let answer = accepted(self.client.post(&headers, trace_id, body).await)?;
        let answer: Value = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        if answer["FailedEntryCount"] == 0 {
            return Ok(());
        }
        Err((FaultKind::Throttle, format!("EventBridge did not take the event: {answer}")))
    }

    /// Source: Amazon SNS API Reference, Publish.
    async fn publish(
        &self,
        arn: &str,
        message: &str,
        trace_id: Option<&str>,
    ) -> Result<(), (FaultKind, String)> {
        let form = [
            ("Action", "Publish"),
            ("Version", "2010-03-31"),
            ("TopicArn", arn),
            ("Subject", DETAIL_TYPE),
            ("Message", message),
        ];
        let encoded =
            |text| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC);
        let pairs: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        accepted(self.client.post(&headers, trace_id, pairs.join("&")).await).map(|_| ())
    }
}

fn accepted(sent: Result<Answer, String>) -> Result<Answer, (FaultKind, String)> {
    let answer = sent.map_err(|cause| (FaultKind::Io, cause))?;
    let kind = match answer.status {
        200..=299 => return Ok(answer),
        429 | 503 => FaultKind::Throttle,
        400..=499 => FaultKind::Setup,
        _ => FaultKind::Io,
    };
    Err((kind, format!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body))))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Channel, Completion, MAX_MESSAGE_BYTES, Message};
    use crate::event::ObjectRef;
    use crate::manifest::{Manifest, ManifestSource, ManifestVariant};
    use crate::report::{Observed, Outcome, Stored};
    use crate::store::State;

    /// So many variants, each with keys of 1,024 bytes.
    fn stored(object: &ObjectRef, variants: u32) -> Outcome {
        let variant = |width: u32| ManifestVariant {
            name: format!("w{width}"),
            bucket: "out".to_owned(),
            key: "k".repeat(1024),
            url: "k".repeat(1024),
            media_type: "image/webp".to_owned(),
            animated: false,
            gain_map: None,
            width,
            height: width,
            bytes: 1,
            sha256: "0".repeat(64),
        };
        let source = ManifestSource {
            bucket: object.bucket.clone(),
            key: object.key.clone(),
            etag: "0".repeat(32),
            sha256: "0".repeat(64),
            bytes: 1,
            format: "PNG".to_owned(),
            width: 5000,
            height: 5000,
        };
        let variants = (1..=variants).map(variant).collect();
        let manifest = Manifest::new(source, "0".repeat(16), None, variants);
        Outcome::Stored(Box::new(Stored {
            manifest,
            dropped_metadata: Vec::new(),
            crops: Vec::new(),
        }))
    }

    #[test]
    fn messages_carry_what_orders_them() {
        let object = ObjectRef { bucket: "in".to_owned(), key: "k".to_owned() };
        let members = |outcome: &Outcome, state: Option<State>| {
            let (observed, object) = (Observed { at_ms: 9, state }, &object);
            let completion =
                Completion { object, outcome, observed: Some(&observed), manifest: None };
            let text = Message::new(completion).into_json(MAX_MESSAGE_BYTES);
            let json: Value = serde_json::from_str(&text).expect("JSON");
            ["checked_ms", "etag", "last_modified_s", "version_id"].map(|name| json[name].clone())
        };
        let (etag, version_id) = ("e".to_owned(), Some("v".to_owned()));
        let state =
            State { etag, last_modified_s: 7, size_bytes: 1, version_id, focal_point: None };
        let of_stored = members(&stored(&object, 1), Some(state));
        assert_eq!(of_stored, [json!(9), json!("e"), json!(7), json!("v")]);
        let of_deleted = members(&Outcome::Deleted, None);
        assert_eq!(of_deleted, [json!(9), Value::Null, Value::Null, Value::Null]);
    }

    #[test]
    fn messages_are_never_larger_than_the_services_take() {
        let small = Channel::SnsTopic(String::new()).max_bytes();
        let large = Channel::EventBus(String::new()).max_bytes();
        for (variants, max_bytes, members) in [
            (5, small, (true, true)),
            (60, small, (false, true)),
            (200, small, (false, false)),
            (60, large, (true, true)),
            (900, large, (false, false)),
        ] {
            let object = ObjectRef { bucket: "in".to_owned(), key: "k".repeat(1024) };
            let outcome = stored(&object, variants);
            let place = ObjectRef { bucket: "out".to_owned(), key: "m".to_owned() };
            let (object, outcome, manifest) = (&object, &outcome, Some(&place));
            let completion = Completion { object, outcome, observed: None, manifest };
            let text = Message::new(completion).into_json(max_bytes);
            assert!(text.len() <= max_bytes, "{variants}: {} bytes", text.len());
            let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            let has = |name: &str| !json[name].as_array().expect("an array").is_empty();
            assert_eq!((has("responsive"), has("variants")), members, "{variants}");
            assert_eq!(json["truncated"] == true, members != (true, true), "{variants}");
            assert_eq!(json["manifest"]["key"], "m");
            assert_eq!(json["source"]["width"], 5000);
        }
    }
}
