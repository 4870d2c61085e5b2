//! Objects that no rule takes any more, and an earlier configuration did: what that made of them
//! goes, whether they are there or not.

use std::collections::BTreeMap;

use super::claims::delete_places;
use super::run::Run;
use crate::error::{Fault, FaultKind, Phase};
use crate::layout::Place;
use crate::report::{Observed, Outcome, Report};
use crate::rules::Ignored;
use crate::template::{SourceName, VariantName};

impl Run<'_> {
    /// Deletes what earlier rules made of the object.
    pub(super) async fn clean(&self) -> Report {
        let outcome = match self.in_time(Phase::Deleting, self.delete_earlier()).await {
            Err(fault) => fault.into(),
            Ok(outcome) if self.store.has_unanswered_write() => {
                let cause = "a DELETE got no answer; the next delivery deletes again";
                outcome.but(self.fault(FaultKind::Unanswered, Phase::Deleting, cause))
            }
            Ok(outcome) => match self.announce(&outcome, Some(&Observed::now(None)), None).await {
                Ok(()) => outcome,
                Err(fault) => outcome.but(fault),
            },
        };
        self.report(outcome, 0)
    }

    async fn delete_earlier(&self) -> Result<Outcome, Fault> {
        let mut places = self.earlier_places().await?;
        if places.iter().any(|place| place.outlives)
            && self.store.head(self.object).await?.is_none()
        {
            // Its original may have been retired.
            places.retain(|place| !place.outlives);
        }
        if places.is_empty() {
            return Ok(self.ignored(Ignored::NoRule));
        }
        delete_places(&self.store, self.object, &places).await?;
        Ok(Outcome::Deleted)
    }

    /// Of all output buckets that rules have for a source in this bucket.
    async fn earlier_places(&self) -> Result<Vec<Place>, Fault> {
        let (app, rules) = (self.app, &self.app.config.rules);
        let source = SourceName { bucket: &self.object.bucket, key: &self.object.key };
        let buckets =
            rules.iter().map(|rule| rule.output.bucket.render(source, VariantName::default()));
        let mut places = BTreeMap::new();
        let mut known: Vec<String> = Vec::new();
        for bucket in buckets {
            if known.contains(&bucket) {
                continue;
            }
            let layouts = match app.ledgers.layouts(&app.store, rules, &bucket, false).await {
                Ok(layouts) => layouts,
                // Nothing was ever written to a bucket that is not there or not the function's.
                Err(fault) if fault.kind == FaultKind::Setup => continue,
                Err(fault) => return Err(fault),
            };
            for place in layouts.places(self.object) {
                places.insert((place.bucket.clone(), place.key.clone()), place);
            }
            known.push(bucket);
        }
        Ok(places.into_values().collect())
    }
}
