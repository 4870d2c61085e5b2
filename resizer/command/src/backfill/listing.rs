//! The uploads of a target in the order of their keys, a page at a time, and which rule takes each.

use std::time::Duration;

use resizer::config::Config;
use resizer::error::{Fault, FaultKind};
use resizer::event::ObjectRef;
use resizer::rules::{Ignored, Rule};
use resizer::store::{Page, Store};
use tokio::time::sleep;

use super::arguments::Target;
use super::prices::RequestCounts;

/// How often a page is asked for beside the store's own attempts.
const ATTEMPTS: u32 = 5;

/// Pages behind a key.
#[derive(Debug)]
pub(crate) struct Listing<'a> {
    store: &'a Store,
    target: &'a Target,
    after: Option<String>,
    is_done: bool,
}

impl<'a> Listing<'a> {
    /// Behind this key, or from the beginning.
    pub(crate) fn new(store: &'a Store, target: &'a Target, after: Option<String>) -> Self {
        Self { store, target, after, is_done: false }
    }

    /// The next page with what it took; nothing behind the last one.
    ///
    /// # Errors
    /// That of the last attempt.
    pub(crate) async fn next(&mut self) -> Result<Option<(Page, RequestCounts)>, Fault> {
        if self.is_done {
            return Ok(None);
        }
        let (page, sent) = page(self.store, self.target, self.after.as_deref()).await?;
        self.is_done = page.is_last;
        if let Some(last) = page.objects.last() {
            self.after = Some(last.key.clone());
        }
        Ok(Some((page, sent)))
    }
}

/// A page of a listing, patiently.
async fn page(
    store: &Store,
    target: &Target,
    after: Option<&str>,
) -> Result<(Page, RequestCounts), Fault> {
    let mut sent = RequestCounts::default();
    let mut attempt = 1;
    loop {
        // With retries of its own.
        let store = store.for_one_upload();
        let page = store.list(&target.bucket, &target.prefix, after).await;
        sent += store.requests().into();
        match page {
            Ok(page) => return Ok((page, sent)),
            Err(fault) if attempt == ATTEMPTS || fault.kind == FaultKind::Setup => {
                return Err(fault);
            }
            Err(_) => sleep(Duration::from_secs(1 << attempt)).await,
        }
        attempt += 1;
    }
}

/// The rule of an upload, by what a listing says of it.
///
/// # Errors
/// Why it gets no variants.
pub(crate) fn rule_of<'a>(
    config: &'a Config,
    object: &ObjectRef,
    size_bytes: u64,
) -> Result<&'a Rule, Ignored> {
    let rule = config.rule_for(object)?;
    let is_folder = object.key.ends_with('/') && size_bytes == 0;
    if is_folder { Err(Ignored::Folder) } else { Ok(rule) }
}
