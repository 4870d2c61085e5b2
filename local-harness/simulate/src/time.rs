//! Virtual time: whole microseconds since the start of a run.

/// Microseconds, as a time since the start of a run or as a duration.
pub type Micros = u64;

/// A millisecond.
pub const MILLISECOND: Micros = 1_000;
/// A second.
pub const SECOND: Micros = 1_000_000;
/// A minute.
pub const MINUTE: Micros = 60 * SECOND;
/// An hour.
pub const HOUR: Micros = 60 * MINUTE;
/// A day.
pub const DAY: Micros = 24 * HOUR;

/// As seconds.
pub fn seconds(time_us: Micros) -> f64 {
    time_us as f64 / SECOND as f64
}

/// From seconds; negative numbers are 0.
pub fn from_seconds(time_s: f64) -> Micros {
    (time_s * SECOND as f64).round() as Micros
}
