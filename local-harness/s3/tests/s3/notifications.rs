//! Notifications: which go out, to whom, and what they say.

use std::collections::HashMap;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    CompletedMultipartUpload, CompletedPart, Event, FilterRule, FilterRuleName,
    LambdaFunctionConfiguration, NotificationConfiguration, NotificationConfigurationFilter,
    QueueConfiguration, S3KeyFilter, TopicConfiguration,
};
use serde_json::Value;

use crate::support::{BUCKET, Harness, code};

const QUEUE: &str = "arn:aws:sqs:eu-west-1:000000000000:uploads";
const TOPIC: &str = "arn:aws:sns:eu-west-1:000000000000:uploads";
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:000000000000:function:resizer";

fn filter(rules: &[(FilterRuleName, &str)]) -> NotificationConfigurationFilter {
    let rules = rules
        .iter()
        .map(|(name, value)| FilterRule::builder().name(name.clone()).value(*value).build());
    let key = S3KeyFilter::builder().set_filter_rules(Some(rules.collect())).build();
    NotificationConfigurationFilter::builder().key(key).build()
}

pub(crate) fn queue(id: &str, event: &str) -> QueueConfiguration {
    let queue = QueueConfiguration::builder().id(id).queue_arn(QUEUE);
    queue.events(Event::from(event)).build().unwrap()
}

pub(crate) async fn configure(s3: &Harness, configuration: NotificationConfiguration) {
    let put = s3.client.put_bucket_notification_configuration().bucket(BUCKET);
    put.notification_configuration(configuration).send().await.unwrap();
}

pub(crate) fn drain(s3: &mut Harness) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    while let Ok(sent) = s3.notifications.try_recv() {
        let message = serde_json::from_str(&sent.body).unwrap();
        found.push((sent.destination_arn.clone(), message));
        sent.delivered().unwrap();
    }
    found
}

pub(crate) fn object(message: &Value) -> &Value {
    &message["Records"][0]["s3"]["object"]
}

#[tokio::test]
async fn a_record_says_what_aws_says() {
    let mut s3 = Harness::start().await;
    let all = NotificationConfiguration::builder()
        .queue_configurations(queue("rule-1", "s3:ObjectCreated:*"));
    configure(&s3, all.build()).await;
    drain(&mut s3);
    let put = s3.put("a b+ä/ü.jpg", "12345").await;
    let sent = s3.notifications.try_recv().unwrap();
    assert_eq!(sent.destination_arn, QUEUE);
    let message: Value = serde_json::from_str(&sent.body).unwrap();
    let record = &message["Records"][0];
    let text = |path: &str| record.pointer(path).unwrap().as_str().unwrap().to_owned();
    let expected = format!(
        concat!(
            r#"{{"Records":[{{"eventVersion":"2.1","eventSource":"aws:s3","#,
            r#""awsRegion":"eu-west-1","#,
            r#""eventTime":"{}","eventName":"ObjectCreated:Put","#,
            r#""userIdentity":{{"principalId":"{}"}},"#,
            r#""requestParameters":{{"sourceIPAddress":"127.0.0.1"}},"responseElements":"#,
            r#"{{"x-amz-request-id":"{}","x-amz-id-2":"{}"}},"s3":{{"s3SchemaVersion":"1.0","#,
            r#""configurationId":"rule-1","bucket":{{"name":"uploads","ownerIdentity":"#,
            r#"{{"principalId":"{}"}},"arn":"arn:aws:s3:::uploads"}},"object":{{"key":"#,
            r#""a+b%2B%C3%A4/%C3%BC.jpg","size":5,"eTag":"827ccb0eea8a706c4c34a16891f84e7b","#,
            r#""sequencer":"{}"}}}}}}]}}"#
        ),
        text("/eventTime"),
        text("/userIdentity/principalId"),
        text("/responseElements/x-amz-request-id"),
        text("/responseElements/x-amz-id-2"),
        text("/s3/bucket/ownerIdentity/principalId"),
        text("/s3/object/sequencer"),
    );
    assert_eq!(sent.body, expected);
    let time = text("/eventTime");
    assert!(time.len() == 24 && time.ends_with('Z') && &time[10..11] == "T", "{time}");
    let upper_hex = |c: char| c.is_ascii_digit() || ('A'..='F').contains(&c);
    assert!(text("/s3/object/sequencer").chars().all(upper_hex));
    let etag = put.e_tag().unwrap().trim_matches('"');
    assert_eq!(text("/s3/object/eTag"), etag);
    use aws_sdk_s3::operation::RequestId;
    assert_eq!(Some(text("/responseElements/x-amz-request-id").as_str()), put.request_id());
}

