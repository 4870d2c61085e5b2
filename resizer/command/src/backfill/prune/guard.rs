//! What must hold before anything is deleted: the upload bucket is there, and the configuration is
//! the one that writes to the output bucket. Results that were written since the prune began stay.

use std::sync::Arc;
use std::time::Duration;

use resizer::layout::Layouts;
use tokio::time::{Instant, sleep};

use super::{Found, Prune, Trouble};
use crate::backfill::arguments::Target;

/// What Last-Modified and Date are rounded to.
const SECOND: Duration = Duration::from_secs(1);

impl Prune<'_> {
    /// S3 answers a HEAD request in a missing bucket as it does for a missing upload, so the bucket
    /// must be there before a deletion and after the looks that lead to it. Returns S3's time.
    async fn expect_uploads(&self) -> Result<u64, Trouble> {
        let store = self.store();
        let probed = store.probe(&self.arguments.target.bucket).await;
        self.spend(store.requests().into());
        Ok(probed?)
    }

    /// The prune begins at a second of S3's clock that is over, so that what is written from now on
    /// has a later one.
    pub(super) async fn begin(&self) -> Result<(), Trouble> {
        self.began_s.set(self.expect_uploads().await?);
        if !self.arguments.dry_run {
            sleep(SECOND).await;
        }
        Ok(())
    }

    /// Nothing goes that was written since the prune began. If the upload is gone, the function may
    /// not have got to that yet. If the upload is there, the function has just written for it what
    /// this configuration does not write.
    pub(super) fn unless_new(
        &self,
        reason: &'static str,
        found: &Found,
    ) -> Result<Result<&'static str, &'static str>, Trouble> {
        match reason {
            _ if found.written_s <= self.began_s.get() => Ok(Ok(reason)),
            "source_gone" | "no_upload" => Ok(Err("written_meanwhile")),
            _ => Err(other_configuration(&found.place.bucket)),
        }
    }

    /// Whatever was decided still holds. Keeps in the state file that these are about to be
    /// deleted.
    pub(super) async fn intend<'f>(
        &self,
        founds: impl Iterator<Item = &'f Found>,
    ) -> Result<(), Trouble> {
        self.expect_uploads().await?;
        let mut file = self.file.borrow_mut();
        file.state
            .deleted
            .extend(founds.map(|found| format!("{}/{}", found.place.bucket, found.place.key)));
        Ok(file.write(Instant::now())?)
    }

    /// The layouts of an output bucket: the same as at first, and those of the rules among them.
    pub(super) async fn layouts(&self, bucket: &str) -> Result<Arc<Layouts>, Trouble> {
        let layouts = self.app.layouts(bucket).await?;
        if !self.output_buckets().contains(bucket) {
            self.expect_results(&layouts, bucket)?;
        } else if !layouts.are_known {
            return Err(Trouble::Layouts(format!(
                "no function or backfill with this configuration has written to s3://{bucket} yet, \
                 so its results would all be deleted; deploy it, or run a backfill first"
            )));
        } else if !self.arguments.confirm_deployed
            && !layouts.are_newest(bucket, &self.arguments.target.bucket)
        {
            return Err(Trouble::Layouts(format!(
                "another configuration than this one was the last to begin writing to \
                 s3://{bucket}, so its results would be deleted; use the configuration of the \
                 deployed function, or give --confirm-deployed if this is the one (after a \
                 rollback, or after a rule was removed)"
            )));
        }
        let count = layouts.count();
        let first = *self.layouts.borrow_mut().entry(bucket.to_owned()).or_insert(count);
        if first != count {
            return Err(other_configuration(bucket));
        }
        Ok(layouts)
    }

    /// An earlier output bucket has a ledger of its own, which does not know the configuration.
    fn expect_results(&self, layouts: &Layouts, bucket: &str) -> Result<(), Trouble> {
        let Target { bucket: sources, prefix } = &self.arguments.target;
        if !layouts.beginnings(bucket, sources, prefix).is_empty() {
            return Ok(());
        }
        Err(Trouble::Layouts(format!(
            "no configuration wrote results of s3://{sources} to s3://{bucket}, by the ledger \
             there; check --earlier-output-bucket"
        )))
    }
}

fn other_configuration(bucket: &str) -> Trouble {
    Trouble::Layouts(format!(
        "another configuration began to write to s3://{bucket}; prune with that one"
    ))
}
