//! The state of a source, and durations in ticks.

/// Ticks that a worker can run.
pub(crate) const LIFETIME: u8 = 1;
/// Ticks after its retry within which a write without a response can take effect.
pub(crate) const LATE: u8 = 1;
/// Ticks until an event is redelivered: late writes of its last delivery have taken effect by then.
pub(crate) const COMEBACK: u8 = LATE + 1;
/// Ages are counted up to this: lifetime, lateness, and the tick in which both began.
pub(crate) const MAX_AGE: u8 = LIFETIME + LATE + 1;

/// A set of results, a bit each.
pub(crate) type Keys = u32;

/// A state of a source: its bytes, and which upload of them it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct State {
    /// Number of the bytes in the script, from 1; 0 is no object.
    pub(crate) upload: u8,
    /// Which upload of these bytes, from 1.
    pub(crate) time: u8,
}
