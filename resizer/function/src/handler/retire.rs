//! The original after success: moved or deleted, on condition that it is still the one that every
//! variant was made of, and only where every worker that could have read an earlier upload of the
//! key had ended before this delivery looked at the source. What such a worker still writes could
//! be repaired only from an original.

use std::time::{Duration, SystemTime};

use super::Upload;
use crate::error::{Fault, Phase};
use crate::protocol::Retirement;

/// How far S3's clock and this machine's may be apart, and the second that S3 rounds to.
const CLOCK_MARGIN: Duration = Duration::from_secs(3);

impl Upload<'_> {
    /// Takes note of when the source was written: a worker that read an earlier one began before.
    pub(super) fn note_age(&mut self, last_modified: SystemTime) {
        let age = SystemTime::now().duration_since(last_modified).unwrap_or_default();
        self.is_settled = age >= self.terms.lifetime + CLOCK_MARGIN;
    }

    /// Copy, where it is moved, then DELETE; both only if the source still has this ETag. Others
    /// are told before: a delivery that dies afterwards finds no original, and nothing to tell.
    pub(super) async fn retire(&mut self, etag: &str) -> Result<Retirement, Fault> {
        self.announce().await?;
        self.report.phase = Phase::Retiring;
        if !self.is_settled {
            return Ok(Retirement::Early);
        }
        let object = &self.report.object;
        if let Some(place) = &self.targets.moved
            && !self.store.copy(object, etag, place).await?
        {
            return Ok(Retirement::Changed);
        }
        let deleted = self.store.delete_only(object, etag).await?;
        Ok(if deleted { Retirement::Done } else { Retirement::Changed })
    }
}
