//! What must hold before anything is deleted: the upload bucket is there, and the configuration is
//! the one that writes to the output bucket.

use std::sync::Arc;

use resizer::layout::Layouts;
use tokio::time::Instant;

use super::{Found, Prune, Trouble};

impl Prune<'_> {
    /// S3 answers a HEAD request in a missing bucket as it does for a missing upload, so the bucket
    /// must be there before a deletion and after the looks that lead to it.
    pub(super) async fn expect_uploads(&self) -> Result<(), Trouble> {
        let store = self.store();
        let probed = store.probe(&self.arguments.target.bucket).await;
        self.spend(store.requests().into());
        Ok(probed?)
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
        if !layouts.are_known {
            return Err(Trouble::Layouts(format!(
                "no function or backfill with this configuration has written to s3://{bucket} yet, \
                 so its results would all be deleted; deploy it, or run a backfill first"
            )));
        }
        let count = layouts.count();
        let first = *self.layouts.borrow_mut().entry(bucket.to_owned()).or_insert(count);
        if first != count {
            return Err(Trouble::Layouts(format!(
                "another configuration began to write to s3://{bucket}; prune with that one"
            )));
        }
        Ok(layouts)
    }
}
