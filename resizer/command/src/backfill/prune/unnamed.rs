//! Results whose keys do not have the whole key of their source: the source is guessed from what
//! their keys have, or found by its hash in a listing of the uploads.

use std::collections::{BTreeMap, HashMap};

use resizer::event::ObjectRef;
use resizer::layout::Layouts;
use resizer::store::origin;

use super::{Found, Prune, Trouble};
use crate::backfill::listing::Listing;

/// Results by their sources.
type Named = BTreeMap<ObjectRef, Vec<Found>>;

impl Prune<'_> {
    /// Deletes those of the results that no rule makes. A result stays whose source is neither
    /// guessed nor listed: nothing tells it from a copy that somebody made of another result.
    pub(super) async fn find_sources(&self, founds: Vec<Found>) -> Result<(), Trouble> {
        let Some(first) = founds.first() else { return Ok(()) };
        let bucket = first.place.bucket.clone();
        let (mut named, others) = self.guess_sources(&*self.layouts(&bucket).await?, founds);
        for found in self.list_sources(&mut named, others).await? {
            self.keep("undecided", found.size_bytes);
        }
        let layouts = self.layouts(&bucket).await?;
        let removed = self.prune(&layouts, named).await?;
        // Any upload of the bucket may want a place that is free now.
        let name = |place: ObjectRef| format!("{}/{}", place.bucket, place.key);
        self.verify_all(&removed.into_iter().map(name).collect()).await
    }

    /// Those whose sources can be guessed, and the others.
    fn guess_sources(&self, layouts: &Layouts, founds: Vec<Found>) -> (Named, Vec<Found>) {
        let target = &self.arguments.target;
        let (mut named, mut others) = (Named::new(), Vec::new());
        for found in founds {
            let guess = layouts.guess(&found.place, &target.bucket, &found.tag.origin);
            match guess.filter(|source| source.key.starts_with(&target.prefix)) {
                Some(source) => named.entry(source).or_default().push(found),
                None => others.push(found),
            }
        }
        (named, others)
    }

    /// Adds those whose sources are among the uploads; the others come back.
    async fn list_sources(
        &self,
        named: &mut Named,
        founds: Vec<Found>,
    ) -> Result<Vec<Found>, Trouble> {
        let mut wanted: HashMap<String, Vec<Found>> = HashMap::new();
        for found in founds {
            wanted.entry(found.tag.origin.clone()).or_default().push(found);
        }
        let target = &self.arguments.target;
        let mut listing = Listing::new(self.app.store(), target, None);
        while !wanted.is_empty()
            && let Some((page, sent)) = listing.next().await?
        {
            self.unless_stopped()?;
            self.spend(sent);
            for listed in page.objects {
                let source = ObjectRef { bucket: target.bucket.clone(), key: listed.key };
                if let Some(founds) = wanted.remove(&origin(&source)) {
                    named.entry(source).or_default().extend(founds);
                }
            }
        }
        Ok(wanted.into_values().flatten().collect())
    }
}
