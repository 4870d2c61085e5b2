//! Results whose keys do not have the whole key of their source: the source is found by its hash in
//! a listing of the uploads, or is not there.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures::stream::{self, StreamExt};
use resizer::error::Fault;
use resizer::event::ObjectRef;
use resizer::rules::Rule;
use resizer::store::origin;

use super::{Found, Prune, Trouble};
use crate::backfill::listing::Listing;

impl Prune<'_> {
    /// Deletes those of the results that no rule makes.
    pub(super) async fn find_sources(&self, founds: Vec<Found>) -> Result<(), Trouble> {
        if founds.is_empty() {
            return Ok(());
        }
        let bucket = founds[0].place.bucket.clone();
        let mut wanted: HashMap<String, Vec<Found>> = HashMap::new();
        for found in founds {
            wanted.entry(found.tag.origin.clone()).or_default().push(found);
        }
        let mut named: BTreeMap<ObjectRef, Vec<Found>> = BTreeMap::new();
        let target = &self.arguments.target;
        let mut listing = Listing::new(self.app.store(), target, None);
        while let Some((page, sent)) = listing.next().await? {
            self.spend(sent);
            for listed in page.objects {
                let source = ObjectRef { bucket: target.bucket.clone(), key: listed.key };
                if let Some(founds) = wanted.remove(&origin(&source)) {
                    named.insert(source, founds);
                }
            }
        }
        let layouts = self.layouts(&bucket).await?;
        let (mut deleted, mut failed) = (BTreeSet::new(), None);
        let removed = self.prune(&layouts, named).await?;
        let gone = self.gone(wanted.into_values().flatten().collect());
        if !self.arguments.dry_run && !gone.is_empty() {
            self.intend(gone.iter()).await?;
            let batches = gone.chunks(64).map(|batch| self.delete(batch.to_vec()));
            let batches = stream::iter(batches).buffer_unordered(self.parallel());
            let batches: Vec<(Vec<ObjectRef>, Option<Fault>)> = batches.collect().await;
            for (places, fault) in batches {
                deleted.extend(places.into_iter().map(name));
                failed = failed.or(fault);
            }
        }
        // Any upload of the bucket may want a place that is free now.
        deleted.extend(removed.into_iter().map(name));
        self.verify_all(&deleted).await?;
        failed.map_or(Ok(()), |fault| Err(fault.into()))
    }

    /// Those of the results without a source that would be kept if it were known to be gone. A
    /// source outside of the target is not known to be.
    fn gone(&self, founds: Vec<Found>) -> Vec<Found> {
        let is_whole = self.arguments.target.prefix.is_empty();
        let retires = self.app.config().rules.iter().any(Rule::retires_originals);
        let mut gone = Vec::new();
        for found in founds {
            if !is_whole || found.may_be_elsewhere {
                self.keep("undecided", found.size_bytes);
            } else if found.may_outlive || retires {
                self.keep("outlives_source", found.size_bytes);
            } else if found.written_s > self.began_s.get() {
                self.keep("written_meanwhile", found.size_bytes);
            } else {
                self.condemn("source_gone", &found);
                gone.push(found);
            }
        }
        gone
    }
}

fn name(place: ObjectRef) -> String {
    format!("{}/{}", place.bucket, place.key)
}
