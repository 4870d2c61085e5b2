//! The source with the memory that it needs: a GET within the room that the upload has, and once
//! more with all of it when that is too little.

use std::collections::BTreeMap;

use super::Upload;
use super::version::Version;
use crate::budget::Room;
use crate::error::{Fault, Phase};
use crate::forecast::Forecast;
use crate::metrics::Stopwatch;
use crate::protocol::Found;
use crate::store::{Fetched, SourceObject};

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
                Fetched::NoRoom => match budget.widen(room, max_bytes) {
                    Ok(wider) => wider,
                    Err(_) => budget.all().await,
                },
                Fetched::Upload(source) => {
                    let (source, forecast, room) = self.forecast(source, room).await?;
                    let needed = forecast.map_or(0, |forecast| forecast.memory_bytes);
                    let wide_enough = |room: &Room| room.bytes() >= needed || budget.is_all(room);
                    let room =
                        if wide_enough(&room) { Ok(room) } else { budget.widen(room, needed) };
                    match room {
                        Ok(room) => {
                            let (state, output) = (source.state.clone(), &self.rule.output);
                            let found = Version::new(state, &source.metadata, output);
                            let held = Held { source, forecast, room };
                            return Ok((Found::Upload(found), Some(held)));
                        }
                        // Others hold what is missing: the bytes go before the wait for them.
                        Err(narrow) => drop((source, narrow)),
                    }
                    budget.all().await
                }
            };
        }
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
