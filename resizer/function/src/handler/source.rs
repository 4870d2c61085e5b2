//! The source in memory, admitted to what it needs: first with a share of the memory, which grows
//! to the length that the head of the response says and to what its parsed file needs; and once
//! more with all memory where other uploads hold what is missing.

use std::collections::BTreeMap;

use resizer_engine::Reject;
use resizer_engine::spec::Request;

use super::Upload;
use super::version::{Kind, Version};
use crate::budget::Memory;
use crate::error::{Fault, Phase};
use crate::prepared::Prepared;
use crate::protocol::Found;
use crate::refusal::Refusal;
use crate::store::{Fetched, FocalPoint, Presence, SourceObject};
use crate::times::{StageTimes, Stopwatch};

/// An upload.
pub(super) struct Held {
    /// What the uploader said of it.
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) content: Result<Admitted, Refusal>,
}

/// A file with the memory that its rendering needs.
pub(super) struct Admitted {
    /// Ready to be rendered, or what the engine refuses it for.
    pub(super) prepared: Result<Prepared, Reject>,
    pub(super) memory: Memory,
}

/// Why a file is not admitted.
pub(super) enum Setback {
    /// Other uploads hold memory that it needs.
    NeedsAllMemory,
    Refused(Refusal),
    Failed(Fault),
}

impl From<Refusal> for Setback {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Setback {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

type Obtained = Found<Version, Held>;

impl Upload<'_> {
    /// GET, and what it means for the protocol.
    pub(super) async fn obtain(&self) -> Result<Obtained, Fault> {
        let budget = &self.run.app.budget;
        self.run
            .in_time(Phase::Fetching, async {
                let share = budget.memory(self.run.terms.share).await;
                if let Some(obtained) = self.obtain_within(share).await? {
                    return Ok(obtained);
                }
                // Bytes and memory of the first attempt are gone: an upload that waits holds
                // nothing.
                let all = budget.all_memory().await;
                let obtained = self.obtain_within(all).await?;
                Ok(obtained.expect("nobody else holds memory beside an upload that has all"))
            })
            .await
    }

    /// `None` where the memory cannot grow to what the upload needs.
    async fn obtain_within(&self, mut memory: Memory) -> Result<Option<Obtained>, Fault> {
        let mut fetched = self.fetch(&mut memory).await?;
        if let Fetched::Unreadable(_) = fetched {
            // What it is has to be known before it is found unreadable, or the record could name
            // an upload that came in between and can be read.
            let Some(present) = self.run.store.head_source(self.run.object).await? else {
                return Ok(Some(Found::Gone));
            };
            fetched = self.fetch(&mut memory).await?;
            if let Fetched::Unreadable(refusal) = fetched {
                return Ok(Some(self.unreadable(present, refusal)));
            }
        }
        match fetched {
            Fetched::Gone => Ok(Some(Found::Gone)),
            Fetched::OwnResult(state) => Ok(Some(Found::NoUpload(Version::of_result(state)))),
            Fetched::NoMemory => Ok(None),
            Fetched::Unreadable(refusal) => unreachable!("it is refused above: {refusal}"),
            Fetched::Upload(source) => self.admitted(source, memory).await,
        }
    }

    async fn fetch(&self, memory: &mut Memory) -> Result<Fetched, Fault> {
        let max_bytes = self.run.app.config.max_source_bytes;
        let admit = |bytes| memory.grow_to(bytes).then(|| memory.bytes());
        let fetch = self.run.store.fetch(self.run.object, max_bytes, admit);
        self.run.meter.measure(|times| &mut times.fetch_ms, fetch).await
    }

    /// An upload with the memory that its header says it needs.
    async fn admitted(
        &self,
        source: SourceObject,
        memory: Memory,
    ) -> Result<Option<Obtained>, Fault> {
        let SourceObject { state, metadata, encoding, content } = source;
        let found = Version::new(self.run.object, state, &metadata, &self.rule.output);
        if found.kind != Kind::Upload {
            return Ok(Some(Found::NoUpload(found)));
        }
        let focal_point = found.state.focal_point;
        let content = match content {
            Ok(bytes) => self.admit(bytes, encoding, focal_point, memory).await,
            Err(refusal) => Err(refusal.into()),
        };
        let content = match content {
            Ok(admitted) => Ok(admitted),
            Err(Setback::Refused(refusal)) => Err(refusal),
            Err(Setback::NeedsAllMemory) => return Ok(None),
            Err(Setback::Failed(fault)) => return Err(fault),
        };
        Ok(Some(Found::Upload { source: found, upload: Held { metadata, content } }))
    }

    async fn admit(
        &self,
        bytes: Vec<u8>,
        encoding: Option<String>,
        focal_point: Option<FocalPoint>,
        memory: Memory,
    ) -> Result<Admitted, Setback> {
        let (bytes, memory) = self.without_encoding(bytes, encoding, memory).await?;
        let request = match focal_point {
            Some(point) => point.applied_to(&self.rule.request),
            None => self.rule.request.clone(),
        };
        let mut admitted = self.prepare(bytes, request, memory).await?;
        let needed = admitted.prepared.as_ref().map_or(0, Prepared::peak_bytes);
        if admitted.memory.grow_to(needed) { Ok(admitted) } else { Err(Setback::NeedsAllMemory) }
    }

    /// An object that is there and cannot be read, known by what HEAD or a listing says of it.
    fn unreadable(&self, present: Presence, refusal: Refusal) -> Obtained {
        let metadata = present.metadata.clone();
        let source = Version::of_presence(self.run.object, present, &self.rule.output);
        match source.kind {
            Kind::Upload => {
                Found::Upload { source, upload: Held { metadata, content: Err(refusal) } }
            }
            Kind::OwnResult | Kind::Folder => Found::NoUpload(source),
        }
    }

    /// The file parsed and its rendering planned, on a thread of its own: some take their time, and
    /// the others of the event, and the deadline, need the runtime's. A parse that outlives the
    /// deadline keeps its memory until it ends.
    async fn prepare(
        &self,
        bytes: Vec<u8>,
        request: Request,
        memory: Memory,
    ) -> Result<Admitted, Setback> {
        let limits = self.run.app.config.limits;
        let preparing = tokio::task::spawn_blocking(move || {
            let mut clock = Stopwatch::start();
            let prepared = Prepared::new(bytes, &request, &limits);
            (Admitted { prepared, memory }, clock.lap_ms())
        });
        match preparing.await {
            Ok((admitted, plan_ms)) => {
                self.run.meter.add_engine(StageTimes { plan_ms, ..StageTimes::default() });
                Ok(admitted)
            }
            Err(error) => Err(self.crashed(error)?.into()),
        }
    }
}
