//! Which events and keys a notification rule is about, and which rules S3 refuses.

use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::NotificationRule;

/// The event types that a configuration may name.
const KNOWN_EVENTS: [&str; 27] = [
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:Replication:OperationNotTracked",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
];

/// Whether a configured event type, perhaps with a `*` at its end, covers an event type.
pub(crate) fn covers(pattern: &str, event: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => event.starts_with(start),
        None => pattern == event,
    }
}

/// The filter rules on the plain key, kept as they were put.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyFilter {
    pub(crate) rules: Vec<KeyFilterRule>,
}

/// One filter rule; `name` is `prefix` or `suffix` in any case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyFilterRule {
    pub(crate) name: String,
    pub(crate) value: String,
}

impl KeyFilter {
    pub(crate) fn matches(&self, key: &str) -> bool {
        key.starts_with(self.value("prefix")) && key.ends_with(self.value("suffix"))
    }

    fn value(&self, name: &str) -> &str {
        let rule = self.rules.iter().find(|rule| rule.name.eq_ignore_ascii_case(name));
        rule.map_or("", |rule| rule.value.as_str())
    }

    fn overlaps(&self, other: &Self) -> bool {
        let (a, b) = (self.value("prefix"), other.value("prefix"));
        let (c, d) = (self.value("suffix"), other.value("suffix"));
        (a.starts_with(b) || b.starts_with(a)) && (c.ends_with(d) || d.ends_with(c))
    }

    fn check(&self) -> S3Result<()> {
        let count = |name: &str| {
            self.rules.iter().filter(|rule| rule.name.eq_ignore_ascii_case(name)).count()
        };
        let (prefixes, suffixes) = (count("prefix"), count("suffix"));
        if prefixes + suffixes != self.rules.len() {
            let message = "filter rule name must be either prefix or suffix";
            return Err(s3_error!(InvalidArgument, "{message}"));
        }
        if prefixes > 1 || suffixes > 1 {
            let message = "Cannot specify more than one prefix or suffix rule in a filter.";
            return Err(s3_error!(InvalidArgument, "{message}"));
        }
        Ok(())
    }
}

/// Refuses what S3 refuses: unknown events, malformed ARNs, bad filters, rules that overlap.
///
/// Errors: `InvalidArgument`.
pub(crate) fn check_rules(rules: &[NotificationRule]) -> S3Result<()> {
    for rule in rules {
        let known = |event: &String| KNOWN_EVENTS.contains(&event.as_str());
        if rule.events.is_empty() || !rule.events.iter().all(known) {
            let message = "The event is not supported for notifications";
            return Err(s3_error!(InvalidArgument, "{message}"));
        }
        if !rule.destination_arn.starts_with("arn:") || rule.destination_arn.split(':').count() < 6
        {
            return Err(s3_error!(InvalidArgument, "The ARN is not well formed"));
        }
        rule.filter.check()?;
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
    use super::super::{DestinationKind, EventName, NotificationRule};
    use super::{KeyFilter, KeyFilterRule, check_rules};

    fn rule(events: &[&str], filters: &[(&str, &str)]) -> NotificationRule {
        let rules = filters.iter().map(|(name, value)| KeyFilterRule {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
        });
        NotificationRule {
            id: "id".to_owned(),
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
        let mut bad_arn = rule(&put, &[]);
        bad_arn.destination_arn = "queue".to_owned();
        assert!(check_rules(&[bad_arn]).is_err());
    }
}
