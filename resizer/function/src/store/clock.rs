//! S3's clock, as the head of an answer has it: what tells objects of before from objects of later,
//! however wrong this machine's clock is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};

/// The time of the last answer, in seconds since 1970; 0 before there was one.
#[derive(Debug, Clone, Default)]
pub(super) struct S3Clock(Arc<AtomicU64>);

impl S3Clock {
    /// What S3 said, or this machine's time where it said nothing.
    pub(super) fn seconds(&self) -> u64 {
        let local = || SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Some(self.0.load(Ordering::Relaxed)).filter(|said| *said > 0).unwrap_or_else(local)
    }
}

impl Intercept for S3Clock {
    fn name(&self) -> &'static str {
        "the clock of S3"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|text| DateTime::from_str(text, DateTimeFormat::HttpDate).ok());
        if let Some(seconds) = date.and_then(|date| u64::try_from(date.secs()).ok()) {
            self.0.store(seconds, Ordering::Relaxed);
        }
        Ok(())
    }
}
