//! The original after success: moved or deleted, on condition that it is still the one that every
//! variant was made of. `protocol::Quiescence` says why only old results allow that.

use super::Upload;
use super::version::Version;
use crate::error::{Fault, Phase};
use crate::metrics::Outcome;
use crate::protocol::{Found, Retirement};

impl Upload<'_> {
    /// Copy, where it is moved, then DELETE; both only if the source still has this ETag, and the
    /// DELETE right after a HEAD that shows this very state: S3 deletes on condition of an ETag and
    /// of nothing else, and a copy of a large original takes seconds.
    pub(super) async fn retire(&mut self, source: &Version) -> Result<Retirement, Fault> {
        if self.app.announcer.is_some() && !self.tell_again(source).await? {
            return Ok(Retirement::Changed);
        }
        self.report.phase = Phase::Retiring;
        let object = &self.report.object;
        let etag = &source.state.etag;
        if let Some(place) = &self.targets.moved
            && !self.store.copy(object, etag, place).await?
        {
            return Ok(Retirement::Changed);
        }
        if self.present().await?.as_ref() != Some(source) {
            return Ok(Retirement::Changed);
        }
        self.report.phase = Phase::Retiring;
        let deleted = self.store.delete_only(&self.report.object, etag).await?;
        Ok(if deleted { Retirement::Done } else { Retirement::Changed })
    }

    /// Tells others of the variants while there is an original to tell of: the delivery that stored
    /// them may have died before it could. False when the source is another one by now.
    async fn tell_again(&mut self, source: &Version) -> Result<bool, Fault> {
        let (found, held) = self.obtain().await?;
        let Some(held) = held.filter(|_| found == Found::Upload(source.clone())) else {
            return Ok(false);
        };
        let mark = self.mark(&source.state);
        let made = match held.content {
            Ok(admitted) => self.render(admitted).await?,
            Err(refusal) => Err(refusal),
        };
        // Another function's limits may refuse what was stored: the round that follows tells that.
        let Ok(made) = made else { return Ok(false) };
        self.report.manifest = Some(self.describe(made, &held.metadata, &mark).manifest);
        self.report.outcome = Outcome::Stored;
        if self.present().await?.as_ref() != Some(source) {
            return Ok(false);
        }
        self.announce().await?;
        Ok(true)
    }
}
