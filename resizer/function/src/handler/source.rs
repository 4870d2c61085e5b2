//! The source with the memory that it needs: a GET within the room that the upload has, and once
//! more with all of it when that is too little.

use std::collections::BTreeMap;

use super::Upload;
use super::version::Version;
use crate::budget::Room;
use crate::error::{Fault, Phase};
use crate::forecast::Forecast;
use crate::metrics::{Outcome, Stopwatch};
use crate::protocol::Found;
use crate::refusal::Refusal;
use crate::rules::Ignored;
use crate::store::{Fetched, Presence, SourceObject};

/// An upload in memory.
pub(super) struct Held {
    pub(super) source: SourceObject,
    /// What its header says; nothing for what has none.
    pub(super) forecast: Option<Forecast>,
    pub(super) room: Room,
}

impl Upload<'_> {
    /// GET, and what it means for the protocol.
    pub(super) async fn obtain(&mut self) -> Result<(Found<Version>, Option<Held>), Fault> {
        self.report.phase = Phase::Fetching;
        let budget = &self.app.budget;
        let mut room = budget.room(self.terms.share).await;
        let mut identified: Option<Presence> = None;
        loop {
            let mut clock = Stopwatch::start();
            let max_bytes = self.app.config.max_source_bytes;
            let object = &self.report.object;
            let fetched = self.store.fetch(object, max_bytes, room.bytes()).await?;
            self.report.times.fetch_ms += clock.lap_ms();
            room = match fetched {
                Fetched::Gone => return Ok((Found::Gone, None)),
                Fetched::OwnResult(state) => {
                    let result = Version { state, metadata: BTreeMap::new() };
                    return Ok((Found::OwnResult(result), None));
                }
                // What it is has to be known before it is found unreadable, or the record could
                // name an upload that came in between and can be read.
                Fetched::Unreadable(refusal) => match identified.take() {
                    None => {
                        identified = self.store.head_source(object).await?;
                        if identified.is_none() {
                            return Ok((Found::Gone, None));
                        }
                        room
                    }
                    Some(present) => return Ok(self.unreadable(present, refusal, room)),
                },
                Fetched::NoRoom => match budget.widen(room, max_bytes) {
                    Ok(wider) => wider,
                    Err(_) => budget.all().await,
                },
                Fetched::Upload(source) => match self.hold(source, room).await? {
                    Some(held) => return Ok(held),
                    None => budget.all().await,
                },
            };
        }
    }

    /// An upload with the room that its header says it needs; `None` where others hold what is
    /// missing: its bytes and its room are gone before the wait for them.
    async fn hold(
        &mut self,
        source: SourceObject,
        room: Room,
    ) -> Result<Option<(Found<Version>, Option<Held>)>, Fault> {
        let budget = &self.app.budget;
        let (Some(source), room) = self.without_encoding(source, room).await? else {
            return Ok(None);
        };
        let found = Version::new(source.state.clone(), &source.metadata, &self.rule.output);
        if is_folder(&self.report.object.key, &source) {
            self.report.outcome = Outcome::Ignored(Ignored::Folder);
            return Ok(Some((Found::OwnResult(found), None)));
        }
        let (source, forecast, room) = self.forecast(source, room).await?;
        let needed = forecast.map_or(0, |forecast| forecast.memory_bytes);
        let is_enough = room.bytes() >= needed || budget.is_all(&room);
        let room = if is_enough { Ok(room) } else { budget.widen(room, needed) };
        let held = |room| (Found::Upload(found), Some(Held { source, forecast, room }));
        Ok(room.ok().map(held))
    }

    /// An object that is there and cannot be read, known by what HEAD or a listing says of it.
    fn unreadable(
        &mut self,
        present: Presence,
        refusal: Refusal,
        room: Room,
    ) -> (Found<Version>, Option<Held>) {
        let is_own = present.mark.is_some();
        let source = SourceObject {
            state: present.state.clone(),
            metadata: present.metadata.clone(),
            encoding: None,
            content: Err(refusal),
        };
        let found = Version::of_presence(present, &self.rule.output);
        if is_own {
            return (Found::OwnResult(found), None);
        }
        (Found::Upload(found), Some(Held { source, forecast: None, room }))
    }

    /// What the header says, read on a thread of its own: some take their time, and the others of
    /// the event, and the deadline, need the runtime's. A walk that outlives the deadline keeps its
    /// room until it ends.
    async fn forecast(
        &self,
        mut source: SourceObject,
        room: Room,
    ) -> Result<(SourceObject, Option<Forecast>, Room), Fault> {
        let bytes = match source.content {
            Ok(bytes) => bytes,
            Err(_) => return Ok((source, None, room)),
        };
        let (request, limits) = (self.rule.request.clone(), self.app.config.limits);
        let walk = tokio::task::spawn_blocking(move || {
            let forecast = Forecast::of(&bytes, &request, &limits);
            (bytes, forecast, room)
        });
        let (content, forecast, room) = match walk.await {
            Ok((bytes, forecast, room)) => (Ok(bytes), forecast, room),
            Err(error) => {
                let refusal = self.crashed(error)?;
                (Err(refusal), None, self.app.budget.room(self.terms.share).await)
            }
        };
        source.content = content;
        Ok((source, forecast, room))
    }
}

/// What consoles make when a person creates a folder.
fn is_folder(key: &str, source: &SourceObject) -> bool {
    key.ends_with('/') && source.content.as_ref().is_ok_and(Vec::is_empty)
}
