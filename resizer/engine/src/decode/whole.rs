//! A source that was decoded as a whole, handed out in bands.

use super::{BAND_ROWS, Pixels};
use crate::raster::Raster;

/// The raster and how many of its rows are done.
#[derive(Debug)]
pub(super) struct Whole {
    raster: Raster,
    rows_done: usize,
}

impl Whole {
    pub(super) fn new(raster: Raster) -> Self {
        Self { raster, rows_done: 0 }
    }

    pub(super) fn next_band(&mut self, rows: &mut Pixels) -> bool {
        let channels = self.raster.layout().channels();
        let row_bytes = self.raster.size().width() as usize * channels;
        let rest = &self.raster.pixels()[self.rows_done * row_bytes..];
        for row in rest.chunks_exact(row_bytes).take(BAND_ROWS) {
            rows.push_interleaved(row, channels);
            self.rows_done += 1;
        }
        !rest.is_empty()
    }
}
