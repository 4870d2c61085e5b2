//! Deleting, and looking again: after the last DELETE, any upload that a rule writes a deleted
//! object for gets a delivery like any other. So it does not matter what happened between the look
//! at an upload and the deletion.

use std::collections::BTreeSet;
use std::time::Duration;

use resizer::error::{Fault, FaultKind};
use resizer::event::ObjectRef;
use resizer::layout::Layouts;
use resizer::report::Outcome;
use tokio::time::sleep;

use super::{Found, Prune, Trouble};
use crate::backfill::arguments::Target;
use crate::backfill::listing::Listing;
use crate::backfill::object::process;
use crate::backfill::prices::RequestCounts;

/// Kept free beside the time in which a late DELETE may arrive.
const MARGIN: Duration = Duration::from_secs(2);

impl Prune<'_> {
    /// Deletes results of a source that are still doomed, and looks at the source again, whatever
    /// became of the deletion. The places that are empty now come back.
    pub(super) async fn remove(
        &self,
        layouts: &Layouts,
        source: &ObjectRef,
        founds: Vec<Found>,
    ) -> Result<Vec<ObjectRef>, Trouble> {
        if self.turn().await.is_err() {
            return Ok(Vec::new());
        }
        let doomed = self.doomed(layouts, source, founds, false).await?;
        let (deleted, failed) = self.delete(doomed).await;
        self.verify(source, &deleted).await?;
        failed.map_or(Ok(deleted), |fault| Err(fault.into()))
    }

    /// Deletes each object that is still the one that was looked at, up to the first failure or an
    /// interrupt. Waits until no DELETE can arrive any more. All places that may be empty now come
    /// back.
    async fn delete(&self, founds: Vec<Found>) -> (Vec<ObjectRef>, Option<Fault>) {
        let store = self.store();
        let (mut deleted, mut failed) = (Vec::new(), None);
        for Found { place, etag, .. } in founds {
            // What was deleted so far is looked at again in any case.
            if self.turn().await.is_err() {
                break;
            }
            match store.delete_only(&place, &etag).await {
                Ok(true) => {
                    self.file.borrow_mut().state.counts.add_code("deleted");
                    deleted.push(place);
                }
                // Another object lies there now.
                Ok(false) => {}
                Err(fault) => {
                    deleted.push(place);
                    failed = Some(fault);
                    break;
                }
            }
        }
        self.spend(store.requests().into());
        if store.has_unanswered_write() {
            sleep(self.app.config().late_requests + MARGIN).await;
        }
        (deleted, failed)
    }

    /// Makes the results of a source anew where it is there and wants one of these places.
    pub(super) async fn verify(
        &self,
        source: &ObjectRef,
        deleted: &[ObjectRef],
    ) -> Result<(), Trouble> {
        let wants = deleted.iter().any(|place| self.writes(source, place));
        if !wants || !self.is_upload(source).await? {
            return Ok(());
        }
        let processed = process(&self.app, source, self.manner, &self.stop).await;
        let mut file = self.file.borrow_mut();
        let counts = &mut file.state.counts;
        counts.sent += processed.sent;
        if processed.is_given_up {
            return Err(Trouble::Stopped);
        }
        counts.add_code("made_again");
        match processed.outcome {
            // All is stored; the original goes with a later delivery.
            Outcome::Failed { fault, .. } if fault.kind != FaultKind::NotQuiescent => {
                Err(fault.into())
            }
            _ => Ok(()),
        }
    }

    /// The same for all uploads that want one of these places, given as `bucket/key`. A dry run
    /// counts them.
    pub(super) async fn verify_all(&self, deleted: &BTreeSet<String>) -> Result<(), Trouble> {
        if deleted.is_empty() {
            return Ok(self.verified()?);
        }
        let uploads =
            Target { bucket: self.arguments.target.bucket.clone(), prefix: String::new() };
        let mut listing = Listing::new(self.app.store(), &uploads, None);
        while let Some((page, sent)) = listing.next().await? {
            self.unless_stopped()?;
            self.spend(sent);
            for listed in page.objects {
                let source = ObjectRef { bucket: uploads.bucket.clone(), key: listed.key };
                let Ok(rule) = self.app.config().rule_for(&source) else { continue };
                let targets = rule.targets(&source);
                let places = targets.keys().map(|key| targets.object(key));
                let wanted: Vec<ObjectRef> = places
                    .filter(|place| deleted.contains(&format!("{}/{}", place.bucket, place.key)))
                    .collect();
                if wanted.is_empty() {
                    continue;
                }
                if self.arguments.dry_run {
                    self.would_send(RequestCounts { head: 1, ..RequestCounts::default() });
                } else {
                    self.turn().await?;
                    self.verify(&source, &wanted).await?;
                }
            }
        }
        Ok(self.verified()?)
    }
}
