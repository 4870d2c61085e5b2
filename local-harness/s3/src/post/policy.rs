//! A form held against its policy: time, conditions, the file's size, and that no field escapes
//! them.

use s3s::post_policy::{PostPolicy, PostPolicyCondition};
use s3s::{S3Error, S3Result, s3_error};
use time::OffsetDateTime;

use super::fields::Fields;

/// How large the file may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SizeRange {
    pub(super) min_bytes: u64,
    pub(super) max_bytes: u64,
}

impl SizeRange {
    /// Checks a file that has this many bytes so far.
    ///
    /// Errors: `EntityTooLarge`.
    pub(super) fn check_so_far(self, bytes: u64) -> S3Result<()> {
        if bytes > self.max_bytes {
            let message = "Your proposed upload exceeds the maximum allowed size";
            return Err(s3_error!(EntityTooLarge, "{message}"));
        }
        Ok(())
    }

    /// Checks a file that has this many bytes at its end.
    ///
    /// Errors: `EntityTooSmall`.
    pub(super) fn check_at_end(self, bytes: u64) -> S3Result<()> {
        if bytes < self.min_bytes {
            let message = "Your proposed upload is smaller than the minimum allowed size";
            return Err(s3_error!(EntityTooSmall, "{message}"));
        }
        Ok(())
    }
}

/// Fields that no condition has to mention.
const EXEMPT: [&str; 5] = ["x-amz-signature", "policy", "awsaccesskeyid", "signature", "submit"];

/// Checks everything but the file's size, whose range is returned for later.
///
/// Errors: `AccessDenied`.
pub(super) fn check(fields: &Fields, bucket: &str, policy: PostPolicy) -> S3Result<SizeRange> {
    if OffsetDateTime::now_utc() >= OffsetDateTime::from(policy.expiration) {
        return Err(refused("Policy expired."));
    }
    let value = |field: &str| match field {
        "bucket" => bucket,
        _ => fields.get(field).unwrap_or_default(),
    };
    let mut sizes = SizeRange { min_bytes: 0, max_bytes: u64::MAX };
    for condition in &policy.conditions {
        match condition {
            PostPolicyCondition::Eq { field, value: wanted } if value(field) != wanted => {
                return Err(failed("eq", field, wanted));
            }
            PostPolicyCondition::StartsWith { field, prefix }
                if !value(field).starts_with(prefix.as_str()) =>
            {
                return Err(failed("starts-with", field, prefix));
            }
            PostPolicyCondition::Eq { .. } | PostPolicyCondition::StartsWith { .. } => {}
            PostPolicyCondition::ContentLengthRange { min, max } => {
                sizes.min_bytes = sizes.min_bytes.max(*min);
                sizes.max_bytes = sizes.max_bytes.min(*max);
            }
        }
    }
    let covered = |name: &str| {
        EXEMPT.contains(&name)
            || name.starts_with("x-ignore-")
            || policy.conditions.iter().any(|condition| match condition {
                PostPolicyCondition::Eq { field, .. }
                | PostPolicyCondition::StartsWith { field, .. } => field == name,
                PostPolicyCondition::ContentLengthRange { .. } => false,
            })
    };
    match fields.names().find(|name| !covered(name)) {
        Some(name) => Err(refused(&format!("Extra input fields: {name}"))),
        None => Ok(sizes),
    }
}

fn failed(operator: &str, field: &str, wanted: &str) -> S3Error {
    refused(&format!("Policy Condition failed: [\"{operator}\", \"${field}\", \"{wanted}\"]"))
}

fn refused(why: &str) -> S3Error {
    s3_error!(AccessDenied, "Invalid according to Policy: {why}")
}
