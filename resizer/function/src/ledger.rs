//! The ledger of output layouts: one small object in every output bucket that lists where results
//! of any configuration were ever written, so that a replacement or deletion takes along what an
//! earlier configuration made. Read at first use and again when it is older than a minute, extended
//! before the first result under a new layout is written.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::error::{Fault, FaultKind, Phase};
use crate::event::ObjectRef;
use crate::layout::{Layout, LayoutText, Layouts};
use crate::object_properties::ObjectProperties;
use crate::rules::Rule;
use crate::store::{Condition, NewObject, ProvenanceTag, Requests, Store};
use crate::template::VariantName;

/// The ledger's key. No upload with this key has variants.
pub const LEDGER_KEY: &str = "resizer/layouts.json";

/// Whose the ledger's place is, in every output bucket.
pub(crate) const OF_LEDGER: &str = "the function's own ledger of output layouts";

/// How long what was read is believed.
const FRESH: Duration = Duration::from_secs(60);

/// A ledger with more bytes is none of ours: a layout takes some hundred.
const MAX_LEDGER_BYTES: u64 = 4 << 20;

/// How often two processes may extend the ledger against each other.
const MAX_EXTENSIONS: u32 = 8;

const VERSION: u32 = 1;

/// The object's JSON.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Ledger {
    version: u32,
    layouts: Vec<LayoutText>,
}

/// What is known of each output bucket.
#[derive(Debug, Default)]
pub(crate) struct Ledgers {
    read: Mutex<HashMap<String, (Instant, Arc<Layouts>)>>,
    /// Of processes that must not write.
    pub(crate) are_read_only: bool,
    /// All requests for ledgers.
    requests: std::sync::Mutex<Requests>,
}

impl Ledger {
    /// What an object says; nothing where there is none.
    fn read(json: Option<&[u8]>) -> Result<Self, String> {
        let Some(json) = json else { return Ok(Self { version: VERSION, layouts: Vec::new() }) };
        let ledger: Self = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        match ledger.version {
            VERSION => Ok(ledger),
            version => Err(format!("version {version} is of a later release; deploy that")),
        }
    }

    /// Adds the rules' layouts; false when all of them are there.
    fn extend(&mut self, rules: &[Rule]) -> bool {
        let known = self.layouts.len();
        for layout in rules.iter().map(|rule| Layout::of(rule).to_text()) {
            if !self.layouts.contains(&layout) {
                self.layouts.push(layout);
            }
        }
        self.layouts.len() > known
    }

    fn to_json(&self) -> Vec<u8> {
        let mut json = serde_json::to_vec_pretty(self).expect("strings serialize");
        json.push(b'\n');
        json
    }
}

impl Ledgers {
    /// What was asked of S3 for them.
    pub(crate) fn requests(&self) -> Requests {
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The layouts of an output bucket, with those of `rules` kept in it; `anew` where what was
    /// read a moment ago is not new enough.
    ///
    /// # Errors
    /// `Setup` where the ledger cannot be read as one; any `Fault` of S3.
    pub(crate) async fn layouts(
        &self,
        store: &Store,
        rules: &[Rule],
        bucket: &str,
        anew: bool,
    ) -> Result<Arc<Layouts>, Fault> {
        let mut ledgers = self.read.lock().await;
        if let Some((read, layouts)) = ledgers.get(bucket)
            && read.elapsed() < FRESH
            && !anew
        {
            return Ok(Arc::clone(layouts));
        }
        let read = Instant::now();
        // With a count and retries of its own: it is nobody's upload.
        let store = store.for_one_upload();
        // Boxed, because the compiler limits how deep futures lie in each other.
        let layouts = Box::pin(self.obtain(&store, rules, bucket)).await;
        *self.requests.lock().unwrap_or_else(PoisonError::into_inner) += store.requests();
        let layouts = Arc::new(layouts?);
        ledgers.insert(bucket.to_owned(), (read, Arc::clone(&layouts)));
        Ok(layouts)
    }

    /// Reads the ledger of a bucket, and extends it where it lacks one of the rules' layouts.
    async fn obtain(&self, store: &Store, rules: &[Rule], bucket: &str) -> Result<Layouts, Fault> {
        let object = ObjectRef { bucket: bucket.to_owned(), key: LEDGER_KEY.to_owned() };
        let unreadable = |problem: String| Fault {
            kind: FaultKind::Setup,
            phase: Phase::Fetching,
            object: object.clone(),
            cause: format!("the ledger of output layouts cannot be used: {problem}").into(),
        };
        for _ in 0..MAX_EXTENSIONS {
            let found = store.get_small(&object, MAX_LEDGER_BYTES).await?;
            let json = found.as_ref().map(|(_, json)| json.as_ref());
            let mut ledger = Ledger::read(json).map_err(unreadable)?;
            let earlier: Result<Vec<Layout>, String> =
                ledger.layouts.iter().map(Layout::read).collect();
            let earlier = earlier.map_err(unreadable)?;
            if ledger.extend(rules) && !self.are_read_only {
                let condition = match found {
                    Some((etag, _)) => Condition::Is(etag),
                    None => Condition::Absent,
                };
                let new = NewObject {
                    object: object.clone(),
                    body: Bytes::from(ledger.to_json()),
                    content_type: "application/json",
                    storage: of_records(rules, bucket),
                    metadata: BTreeMap::new(),
                    tag: ProvenanceTag::of_none("layouts"),
                };
                if store.put_if(&new, &condition).await?.is_none() {
                    continue;
                }
            }
            return Ok(Layouts::new(rules, &earlier));
        }
        let cause = format!("other processes changed it {MAX_EXTENSIONS} times").into();
        Err(Fault { kind: FaultKind::Integrity, phase: Phase::Storing, object, cause })
    }
}

/// How the records of a rule are kept that writes here: policies ask tags and encryption of a whole
/// bucket.
fn of_records(rules: &[Rule], bucket: &str) -> ObjectProperties {
    let writes_here =
        |rule: &&Rule| rule.output.bucket.pattern(VariantName::default()).matches(bucket);
    let rule = rules.iter().find(writes_here).or(rules.first());
    rule.map(|rule| rule.output.storage.of_records()).unwrap_or_default()
}
