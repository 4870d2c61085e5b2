//! A source at a moment, and how long things last. The unit of time is a tick.

/// Ticks that a worker may live through.
pub(crate) const LIFETIME: u8 = 1;
/// Ticks that a write without an answer may outlive its retry.
pub(crate) const LATE: u8 = 1;
/// Ticks until an event comes back, so that all that was late of its last delivery has arrived.
pub(crate) const COMEBACK: u8 = LATE + 1;
/// Ages beyond this mean the same: lifetime, lateness, and the tick in which both began.
pub(crate) const MAX_AGE: u8 = LIFETIME + LATE + 1;

/// Results by their numbers, a bit each.
pub(crate) type Keys = u32;

/// A state of a source: which bytes, and which upload of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct State {
    /// The bytes by their number in the script, from 1; 0 is no object.
    pub upload: u8,
    /// Which upload of these bytes, from 1.
    pub time: u8,
}
