//! How long the stages of one upload take: measured as they run, over all rounds.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use resizer_engine::Stage;
use serde::{Deserialize, Serialize};

/// Milliseconds of wall time per stage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct StageTimes {
    /// GET, body included.
    pub fetch_ms: f64,
    /// Recognizing, header, limits, plan.
    pub plan_ms: f64,
    /// All pixels of the source.
    pub decode_ms: f64,
    /// All variants.
    pub resize_ms: f64,
    /// All files.
    pub encode_ms: f64,
    /// All PUTs and DELETEs.
    pub store_ms: f64,
    /// HEADs, of the source and of results.
    pub verify_ms: f64,
    /// From the event to the last answer.
    pub total_ms: f64,
}

impl StageTimes {
    /// To hundredths of a millisecond, which is more than the clock is good for.
    #[must_use]
    pub fn rounded(self) -> Self {
        self.map(|milliseconds| (milliseconds * 100.0).round() / 100.0)
    }

    fn map(self, change: impl Fn(f64) -> f64) -> Self {
        Self {
            fetch_ms: change(self.fetch_ms),
            plan_ms: change(self.plan_ms),
            decode_ms: change(self.decode_ms),
            resize_ms: change(self.resize_ms),
            encode_ms: change(self.encode_ms),
            store_ms: change(self.store_ms),
            verify_ms: change(self.verify_ms),
            total_ms: change(self.total_ms),
        }
    }

    /// Where the engine's time is counted.
    pub fn of_stage(&mut self, stage: Stage) -> &mut f64 {
        match stage {
            Stage::Plan => &mut self.plan_ms,
            Stage::Decode => &mut self.decode_ms,
            Stage::Resize => &mut self.resize_ms,
            Stage::Encode => &mut self.encode_ms,
        }
    }
}

/// The running times behind [`StageTimes`].
#[derive(Debug)]
pub struct Meter {
    began: Instant,
    times: Mutex<StageTimes>,
}

impl Meter {
    /// Starts now.
    pub fn start() -> Self {
        Self { began: Instant::now(), times: Mutex::default() }
    }

    /// Counts what some work takes, whether it ends well or not.
    pub async fn measure<T>(
        &self,
        stage: fn(&mut StageTimes) -> &mut f64,
        work: impl Future<Output = T>,
    ) -> T {
        let mut clock = Stopwatch::start();
        let result = work.await;
        self.change(|times| *stage(times) += clock.lap_ms());
        result
    }

    /// Adds what the engine took.
    pub fn add_engine(&self, engine: StageTimes) {
        self.change(|times| {
            times.plan_ms += engine.plan_ms;
            times.decode_ms += engine.decode_ms;
            times.resize_ms += engine.resize_ms;
            times.encode_ms += engine.encode_ms;
        });
    }

    /// Up to now.
    pub fn times(&self) -> StageTimes {
        let times = *self.times.lock().unwrap_or_else(PoisonError::into_inner);
        StageTimes { total_ms: self.began.elapsed().as_secs_f64() * 1000.0, ..times }
    }

    fn change(&self, change: impl FnOnce(&mut StageTimes)) {
        change(&mut self.times.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Milliseconds since the last lap.
#[derive(Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the last lap or the start.
    pub fn lap_ms(&mut self) -> f64 {
        let elapsed = self.0.elapsed();
        self.0 += elapsed;
        elapsed.as_secs_f64() * 1000.0
    }
}