#[tokio::test]
async fn every_kind_of_change_is_told_once() {
    let mut s3 = Harness::start().await;
    let all = NotificationConfiguration::builder()
        .queue_configurations(queue("made", "s3:ObjectCreated:*"))
        .queue_configurations(queue("gone", "s3:ObjectRemoved:*"));
    configure(&s3, all.build()).await;
    drain(&mut s3);

    s3.put("k", "1").await;
    let copy = s3.client.copy_object().bucket(BUCKET).key("copy").copy_source("uploads/k");
    copy.send().await.unwrap();
    let upload = s3.client.create_multipart_upload().bucket(BUCKET).key("parts").send().await;
    let id = upload.unwrap().upload_id.unwrap();
    let part = s3.client.upload_part().bucket(BUCKET).key("parts").upload_id(&id).part_number(1);
    let part = part.body(ByteStream::from_static(b"123")).send().await.unwrap();
    let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let parts = CompletedMultipartUpload::builder().parts(part).build();
    let complete = s3.client.complete_multipart_upload().bucket(BUCKET).key("parts");
    complete.upload_id(&id).multipart_upload(parts).send().await.unwrap();
    for _ in 0..2 {
        // The second time there is no object, and so no notification.
        s3.client.delete_object().bucket(BUCKET).key("k").send().await.unwrap();
    }
    let refused = s3.client.put_object().bucket(BUCKET).key("copy").if_none_match("*").send().await;
    assert_eq!(code(refused), "PreconditionFailed");

    let sent = drain(&mut s3);
    let told: Vec<_> = sent
        .iter()
        .map(|(_, message)| {
            let name = message["Records"][0]["eventName"].as_str().unwrap();
            (name, object(message)["key"].as_str().unwrap())
        })
        .collect();
    let expected = [
        ("ObjectCreated:Put", "k"),
        ("ObjectCreated:Copy", "copy"),
        ("ObjectCreated:CompleteMultipartUpload", "parts"),
        ("ObjectRemoved:Delete", "k"),
    ];
    assert_eq!(told, expected);
    assert!(object(&sent[2].1)["eTag"].as_str().unwrap().ends_with("-1"));
    let removed = object(&sent[3].1).as_object().unwrap();
    assert_eq!(removed.keys().collect::<Vec<_>>(), ["key", "sequencer"]);
}

