//! The event types: those that this server emits, and those that a configuration may name.

/// The events this server emits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventName {
    CreatedPut,
    CreatedPost,
    CreatedCopy,
    CreatedCompleteMultipartUpload,
    RemovedDelete,
    RemovedMarkerCreated,
    RestoreCompleted,
}

impl EventName {
    /// Whether the event announces a write, and whether that removes a version. A delete marker is
    /// a version that is added.
    pub(crate) fn write(self) -> Option<bool> {
        match self {
            Self::CreatedPut
            | Self::CreatedPost
            | Self::CreatedCopy
            | Self::CreatedCompleteMultipartUpload
            | Self::RemovedMarkerCreated => Some(false),
            Self::RemovedDelete => Some(true),
            Self::RestoreCompleted => None,
        }
    }

    /// With the `s3:` of configurations, which records leave out.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CreatedPut => "s3:ObjectCreated:Put",
            Self::CreatedPost => "s3:ObjectCreated:Post",
            Self::CreatedCopy => "s3:ObjectCreated:Copy",
            Self::CreatedCompleteMultipartUpload => "s3:ObjectCreated:CompleteMultipartUpload",
            Self::RemovedDelete => "s3:ObjectRemoved:Delete",
            Self::RemovedMarkerCreated => "s3:ObjectRemoved:DeleteMarkerCreated",
            Self::RestoreCompleted => "s3:ObjectRestore:Completed",
        }
    }
}

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

/// Whether a configuration may name this event type.
pub(crate) fn is_known(event: &str) -> bool {
    KNOWN_EVENTS.contains(&event)
}

/// Whether a configured event type, perhaps with a `*` at its end, covers an event type.
pub(crate) fn covers(pattern: &str, event: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => event.starts_with(start),
        None => pattern == event,
    }
}
