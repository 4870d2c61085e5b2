//! Objects that no rule takes any more, and an earlier configuration did: what that made of them
//! goes, whether they are there or not.

use std::collections::BTreeMap;

use tokio::time::timeout_at;

use super::claims::delete_places;
use super::{App, Terms};
use crate::error::{Fault, FaultKind, Phase};
use crate::layout::Place;
use crate::metrics::{Checked, Outcome, Report};
use crate::rules::Ignored;
use crate::store::Store;
use crate::template::{SourceName, VariantName};

impl App {
    /// Deletes what earlier rules made of the object; the outcome is in the report.
    pub(super) async fn clean(&self, terms: &Terms, report: &mut Report) {
        let store = self.store.for_one_upload();
        let cleaned = timeout_at(terms.stop_at, self.clean_in(&store, report)).await;
        report.requests = store.requests();
        let object = report.object.clone();
        let failed = |kind, cause: String| {
            let phase = Phase::Deleting;
            Outcome::Failed(Fault { kind, phase, object, cause: cause.into() })
        };
        report.outcome = match cleaned {
            Err(elapsed) => failed(FaultKind::Deadline, elapsed.to_string()),
            Ok(Err(fault)) => Outcome::Failed(fault),
            Ok(Ok(_)) if store.has_unanswered_write() => {
                let cause = "a DELETE got no answer; the next delivery deletes again";
                failed(FaultKind::Unanswered, cause.to_owned())
            }
            Ok(Ok(true)) => Outcome::Deleted,
            Ok(Ok(false)) => Outcome::Ignored(Ignored::NoRule),
        };
        if let (Outcome::Deleted, Some(announcer)) = (&report.outcome, &self.announcer)
            && let Err(fault) = announcer.announce(report, None).await
        {
            report.outcome = Outcome::Failed(fault);
        }
    }

    /// False when no earlier rule took the object.
    async fn clean_in(&self, store: &Store, report: &mut Report) -> Result<bool, Fault> {
        let object = &report.object.clone();
        let mut places = self.earlier_places(report).await?;
        if places.iter().any(|place| place.outlives) && store.head(object).await?.is_none() {
            // Its original may have been retired.
            places.retain(|place| !place.outlives);
        }
        if places.is_empty() {
            return Ok(false);
        }
        delete_places(store, object, &places).await?;
        report.checked = Some(Checked::now(None));
        Ok(true)
    }

    /// Of all output buckets that rules have for a source in this bucket.
    async fn earlier_places(&self, report: &Report) -> Result<Vec<Place>, Fault> {
        let rules = &self.config.rules;
        let source = SourceName { bucket: &report.object.bucket, key: &report.object.key };
        let buckets =
            rules.iter().map(|rule| rule.output.bucket.render(source, VariantName::default()));
        let mut places = BTreeMap::new();
        let mut known: Vec<String> = Vec::new();
        for bucket in buckets {
            if known.contains(&bucket) {
                continue;
            }
            let layouts = match self.ledgers.layouts(&self.store, rules, &bucket, false).await {
                Ok(layouts) => layouts,
                // Nothing was ever written to a bucket that is not there or not the function's.
                Err(fault) if fault.kind == FaultKind::Setup => continue,
                Err(fault) => return Err(fault),
            };
            for place in layouts.places(&report.object) {
                places.insert((place.bucket.clone(), place.key.clone()), place);
            }
            known.push(bucket);
        }
        Ok(places.into_values().collect())
    }
}