#[tokio::test]
async fn filters_choose_by_plain_key_and_event() {
    let mut s3 = Harness::start().await;
    let created = Event::S3ObjectCreated;
    let queue = QueueConfiguration::builder().queue_arn(QUEUE).events(created.clone());
    let queue = queue
        .filter(filter(&[(FilterRuleName::Prefix, "in ü/"), (FilterRuleName::Suffix, ".jpg")]));
    let topic = TopicConfiguration::builder().topic_arn(TOPIC).events(created);
    let topic = topic.filter(filter(&[(FilterRuleName::Suffix, ".png")]));
    let function = LambdaFunctionConfiguration::builder().lambda_function_arn(FUNCTION);
    let function = function.events(Event::S3ObjectRemovedDelete);
    let all = NotificationConfiguration::builder()
        .queue_configurations(queue.build().unwrap())
        .topic_configurations(topic.build().unwrap())
        .lambda_function_configurations(function.build().unwrap());
    configure(&s3, all.build()).await;
    drain(&mut s3);

    for key in ["in ü/a.jpg", "in ü/a.png", "out/a.jpg", "in ü/a.JPG", "x.png"] {
        s3.put(key, "1").await;
    }
    s3.client.delete_object().bucket(BUCKET).key("out/a.jpg").send().await.unwrap();
    let mut told: HashMap<String, Vec<String>> = HashMap::new();
    for (destination, message) in drain(&mut s3) {
        let key = object(&message)["key"].as_str().unwrap().to_owned();
        told.entry(destination).or_default().push(key);
    }
    assert_eq!(told[QUEUE], ["in+%C3%BC/a.jpg"]);
    assert_eq!(told[TOPIC], ["in+%C3%BC/a.png", "x.png"]);
    assert_eq!(told[FUNCTION], ["out/a.jpg"]);
}

#[tokio::test]
async fn a_configuration_is_tested_kept_and_given_back() {
    let mut s3 = Harness::start().await;
    let queue = QueueConfiguration::builder().id("q").queue_arn(QUEUE);
    let queue = queue.events(Event::S3ObjectCreatedPut).events(Event::S3ObjectRemoved);
    let queue = queue.filter(filter(&[(FilterRuleName::Suffix, "ä b")])).build().unwrap();
    let topic = TopicConfiguration::builder().id("t").topic_arn(TOPIC);
    let topic = topic.events(Event::S3ObjectCreatedPost).build().unwrap();
    let function = LambdaFunctionConfiguration::builder().lambda_function_arn(FUNCTION);
    let function = function.events(Event::S3ObjectCreatedCopy).build().unwrap();
    let all = NotificationConfiguration::builder()
        .queue_configurations(queue.clone())
        .topic_configurations(topic.clone())
        .lambda_function_configurations(function);
    configure(&s3, all.build()).await;

    let sent = drain(&mut s3);
    let told: Vec<&str> = sent.iter().map(|(destination, _)| destination.as_str()).collect();
    assert_eq!(told, [QUEUE, TOPIC]);
    assert_eq!(sent[0].1["Event"], "s3:TestEvent");
    assert_eq!(sent[0].1["Bucket"], BUCKET);

    s3.restart().await;
    let get = s3.client.get_bucket_notification_configuration().bucket(BUCKET);
    let get = get.send().await.unwrap();
    assert_eq!(get.queue_configurations(), [queue]);
    assert_eq!(get.topic_configurations(), [topic]);
    assert_eq!(get.lambda_function_configurations()[0].lambda_function_arn(), FUNCTION);
    assert!(!get.lambda_function_configurations()[0].id().unwrap().is_empty());
    s3.put("xä b", "1").await;
    assert_eq!(drain(&mut s3).len(), 1);

    configure(&s3, NotificationConfiguration::builder().build()).await;
    s3.put("xä b", "1").await;
    assert!(drain(&mut s3).is_empty());
}

#[tokio::test]
async fn bad_configurations_are_refused() {
    let s3 = Harness::start().await;
    let put = |rules: Vec<QueueConfiguration>| {
        let rules = NotificationConfiguration::builder().set_queue_configurations(Some(rules));
        let put = s3.client.put_bucket_notification_configuration().bucket(BUCKET);
        put.notification_configuration(rules.build()).send()
    };
    let unknown = put(vec![queue("a", "s3:ObjectEaten:*")]).await;
    assert_eq!(code(unknown), "InvalidArgument");
    let twice = vec![queue("a", "s3:ObjectCreated:*"), queue("b", "s3:ObjectCreated:Put")];
    assert_eq!(code(put(twice).await), "InvalidArgument");
}

