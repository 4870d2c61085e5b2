//! The JSON of notifications, member for member and in the order of AWS.
//! Source: Amazon S3 User Guide, "Event message structure".

use s3s::dto::{Timestamp, TimestampFormat};
use serde::Serialize;
use time::OffsetDateTime;

use super::event::EventName;
use crate::records::version::Version;
use crate::request::RequestInfo;
use crate::urls::form_urlencode;

/// The account that owns every bucket, as records name it.
pub(crate) const OWNER_PRINCIPAL_ID: &str = "A1LOCALHARNESS";
/// The user behind every request.
const USER_PRINCIPAL_ID: &str = "AWS:AIDALOCALHARNESS";

/// A delete marker has the ETag of an empty object.
const MARKER_ETAG: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// One change of one object.
#[derive(Debug)]
pub(crate) struct ObjectEvent<'a> {
    pub(crate) name: EventName,
    pub(crate) bucket: &'a str,
    /// The version as it is now, or as it was before it was removed.
    pub(crate) version: &'a Version,
    /// The change's own number, also for a delete.
    pub(crate) sequencer: u64,
    pub(crate) time: OffsetDateTime,
    pub(crate) request: &'a RequestInfo,
}

#[derive(Serialize)]
struct Message<'a> {
    #[serde(rename = "Records")]
    records: [Record<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    event_version: &'a str,
    event_source: &'a str,
    aws_region: &'a str,
    event_time: String,
    event_name: &'a str,
    user_identity: Identity<'a>,
    request_parameters: RequestParameters,
    response_elements: ResponseElements<'a>,
    s3: S3Entity<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Identity<'a> {
    principal_id: &'a str,
}

#[derive(Serialize)]
struct RequestParameters {
    #[serde(rename = "sourceIPAddress")]
    source_ip_address: String,
}

#[derive(Serialize)]
struct ResponseElements<'a> {
    #[serde(rename = "x-amz-request-id")]
    request_id: &'a str,
    #[serde(rename = "x-amz-id-2")]
    host_id: &'a str,
}

#[derive(Serialize)]
struct S3Entity<'a> {
    #[serde(rename = "s3SchemaVersion")]
    schema_version: &'a str,
    #[serde(rename = "configurationId")]
    configuration_id: &'a str,
    bucket: BucketEntity<'a>,
    object: ObjectEntity<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BucketEntity<'a> {
    name: &'a str,
    owner_identity: Identity<'a>,
    arn: String,
}

#[derive(Serialize)]
struct ObjectEntity<'a> {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(rename = "eTag", skip_serializing_if = "Option::is_none")]
    etag: Option<&'a str>,
    #[serde(rename = "versionId", skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    sequencer: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TestMessage<'a> {
    service: &'a str,
    event: &'a str,
    time: String,
    bucket: &'a str,
    request_id: &'a str,
    host_id: &'a str,
}

/// The message of one event for the rule with this id.
pub(crate) fn event_json(region: &str, rule_id: &str, event: &ObjectEvent<'_>) -> String {
    let (size, etag) = match event.version {
        _ if event.name == EventName::RemovedDelete => (None, None),
        Version::Object(object) => (Some(object.size_bytes), Some(object.etag.as_str())),
        Version::Marker(_) => (None, Some(MARKER_ETAG)),
    };
    let record = Record {
        event_version: "2.1",
        event_source: "aws:s3",
        aws_region: region,
        event_time: milliseconds(event.time),
        event_name: event.name.name().trim_start_matches("s3:"),
        user_identity: Identity { principal_id: USER_PRINCIPAL_ID },
        request_parameters: RequestParameters {
            source_ip_address: event.request.source_ip.to_string(),
        },
        response_elements: ResponseElements {
            request_id: &event.request.request_id,
            host_id: &event.request.host_id,
        },
        s3: S3Entity {
            schema_version: "1.0",
            configuration_id: rule_id,
            bucket: BucketEntity {
                name: event.bucket,
                owner_identity: Identity { principal_id: OWNER_PRINCIPAL_ID },
                arn: format!("arn:aws:s3:::{}", event.bucket),
            },
            object: ObjectEntity {
                key: form_urlencode(event.version.key()),
                size,
                etag,
                version_id: event.version.id().unique_text(),
                sequencer: format!("{:018X}", event.sequencer),
            },
        },
    };
    json(&Message { records: [record] })
}

/// The `s3:TestEvent` message.
pub(crate) fn test_json(bucket: &str, time: OffsetDateTime, request: &RequestInfo) -> String {
    json(&TestMessage {
        service: "Amazon S3",
        event: "s3:TestEvent",
        time: milliseconds(time),
        bucket,
        request_id: &request.request_id,
        host_id: &request.host_id,
    })
}

fn json(message: &impl Serialize) -> String {
    serde_json::to_string(message).expect("strings and numbers always serialize")
}

fn milliseconds(time: OffsetDateTime) -> String {
    let mut text = Vec::new();
    let formatted = Timestamp::from(time).format(TimestampFormat::DateTime, &mut text);
    formatted.expect("a time of day formats into memory");
    String::from_utf8_lossy(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use time::OffsetDateTime;

    use super::test_json;
    use crate::request::RequestInfo;
    use crate::urls::form_urlencode;

    #[test]
    fn keys_are_encoded_as_in_a_form() {
        let cases = [
            ("a b+ä/ü.jpg", "a+b%2B%C3%A4/%C3%BC.jpg"),
            ("100%/x(1)~'!\u{1}*", "100%25/x%281%29%7E%27%21%01*"),
            ("😀:=&?#", "%F0%9F%98%80%3A%3D%26%3F%23"),
        ];
        for (key, encoded) in cases {
            assert_eq!(form_urlencode(key), encoded);
        }
    }

    #[test]
    fn the_test_event_has_the_members_and_the_order_of_aws() {
        let request = RequestInfo {
            request_id: "0A1B".to_owned(),
            host_id: "host".to_owned(),
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        };
        let time = OffsetDateTime::from_unix_timestamp_nanos(1_413_208_922_089_000_000).unwrap();
        assert_eq!(
            test_json("photos", time, &request),
            concat!(
                r#"{"Service":"Amazon S3","Event":"s3:TestEvent","#,
                r#""Time":"2014-10-13T14:02:02.089Z","Bucket":"photos","#,
                r#""RequestId":"0A1B","HostId":"host"}"#
            )
        );
    }
}
