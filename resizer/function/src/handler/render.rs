//! The engine on a thread of its own, under the deadline: at its end the engine's stop flag is set
//! and it ends itself, so that nothing works on that nobody waits for. A panic in it fails one
//! upload and no more. Nothing is started that the header says cannot finish in time.

use std::time::Duration;

use resizer_engine::{RenderError, Stop};
use tokio::task::JoinError;
use tokio::time::{Instant, timeout_at};

use super::source::Admitted;
use super::{Terms, Upload};
use crate::budget::Memory;
use crate::error::{Fault, FaultKind, Phase};
use crate::made::{Made, panic_message};
use crate::prepared::Prepared;
use crate::refusal::Refusal;

/// From this delivery on, a file that cannot be finished is refused: two earlier ones have shown
/// that the fault is the file's. Queues give up later: the template's after ten deliveries.
const LATE_DELIVERY: u32 = 3;

/// The part of an invocation that an engine must have had before its file counts as too slow. Less
/// than half, because an engine that others wait for has half of the time.
const FAIR_SHARE: f64 = 0.4;

/// Kept free to write the record of a file that is too slow, at most; else a tenth of the whole.
const RECORD_TIME: Duration = Duration::from_secs(2);

/// What an upload became.
#[derive(Debug)]
pub(super) struct Rendering {
    pub(super) made: Made,
    /// What all of it lies in.
    pub(super) memory: Memory,
}

/// Stops the engine when nobody waits for it any more.
struct StopOnDrop(Stop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.set();
    }
}

impl Upload<'_> {
    /// All variants and their digests in memory, or why there never will be any.
    pub(super) async fn render(
        &self,
        admitted: Admitted,
    ) -> Result<Result<Rendering, Refusal>, Fault> {
        self.run.in_time(Phase::Rendering, self.render_in_turn(admitted)).await
    }

    async fn render_in_turn(
        &self,
        admitted: Admitted,
    ) -> Result<Result<Rendering, Refusal>, Fault> {
        let Admitted { prepared, memory } = admitted;
        let prepared = match prepared {
            Ok(prepared) => prepared,
            Err(reject) => return Ok(Err(reject.into())),
        };
        let processors = self.run.app.budget.processors(self.run.terms.share).await;
        if let Some(refusal) = self.check_time(&prepared)? {
            return Ok(Err(refusal));
        }
        let threads = self.run.terms.share.threads;
        let stop = StopOnDrop(Stop::default());
        let flag = stop.0.clone();
        let began = Instant::now();
        let mut engine = tokio::task::spawn_blocking(move || {
            let (made, times) = Made::timed(&prepared, flag, threads);
            let rendering = made.map(|made| Rendering { made, memory });
            drop((prepared, processors));
            (rendering, times)
        });
        let joined = loop {
            match timeout_at(self.engine_stops_at(began), &mut engine).await {
                Ok(joined) => break joined,
                // The uploads that waited may have ended meanwhile.
                Err(_) if self.engine_stops_at(began) > Instant::now() => {}
                Err(_) => {
                    stop.0.set();
                    break engine.await;
                }
            }
        };
        let (rendering, times) = match joined {
            Ok(ended) => ended,
            Err(error) => return Ok(Err(self.crashed(error)?)),
        };
        self.run.meter.add_engine(times);
        match rendering {
            Ok(rendering) => Ok(Ok(rendering)),
            Err(RenderError::Rejected(reject)) => Ok(Err(reject.into())),
            Err(RenderError::Stopped) => Ok(Err(self.stopped(began.elapsed())?)),
            Err(error @ RenderError::Encoder { .. }) => Ok(Err(self.broken(error.to_string())?)),
        }
    }

    /// When the engine has to end: with half of the time that was left when it began while other
    /// uploads of the event wait, and on a late delivery early enough to say that it did not
    /// suffice.
    fn engine_stops_at(&self, began: Instant) -> Instant {
        let Terms { stop_at, lifetime, .. } = *self.run.terms;
        if self.run.terms.others_wait() {
            return began + stop_at.saturating_duration_since(began) / 2;
        }
        let record_time = RECORD_TIME.min(lifetime / 10);
        let free = if self.is_late() { record_time } else { Duration::ZERO };
        stop_at.checked_sub(free).unwrap_or(stop_at)
    }

    fn is_late(&self) -> bool {
        self.received >= LATE_DELIVERY
    }

    /// What a stopped engine means.
    fn stopped(&self, spent: Duration) -> Result<Refusal, Fault> {
        let spent_ms = u64::try_from(spent.as_millis()).unwrap_or(u64::MAX);
        if self.is_late() && spent >= self.run.terms.lifetime.mul_f64(FAIR_SHARE) {
            return Ok(Refusal::TooSlow { spent_ms, delivery: self.received });
        }
        let cause = format!("the engine was stopped after {spent_ms} ms, before it was done");
        Err(self.run.fault(FaultKind::Deadline, Phase::Rendering, cause))
    }

    /// What a panic means: this project's mistake, which comes back until it is clear that it
    /// always will.
    pub(super) fn crashed(&self, error: JoinError) -> Result<Refusal, Fault> {
        self.broken(panic_message(error))
    }

    /// What a panic, or an encoder that fails, means.
    fn broken(&self, panic: String) -> Result<Refusal, Fault> {
        if self.is_late() {
            return Ok(Refusal::Crashed { panic, delivery: self.received });
        }
        Err(self.run.fault(FaultKind::Bug, Phase::Rendering, panic))
    }

    /// A refusal where no invocation could have time enough.
    fn check_time(&self, prepared: &Prepared) -> Result<Option<Refusal>, Fault> {
        let share = self.run.app.config.processor_share;
        let least = prepared.least_time_on(self.run.terms.share.threads, share);
        let left = self.run.terms.stop_at.saturating_duration_since(Instant::now());
        if least <= left {
            return Ok(None);
        }
        if self.is_late() && least > self.run.terms.lifetime {
            let spent_ms = u64::try_from(least.as_millis()).unwrap_or(u64::MAX);
            return Ok(Some(Refusal::TooSlow { spent_ms, delivery: self.received }));
        }
        let (least, left) = (least.as_millis(), left.as_millis());
        let cause = format!("by its header it takes {least} ms at least, and {left} ms are left");
        Err(self.run.fault(FaultKind::Deadline, Phase::Rendering, cause))
    }
}