#[tokio::test]
async fn sequencers_grow_for_every_key_and_across_restarts() {
    let mut s3 = Harness::start().await;
    let all = NotificationConfiguration::builder()
        .queue_configurations(queue("made", "s3:ObjectCreated:*"))
        .queue_configurations(queue("gone", "s3:ObjectRemoved:*"));
    configure(&s3, all.build()).await;
    let mut last: HashMap<String, String> = HashMap::new();
    for _ in 0..3 {
        drain(&mut s3);
        let mut writers = tokio::task::JoinSet::new();
        for n in 0..40 {
            let key = format!("k{}", n % 4);
            if n % 5 == 4 {
                let delete = s3.client.delete_object().bucket(BUCKET).key(key).send();
                writers.spawn(async move { delete.await.map(drop).unwrap() });
            } else {
                let put = s3.client.put_object().bucket(BUCKET).key(key);
                let put = put.body(ByteStream::from(vec![b'x'; n])).send();
                writers.spawn(async move { put.await.map(drop).unwrap() });
            }
        }
        writers.join_all().await;
        let sent = drain(&mut s3);
        assert!(sent.len() >= 32);
        for (_, message) in sent {
            let key = object(&message)["key"].as_str().unwrap().to_owned();
            let sequencer = object(&message)["sequencer"].as_str().unwrap().to_owned();
            let previous = last.insert(key, sequencer.clone());
            assert!(previous.is_none_or(|p| p.len() == sequencer.len() && p < sequencer));
        }
        s3.restart().await;
    }
}

/// The names and keys of the events that were sent, and delivered if `is_delivered`.
fn events(s3: &mut Harness, is_delivered: bool) -> Vec<(String, String)> {
    let mut events = Vec::new();
    while let Ok(sent) = s3.notifications.try_recv() {
        let message: Value = serde_json::from_str(&sent.body).unwrap();
        let record = &message["Records"][0];
        let texts = [&record["eventName"], &record["s3"]["object"]["key"]];
        let [name, key] = texts.map(|text| text.as_str().unwrap_or_default().to_owned());
        events.push((name, key));
        if is_delivered {
            sent.delivered().unwrap();
        }
    }
    events
}

#[tokio::test]
async fn notifications_that_did_not_arrive_are_sent_at_the_next_start() {
    let mut s3 = Harness::start().await;
    let queue = QueueConfiguration::builder().queue_arn(QUEUE);
    let queue = queue.events(Event::S3ObjectCreated).events(Event::S3ObjectRemoved);
    let all = NotificationConfiguration::builder().queue_configurations(queue.build().unwrap());
    configure(&s3, all.build()).await;
    assert_eq!(events(&mut s3, true).len(), 1, "the test event");
    s3.put("delivered", "1").await;
    assert_eq!(events(&mut s3, true).len(), 1);

    s3.put("kept", "1").await;
    s3.put("deleted", "1").await;
    s3.client.delete_object().bucket(BUCKET).key("deleted").send().await.unwrap();
    s3.put("torn", "torn").await;
    assert_eq!(events(&mut s3, false).len(), 4);
    // As if the process had been killed between the journal and the object.
    let objects = s3.directory().join("data/buckets/uploads/objects");
    for entry in std::fs::read_dir(objects).unwrap() {
        let path = entry.unwrap().path();
        if std::fs::read(&path).unwrap().starts_with(b"torn") {
            std::fs::remove_file(path).unwrap();
        }
    }
    s3.restart().await;
    let left = [("ObjectCreated:Put", "kept"), ("ObjectRemoved:Delete", "deleted")];
    let left = left.map(|(name, key)| (name.to_owned(), key.to_owned()));
    assert_eq!(events(&mut s3, false), left, "a write that never happened has no event");

    s3.restart().await;
    assert_eq!(events(&mut s3, true), left, "until they are delivered");
    s3.restart().await;
    assert!(events(&mut s3, true).is_empty());
}
