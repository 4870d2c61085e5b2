//! The engine on a thread of its own, so that a panic in it is one upload's and no more. Nothing
//! is started that the header says cannot finish in time.

use resizer_engine::error::Reject;
use resizer_engine::limits::Limits;
use resizer_engine::pipeline::{self, Rendered};
use resizer_engine::spec::Request;
use tokio::time::Instant;

use super::Upload;
use crate::budget::Room;
use crate::error::{Fault, FaultKind, Phase};
use crate::forecast::Forecast;
use crate::metrics::{StageTimes, Stopwatch};

impl Upload<'_> {
    /// All variants in memory, or why there never will be any; and the room that they lie in.
    pub(super) async fn render(
        &mut self,
        bytes: Vec<u8>,
        forecast: Option<Forecast>,
        room: Room,
    ) -> Result<(Result<Rendered, Reject>, Room), Fault> {
        self.report.phase = Phase::Rendering;
        // An engine that outlived its deadline cannot be stopped: the next one waits for it.
        let turn = self.app.budget.turn(self.terms.share).await;
        if let Some(forecast) = forecast {
            self.check_time(&forecast)?;
        }
        let request = self.rule.request.clone();
        let limits = Limits { threads: self.terms.share.threads, ..self.app.config.limits };
        let engine = tokio::task::spawn_blocking(move || {
            let rendered = timed_render(&bytes, &request, &limits);
            drop((bytes, turn));
            (rendered, room)
        });
        let ((rendered, times), room) =
            engine.await.map_err(|panic| self.fault(FaultKind::Bug, Phase::Rendering, panic))?;
        self.report.times.plan_ms += times.plan_ms;
        self.report.times.decode_ms += times.decode_ms;
        self.report.times.resize_ms += times.resize_ms;
        self.report.times.encode_ms += times.encode_ms;
        Ok((rendered, room))
    }

    fn check_time(&self, forecast: &Forecast) -> Result<(), Fault> {
        let share = self.app.config.processor_share;
        let least = forecast.least_time_on(self.terms.share.threads, share);
        let left = self.terms.stop_at.saturating_duration_since(Instant::now());
        if least <= left {
            return Ok(());
        }
        let (least, left) = (least.as_millis(), left.as_millis());
        let cause = format!("by its header it takes {least} ms at least, and {left} ms are left");
        Err(self.fault(FaultKind::Deadline, Phase::Rendering, cause))
    }
}

fn timed_render(
    source: &[u8],
    request: &Request,
    limits: &Limits,
) -> (Result<Rendered, Reject>, StageTimes) {
    let mut times = StageTimes::default();
    let mut clock = Stopwatch::start();
    let rendered = pipeline::render(source, request, limits, &mut |stage| {
        *times.of_stage(stage) += clock.lap_ms();
    });
    (rendered, times)
}
