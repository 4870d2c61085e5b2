//! Restart markers: when one is due, and what is reset after it.

use std::io::BufRead;

use super::entropy::ScanData;
use super::input::End;
use crate::error::DecodeError;
use crate::marker::{DHT, DNL, DQT, DRI, EOI, Flaw, RST0, RST7, SOS};

/// The state of entropy decoding that a restart marker resets.
#[derive(Debug, Default)]
pub(crate) struct EntropyState {
    /// The last DC value of each component of the scan.
    pub(crate) predicted: [i32; 4],
    /// The end-of-band run: blocks still to come without coefficients.
    pub(crate) end_run: u32,
}

/// Counts MCUs up to the next restart marker.
#[derive(Debug)]
pub(crate) struct Restarts {
    /// The restart interval in MCUs; 0 for none.
    interval: usize,
    /// MCUs left in the interval.
    left: usize,
    /// The number of the next marker, 0 to 7.
    next: u8,
}

impl Restarts {
    pub(crate) fn new(interval: u16) -> Self {
        Self { interval: interval.into(), left: interval.into(), next: 0 }
    }

    /// Reads data ahead, and the restart marker before them if one is due. Returns the number of
    /// MCUs up to the next marker.
    pub(crate) fn before<R: BufRead>(
        &mut self,
        data: &mut ScanData<R>,
        state: &mut EntropyState,
    ) -> Result<usize, DecodeError> {
        if self.interval > 0 && self.left == 0 {
            match data.finish()? {
                End::Marker(marker) if marker == RST0 + self.next => {}
                End::Marker(_) => {
                    let flaw = Flaw("another marker than the next restart");
                    return Err(flaw.at(data.input.offset));
                }
                End::Input => return Err(DecodeError::Truncated { offset: data.input.offset }),
            }
            data.entropy.restart();
            *state = EntropyState::default();
            self.left = self.interval;
            self.next = (self.next + 1) & 7;
        }
        data.make_ready()?;
        Ok(if self.interval > 0 { self.left } else { usize::MAX })
    }

    pub(crate) fn count(&mut self, mcus: usize) {
        self.left = self.left.saturating_sub(mcus);
    }

    /// After damage: searches for the restart marker that is due or one soon after it, and resets
    /// the state. Returns the number of MCUs up to that marker, or `None` if the scan ends before
    /// one. With `only_scan` no other segment can follow the scan but the end marker, so other
    /// markers are part of the damage.
    pub(crate) fn resume<R: BufRead>(
        &mut self,
        data: &mut ScanData<R>,
        state: &mut EntropyState,
        only_scan: bool,
    ) -> Result<Option<usize>, DecodeError> {
        if self.interval == 0 {
            return Ok(None);
        }
        let mut end = match data.finish() {
            Err(DecodeError::Truncated { .. }) => return Ok(None),
            end => end?,
        };
        loop {
            match end {
                End::Input | End::Marker(EOI) => return Ok(None),
                End::Marker(SOS | DHT | DQT | DRI | DNL) if !only_scan => return Ok(None),
                End::Marker(marker @ RST0..=RST7) => {
                    let number = marker - RST0;
                    let lost = number.wrapping_sub(self.next) & 7;
                    // Numbers just before the one due are taken for damage, as in libjpeg.
                    if lost < 6 {
                        let between = self.left + usize::from(lost) * self.interval;
                        data.entropy.restart();
                        *state = EntropyState::default();
                        self.left = self.interval;
                        self.next = (number + 1) & 7;
                        return Ok(Some(between));
                    }
                }
                End::Marker(_) => {}
            }
            end = data.pass_marker()?;
        }
    }
}
