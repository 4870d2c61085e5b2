//! The engine on a thread of its own, so that a panic in it is one upload's and no more. Nothing
//! is started that the header says cannot finish in time.

use resizer_engine::error::{Reject, RenderError};
use resizer_engine::limits::Limits;
use resizer_engine::pipeline::{self, Control, Rendered};
use resizer_engine::spec::Request;
use resizer_engine::stop::Stop;
use tokio::time::Instant;

use super::Upload;
use crate::budget::Room;
use crate::digest;
use crate::error::{Fault, FaultKind, Phase};
use crate::forecast::Forecast;
use crate::metrics::{StageTimes, Stopwatch};
use crate::refusal::Refusal;

/// What an upload became.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) rendered: Rendered,
    /// Size of the upload.
    pub(super) source_bytes: u64,
    /// SHA-256 of the upload, in hexadecimal digits.
    pub(super) source_sha256: String,
    /// Those of the variants.
    pub(super) sha256: Vec<String>,
}

impl Made {
    fn new(source: &[u8], rendered: Rendered) -> Self {
        let sha256 = rendered.variants.iter().map(|variant| digest::sha256(&variant.bytes));
        let sha256 = sha256.collect();
        let source_sha256 = digest::sha256(source);
        Self { rendered, source_bytes: source.len() as u64, source_sha256, sha256 }
    }
}

impl Upload<'_> {
    /// All variants and their digests in memory, or why there never will be any; and the room that
    /// they lie in.
    pub(super) async fn render(
        &mut self,
        bytes: Vec<u8>,
        forecast: Option<Forecast>,
        room: Room,
    ) -> Result<(Result<Made, Refusal>, Room), Fault> {
        self.report.phase = Phase::Rendering;
        // An engine that outlived its deadline cannot be stopped: the next one waits for it.
        let turn = self.app.budget.turn(self.terms.share).await;
        if let Some(forecast) = forecast {
            self.check_time(&forecast)?;
        }
        let request = self.rule.request.clone();
        let limits = Limits { threads: self.terms.share.threads, ..self.app.config.limits };
        let engine = tokio::task::spawn_blocking(move || {
            let (rendered, times) = timed_render(&bytes, &request, &limits);
            let made = rendered.map(|rendered| Made::new(&bytes, rendered));
            drop((bytes, turn));
            ((made, times), room)
        });
        let ((made, times), room) =
            engine.await.map_err(|panic| self.fault(FaultKind::Bug, Phase::Rendering, panic))?;
        self.report.times.plan_ms += times.plan_ms;
        self.report.times.decode_ms += times.decode_ms;
        self.report.times.resize_ms += times.resize_ms;
        self.report.times.encode_ms += times.encode_ms;
        Ok((made.map_err(Refusal::from), room))
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
    let mut ended = |stage| *times.of_stage(stage) += clock.lap_ms();
    let mut control = Control { stop: &Stop::default(), ended: &mut ended };
    let rendered = pipeline::render_with(source, request, limits, &mut control);
    let rendered = rendered.map_err(|error| match error {
        RenderError::Rejected(reject) => reject,
        RenderError::Stopped => unreachable!("nobody else has this flag"),
    });
    (rendered, times)
}
