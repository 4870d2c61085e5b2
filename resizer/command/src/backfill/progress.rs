//! How far the work has come: one line that changes on a terminal, and a line now and then
//! elsewhere.

use std::io::{IsTerminal, stderr};
use std::time::Duration;

use tokio::time::Instant;

use crate::output::{complain, grouped, progress};

const ON_TERMINAL: Duration = Duration::from_millis(200);
const ELSEWHERE: Duration = Duration::from_secs(30);

/// The line, and what its speed is computed from.
#[derive(Debug)]
pub(crate) struct Progress {
    is_terminal: bool,
    began: Instant,
    shown: Instant,
    /// Objects of earlier parts of the run.
    before: u64,
    total: Option<u64>,
}

impl Progress {
    /// So many objects were done before; there are so many in all, if that is known.
    pub(crate) fn new(now: Instant, before: u64, total: Option<u64>) -> Self {
        Self { is_terminal: stderr().is_terminal(), began: now, shown: now, before, total }
    }

    /// Shows the line where it is time to.
    pub(crate) fn tick(&mut self, now: Instant, done: u64, failed: u64) {
        let interval = if self.is_terminal { ON_TERMINAL } else { ELSEWHERE };
        if now - self.shown < interval {
            return;
        }
        self.shown = now;
        let line = self.line(now - self.began, done, failed);
        if self.is_terminal { progress(&line) } else { complain(&format!("{line}\n")) }
    }

    /// Makes room for what is printed next.
    pub(crate) fn clear(&self) {
        progress("");
    }

    fn line(&self, spent: Duration, done: u64, failed: u64) -> String {
        let seconds = spent.as_secs_f64().max(0.001);
        let speed = done.saturating_sub(self.before) as f64 / seconds;
        let mut line = match self.total {
            Some(total) => format!("{} of {} objects", grouped(done), grouped(total.max(done))),
            None => format!("{} objects", grouped(done)),
        };
        line.push_str(&format!(", {speed:.1} a second"));
        if let Some(total) = self.total
            && speed > 0.0
            && let left = total.saturating_sub(done) as f64 / speed
            && let Ok(left) = Duration::try_from_secs_f64(left)
        {
            line.push_str(&format!(", {} left", duration(left)));
        }
        if failed > 0 {
            line.push_str(&format!(", {} failed", grouped(failed)));
        }
        line
    }
}

/// In the two largest units.
pub(crate) fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::Progress;

    #[test]
    fn the_line_counts_this_run_and_guesses_the_rest() {
        let spent = Duration::from_secs(100);
        let known = Progress::new(Instant::now(), 1000, Some(10_000));
        assert_eq!(
            known.line(spent, 2000, 3),
            "2,000 of 10,000 objects, 10.0 a second, 13 min 20 s left, 3 failed"
        );
        let unknown = Progress::new(Instant::now(), 0, None);
        assert_eq!(unknown.line(spent, 250, 0), "250 objects, 2.5 a second");
    }
}
