//! The original after success: moved or deleted, on condition that it is still the one that every
//! variant was made of. `protocol::Quiescence` says why only old results allow that.

use super::Upload;
use super::results::Done;
use super::source::Held;
use super::version::Version;
use crate::error::{Fault, Phase};
use crate::protocol::{Found, Retirement};
use crate::report::Outcome;

impl Upload<'_> {
    /// Copy, where it is moved, then DELETE; both only if the source still has this ETag, and the
    /// DELETE right after a HEAD that shows this very state: S3 deletes on condition of an ETag and
    /// of nothing else, and a copy of a large original takes seconds.
    pub(super) async fn retire(&self, source: &Version) -> Result<Retirement<Done>, Fault> {
        let done = match self.run.app.announcer {
            Some(_) => self.announce_again(source).await?,
            None => Some(Outcome::AlreadyDone.into()),
        };
        let Some(done) = done else { return Ok(Retirement::Changed) };
        let (store, object, etag) = (&self.run.store, self.run.object, &source.state.etag);
        if let Some(place) = &self.rule.targets(object).moved
            && !self.run.in_time(Phase::Retiring, store.copy(object, etag, place)).await?
        {
            return Ok(Retirement::Changed);
        }
        if self.present().await?.0.as_ref() != Some(source) {
            return Ok(Retirement::Changed);
        }
        let deleted = self.run.in_time(Phase::Retiring, store.delete_only(object, etag)).await?;
        Ok(if deleted { Retirement::Done(done) } else { Retirement::Changed })
    }

    /// Announces the variants while there is an original to speak of: the delivery that stored them
    /// may have died before it could. `None` when the source is another one by now.
    async fn announce_again(&self, source: &Version) -> Result<Option<Done>, Fault> {
        let Found::Upload { source: found, upload: Held { metadata, content } } =
            self.obtain().await?
        else {
            return Ok(None);
        };
        if found != *source {
            return Ok(None);
        }
        let made = match content {
            Ok(admitted) => self.render(admitted).await?,
            Err(refusal) => Err(refusal),
        };
        // Another function's limits may refuse what was stored: the next round records that.
        let Ok(made) = made else { return Ok(None) };
        let tag = self.tag(&source.state);
        let described = self.describe(&self.rule.targets(self.run.object), made, &metadata, &tag);
        let outcome = Outcome::Stored(Box::new(described.stored));
        let (present, observed) = self.present().await?;
        if present.as_ref() != Some(source) {
            return Ok(None);
        }
        let done = Done { observed: Some(observed), ..outcome.into() };
        self.announce(&done).await?;
        Ok(Some(done))
    }
}
