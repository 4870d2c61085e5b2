//! Whether a rule makes a result of a source as it is now.

use resizer::error::Fault;
use resizer::event::ObjectRef;
use resizer::layout::{Layouts, Place};
use resizer::rules::Rule;

use super::{Found, Prune, Trouble};

/// What lies under the key of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lies {
    Nothing,
    /// A result, or the empty object of a folder.
    NoUpload,
    Upload,
}

impl Prune<'_> {
    /// Whether an upload lies there.
    pub(super) async fn is_upload(&self, source: &ObjectRef) -> Result<bool, Fault> {
        Ok(self.look(source).await? == Lies::Upload)
    }

    /// Whether a rule would write this object for that source.
    pub(super) fn writes(&self, source: &ObjectRef, place: &ObjectRef) -> bool {
        let Ok(rule) = self.app.config().rule_for(source) else { return false };
        let targets = rule.targets(source);
        targets.bucket == place.bucket && targets.keys().any(|key| *key == place.key)
    }

    /// Those of the results of a source that no rule makes of it as it is now. The first look at a
    /// source counts what is kept and what is doomed; the second one passes `counts` as false.
    pub(super) async fn doomed(
        &self,
        layouts: &Layouts,
        source: &ObjectRef,
        founds: Vec<Found>,
        counts: bool,
    ) -> Result<Vec<Found>, Trouble> {
        let lies = self.look(source).await?;
        let mut doomed = Vec::new();
        for found in founds {
            let reason = self.reason(layouts, source, lies, &found.place);
            match reason
                .map_or_else(|kept| Ok(Err(kept)), |reason| self.unless_new(reason, &found))?
            {
                Ok(reason) => {
                    if counts {
                        self.condemn(reason, &found);
                    }
                    doomed.push(found);
                }
                Err(reason) if counts => self.keep(reason, found.size_bytes),
                Err(_) => {}
            }
        }
        Ok(doomed)
    }

    /// Why a result goes, or else why it stays.
    fn reason(
        &self,
        layouts: &Layouts,
        source: &ObjectRef,
        lies: Lies,
        place: &ObjectRef,
    ) -> Result<&'static str, &'static str> {
        let rule = self.app.config().rule_for(source);
        let places = layouts.places(source);
        let is_it = |one: &&Place| (&one.bucket, &one.key) == (&place.bucket, &place.key);
        // A copy of a result that somebody made has its tag, too.
        let known = places.iter().find(is_it).ok_or("no_result")?;
        match lies {
            Lies::Nothing => {
                let retires = rule.is_ok_and(Rule::retires_originals);
                let outlives = known.may_outlive || retires;
                if outlives { Err("outlives_source") } else { Ok("source_gone") }
            }
            Lies::NoUpload => Ok("no_upload"),
            Lies::Upload if rule.is_err() => Ok("no_rule"),
            Lies::Upload if self.writes(source, place) => Err("current"),
            Lies::Upload => Ok("other_key"),
        }
    }

    async fn look(&self, source: &ObjectRef) -> Result<Lies, Fault> {
        let store = self.store();
        let head = store.head_source(source).await;
        self.spend(store.requests().into());
        Ok(match head? {
            None => Lies::Nothing,
            Some(present) if present.tag.is_some() => Lies::NoUpload,
            Some(present) if source.key.ends_with('/') && present.state.size_bytes == 0 => {
                Lies::NoUpload
            }
            Some(_) => Lies::Upload,
        })
    }

    /// Counts a result that goes, and names it in a dry run.
    pub(super) fn condemn(&self, reason: &str, found: &Found) {
        if self.arguments.dry_run {
            let place = format!("s3://{}/{}", found.place.bucket, found.place.key);
            crate::output::print(&format!("{reason}  {}\n", crate::output::shown(&place)));
        }
        let doomed = &mut self.file.borrow_mut().state.counts.taken;
        doomed.entry(reason.to_owned()).or_default().add(found.size_bytes);
    }
}
