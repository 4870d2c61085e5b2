//! One rule of a bucket's notification configuration, and which sets of rules S3 refuses.

use std::collections::HashSet;

use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::event::{EventName, covers, is_known};
use super::filter::KeyFilter;

/// What kind of destination a rule names; they only differ in their XML and the test event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DestinationKind {
    Queue,
    Topic,
    Function,
}

/// One queue, topic or function configuration of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct NotificationRule {
    pub(crate) id: String,
    pub(crate) kind: DestinationKind,
    pub(crate) destination_arn: String,
    /// Such as `s3:ObjectCreated:*`.
    pub(crate) events: Vec<String>,
    pub(crate) filter: KeyFilter,
}

impl NotificationRule {
    pub(super) fn wants(&self, event: EventName, key: &str) -> bool {
        self.events.iter().any(|pattern| covers(pattern, event.name())) && self.filter.matches(key)
    }
}

/// Refuses what S3 refuses: unknown events, malformed ARNs, bad filters, rules that overlap,
/// and rules that share an ID.
///
/// Errors: `InvalidArgument`.
pub(crate) fn check_rules(rules: &[NotificationRule]) -> S3Result<()> {
    for rule in rules {
        if rule.events.is_empty() || !rule.events.iter().all(|event| is_known(event)) {
            let message = "The event is not supported for notifications";
            return Err(s3_error!(InvalidArgument, "{message}"));
        }
        if !rule.destination_arn.starts_with("arn:") || rule.destination_arn.split(':').count() < 6
        {
            return Err(s3_error!(InvalidArgument, "The ARN is not well formed"));
        }
        rule.filter.check()?;
    }
    let mut ids = HashSet::new();
    if !rules.iter().all(|rule| ids.insert(&rule.id)) {
        let message = "Same ID used for multiple configurations. IDs must be unique";
        return Err(s3_error!(InvalidArgument, "{message}"));
    }
    for (index, rule) in rules.iter().enumerate() {
        if rules[..index].iter().any(|other| overlap(rule, other)) {
            let message = "Configuration is ambiguously defined. Cannot have overlapping \
                           suffixes in two rules if the prefixes are overlapping for the same \
                           event type.";
            return Err(s3_error!(InvalidArgument, "{message}"));
        }
    }
    Ok(())
}

fn overlap(a: &NotificationRule, b: &NotificationRule) -> bool {
    let same_event = a
        .events
        .iter()
        .any(|event| b.events.iter().any(|other| covers(event, other) || covers(other, event)));
    same_event && a.filter.overlaps(&b.filter)
}

#[cfg(test)]
mod tests {
    use super::{DestinationKind, NotificationRule, check_rules};
    use crate::notify::event::EventName;
    use crate::notify::filter::{KeyFilter, KeyFilterRule};

    fn rule(events: &[&str], filters: &[(&str, &str)]) -> NotificationRule {
        named(&format!("{filters:?}"), events, filters)
    }

    fn named(id: &str, events: &[&str], filters: &[(&str, &str)]) -> NotificationRule {
        let rules = filters.iter().map(|(name, value)| KeyFilterRule {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        });
        NotificationRule {
            id: id.to_owned(),
            kind: DestinationKind::Queue,
            destination_arn: "arn:aws:sqs:eu-west-1:000000000000:queue".to_owned(),
            events: events.iter().map(|event| (*event).to_owned()).collect(),
            filter: KeyFilter { rules: rules.collect() },
        }
    }

    #[test]
    fn events_and_keys_are_matched_as_configured() {
        let jpegs = rule(&["s3:ObjectCreated:*"], &[("Prefix", "in/"), ("suffix", ".jpg")]);
        assert!(jpegs.wants(EventName::CreatedCopy, "in/a b+c.jpg"));
        assert!(!jpegs.wants(EventName::CreatedPut, "out/a.jpg"));
        assert!(!jpegs.wants(EventName::CreatedPut, "in/a.JPG"));
        assert!(!jpegs.wants(EventName::RemovedDelete, "in/a.jpg"));
        let puts = rule(&["s3:ObjectCreated:Put", "s3:ObjectRemoved:Delete"], &[]);
        assert!(
            puts.wants(EventName::CreatedPut, "k") && puts.wants(EventName::RemovedDelete, "k")
        );
        assert!(!puts.wants(EventName::CreatedPost, "k"));
    }

    #[test]
    fn rules_that_s3_refuses_are_refused() {
        let put = ["s3:ObjectCreated:Put"];
        assert!(check_rules(&[rule(&["s3:ObjectCreated:Pat"], &[])]).is_err());
        assert!(check_rules(&[rule(&[], &[])]).is_err());
        assert!(check_rules(&[rule(&put, &[("prefix", "a"), ("Prefix", "b")])]).is_err());
        assert!(check_rules(&[rule(&put, &[("infix", "a")])]).is_err());
        assert!(check_rules(&[rule(&put, &[]), rule(&["s3:ObjectCreated:*"], &[])]).is_err());
        let (a, ab) = (rule(&put, &[("prefix", "a")]), rule(&put, &[("prefix", "ab")]));
        assert!(check_rules(&[a.clone(), ab]).is_err());
        assert!(check_rules(&[a, rule(&put, &[("prefix", "b")])]).is_ok());
        let of_id = |prefix: &str| named("id", &put, &[("prefix", prefix)]);
        assert!(check_rules(&[of_id("a"), of_id("b")]).is_err());
        let mut bad_arn = rule(&put, &[]);
        bad_arn.destination_arn = "queue".to_owned();
        assert!(check_rules(&[bad_arn]).is_err());
    }
}
