//! A bucket's notification configuration, put and read back.

use std::sync::Arc;

use s3s::dto::{
    Event, FilterRule, FilterRuleName, GetBucketNotificationConfigurationInput,
    GetBucketNotificationConfigurationOutput, LambdaFunctionConfiguration,
    NotificationConfiguration, NotificationConfigurationFilter,
    PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput,
    QueueConfiguration, S3KeyFilter, TopicConfiguration,
};
use s3s::{S3Request, S3Result, s3_error};

use crate::blocking::blocking;
use crate::notify::filter::{KeyFilter, KeyFilterRule};
use crate::notify::rule::{DestinationKind, NotificationRule, check_rules};
use crate::request::{RequestInfo, random};
use crate::store::Store;

pub(super) async fn put(
    store: &Arc<Store>,
    request: S3Request<PutBucketNotificationConfigurationInput>,
) -> S3Result<PutBucketNotificationConfigurationOutput> {
    let request_info = RequestInfo::of(&request);
    let input = request.input;
    let bucket = store.bucket(&input.bucket)?;
    let rules = rules(input.notification_configuration)?;
    check_rules(&rules)?;
    let at = Arc::clone(store);
    let silent = input.skip_destination_validation.unwrap_or_default();
    let changed = blocking(move || {
        let new = rules.clone();
        at.configure(&bucket, |record| record.notifications = new)?;
        if !silent {
            at.notifier.emit_test(&rules, bucket.name(), &request_info)?;
        }
        Ok(())
    });
    changed.await?;
    Ok(PutBucketNotificationConfigurationOutput {})
}

pub(super) async fn get(
    store: &Arc<Store>,
    request: S3Request<GetBucketNotificationConfigurationInput>,
) -> S3Result<GetBucketNotificationConfigurationOutput> {
    let rules = store.bucket(&request.input.bucket)?.notifications();
    let of = |kind| rules.iter().filter(move |rule| rule.kind == kind).cloned();
    let queues = of(DestinationKind::Queue).map(|rule| QueueConfiguration {
        events: events(&rule),
        filter: filter(&rule.filter),
        id: Some(rule.id),
        queue_arn: rule.destination_arn,
    });
    let topics = of(DestinationKind::Topic).map(|rule| TopicConfiguration {
        events: events(&rule),
        filter: filter(&rule.filter),
        id: Some(rule.id),
        topic_arn: rule.destination_arn,
    });
    let functions = of(DestinationKind::Function).map(|rule| LambdaFunctionConfiguration {
        events: events(&rule),
        filter: filter(&rule.filter),
        id: Some(rule.id),
        lambda_function_arn: rule.destination_arn,
    });
    Ok(GetBucketNotificationConfigurationOutput {
        event_bridge_configuration: None,
        lambda_function_configurations: Some(functions.collect()),
        queue_configurations: Some(queues.collect()),
        topic_configurations: Some(topics.collect()),
    })
}

/// A rule as it was put, before it has an id: destination, id, events, filter.
type Parts = (String, Option<String>, Vec<Event>, Option<NotificationConfigurationFilter>);

fn rules(configuration: NotificationConfiguration) -> S3Result<Vec<NotificationRule>> {
    if configuration.event_bridge_configuration.is_some() {
        return Err(s3_error!(NotImplemented, "Event bridges are not implemented."));
    }
    let queues = configuration.queue_configurations.unwrap_or_default().into_iter();
    let queues = queues.map(|c| (c.queue_arn, c.id, c.events, c.filter));
    let topics = configuration.topic_configurations.unwrap_or_default().into_iter();
    let topics = topics.map(|c| (c.topic_arn, c.id, c.events, c.filter));
    let functions = configuration.lambda_function_configurations.unwrap_or_default().into_iter();
    let functions = functions.map(|c| (c.lambda_function_arn, c.id, c.events, c.filter));
    let queues = queues.map(|parts| rule(DestinationKind::Queue, parts));
    let topics = topics.map(|parts| rule(DestinationKind::Topic, parts));
    let functions = functions.map(|parts| rule(DestinationKind::Function, parts));
    Ok(queues.chain(topics).chain(functions).collect())
}

fn rule(kind: DestinationKind, (arn, id, events, filter): Parts) -> NotificationRule {
    let rules = filter.and_then(|filter| filter.key?.filter_rules).unwrap_or_default();
    let rules = rules.into_iter().map(|rule| KeyFilterRule {
        name: rule.name.map(|name| name.as_str().to_owned()).unwrap_or_default(),
        value: rule.value.unwrap_or_default(),
    });
    NotificationRule {
        // S3 makes up an id where none is given.
        id: id.unwrap_or_else(|| format!("{:016x}{:016x}", random(), random())),
        kind,
        destination_arn: arn,
        events: events.into_iter().map(String::from).collect(),
        filter: KeyFilter { rules: rules.collect() },
    }
}

fn events(rule: &NotificationRule) -> Vec<Event> {
    rule.events.iter().cloned().map(Event::from).collect()
}

fn filter(filter: &KeyFilter) -> Option<NotificationConfigurationFilter> {
    let rules: Vec<FilterRule> = filter
        .rules
        .iter()
        .map(|rule| FilterRule {
            name: Some(FilterRuleName::from(rule.name.clone())),
            value: Some(rule.value.clone()),
        })
        .collect();
    let key = S3KeyFilter { filter_rules: Some(rules).filter(|rules| !rules.is_empty()) };
    key.filter_rules.is_some().then_some(NotificationConfigurationFilter { key: Some(key) })
}
