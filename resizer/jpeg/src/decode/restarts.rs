//! Restart markers: when one is due, and what starts anew behind it.

use std::io::BufRead;

use super::entropy::ScanData;
use super::input::End;
use crate::error::DecodeError;
use crate::marker::{DHT, DNL, DQT, DRI, EOI, Flaw, RST0, RST7, SOS};

/// What decoding carries from one block to the next, within a restart interval.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    /// The last DC value of each component of the scan.
    pub(crate) predicted: [i32; 4],
    /// Blocks whose end was told in advance.
    pub(crate) end_run: u32,
}

/// Where the restart markers are due.
#[derive(Debug)]
pub(crate) struct Restarts {
    /// In MCUs; 0 for none.
    interval: usize,
    /// MCUs up to the next one.
    left: usize,
    /// 0 to 7.
    next: u8,
}

impl Restarts {
    pub(crate) fn new(interval: u16) -> Self {
        Self { interval: interval.into(), left: interval.into(), next: 0 }
    }

    /// Makes some data ready, behind the next marker if that is due now. Gives the MCUs that may
    /// follow before another.
    pub(crate) fn before<R: BufRead>(
        &mut self,
        data: &mut ScanData<R>,
        carried: &mut Carried,
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
            *carried = Carried::default();
            self.left = self.interval;
            self.next = (self.next + 1) & 7;
        }
        data.make_ready()?;
        Ok(if self.interval > 0 { self.left } else { usize::MAX })
    }

    pub(crate) fn count(&mut self, mcus: usize) {
        self.left = self.left.saturating_sub(mcus);
    }

    /// Behind damage: looks for the next marker that is due, or that follows soon, and starts anew
    /// behind it. Gives the MCUs that lie between; nothing where no such marker comes before the
    /// scan's end. `only_scan` tells that nothing but the end marker can follow the scan, so that
    /// any other marker belongs to the damage.
    pub(crate) fn resume<R: BufRead>(
        &mut self,
        data: &mut ScanData<R>,
        carried: &mut Carried,
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
                    // Those just before the due one come out of the damage, as libjpeg has it.
                    if lost < 6 {
                        let between = self.left + usize::from(lost) * self.interval;
                        data.entropy.restart();
                        *carried = Carried::default();
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
