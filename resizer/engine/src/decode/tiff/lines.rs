//! The lines of all strips or tiles that lie beside or upon each other, by plane, column and row:
//! strips line by line, tiles as a whole row of them.

use super::Flaw;
use super::chunk::ChunkDecoder;
use crate::source::Tiff;
use crate::spec::Truncated;
use crate::stop::Stop;

/// What is being read.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    pub(super) picture: &'a Tiff<'a>,
    /// Samples that have chunks of their own, of those that are needed; one number else.
    planes: Vec<usize>,
    /// One for each plane; tiles are decoded one after the other.
    decoders: Vec<ChunkDecoder<'a>>,
    /// Of one chunk.
    line_bytes: usize,
    /// Lines of one chunk that are held.
    lines_held: usize,
    bytes: Vec<u8>,
    truncated: Truncated,
    stop: Stop,
}

impl<'a> Lines<'a> {
    pub(super) fn new(picture: &'a Tiff<'a>, truncated: Truncated, stop: &Stop) -> Self {
        let is_planar = picture.samples.is_planar;
        let planes: Vec<usize> =
            if is_planar { picture.needed_samples().collect() } else { vec![0] };
        let is_tiled = picture.chunks.across > 1;
        let decoders = if is_tiled { 1 } else { planes.len() };
        let decoders = (0..decoders).map(|_| ChunkDecoder::new(picture, truncated)).collect();
        let line_bytes = picture.line_bytes() as usize;
        let lines_held = if is_tiled { lines_of_chunk(picture) } else { 1 };
        let chunks = planes.len() * picture.chunks.across as usize;
        let bytes = vec![0; chunks * lines_held * line_bytes];
        let stop = stop.clone();
        Self { picture, planes, decoders, line_bytes, lines_held, bytes, truncated, stop }
    }

    /// Reads the line that begins with a row of the picture, the next one behind those before it.
    ///
    /// # Errors
    /// What is wrong with the data.
    pub(super) fn read(&mut self, row: usize) -> Result<(), Flaw> {
        let chunk_row = row % self.picture.chunks.height as usize;
        if self.picture.chunks.across > 1 {
            return if chunk_row == 0 { self.read_tiles(row) } else { Ok(()) };
        }
        for plane in 0..self.planes.len() {
            if chunk_row == 0 {
                self.start(plane, [plane, 0], row)?;
            }
            self.read_line(plane, [plane, 0, 0], row)?;
        }
        Ok(())
    }

    /// One line of a plane and column, which holds a row of the picture that was read.
    pub(super) fn line(&self, [plane, column]: [usize; 2], row: usize) -> &[u8] {
        let chunk_row = row % self.picture.chunks.height as usize;
        let line = chunk_row / self.picture.color.rows_per_line() % self.lines_held;
        let place = self.place([plane, column, line]);
        &self.bytes[place..place + self.line_bytes]
    }

    fn read_tiles(&mut self, row: usize) -> Result<(), Flaw> {
        let rows_left = self.picture.size.height() as usize - row;
        let lines = rows_left.div_ceil(self.picture.color.rows_per_line()).min(self.lines_held);
        for plane in 0..self.planes.len() {
            for column in 0..self.picture.chunks.across as usize {
                if self.stop.is_set() {
                    return Err(Flaw::Broken("stopped between two tiles"));
                }
                self.start(0, [plane, column], row)?;
                for line in 0..lines {
                    self.read_line(0, [plane, column, line], row)?;
                }
            }
        }
        Ok(())
    }

    fn place(&self, [plane, column, line]: [usize; 3]) -> usize {
        let chunk = plane * self.picture.chunks.across as usize + column;
        (chunk * self.lines_held + line) * self.line_bytes
    }

    /// Begins with the chunk of a plane and column that begins with a row of the picture.
    fn start(
        &mut self,
        decoder: usize,
        [plane, column]: [usize; 2],
        row: usize,
    ) -> Result<(), Flaw> {
        let chunks = &self.picture.chunks;
        let [across, down] = [chunks.across, chunks.down].map(u64::from);
        let rows_of_chunks =
            self.planes[plane] as u64 * down + row as u64 / u64::from(chunks.height);
        let raw_bytes = (lines_of_chunk(self.picture) * self.line_bytes) as u64;
        let data = chunks.data(rows_of_chunks * across + column as u64, raw_bytes);
        let data = data.ok_or(Flaw::Broken("a strip or tile without a place"))?;
        let started = self.decoders[decoder].start(data);
        self.forgive(started, row)
    }

    fn read_line(&mut self, decoder: usize, at: [usize; 3], row: usize) -> Result<(), Flaw> {
        let place = self.place(at);
        let line = &mut self.bytes[place..place + self.line_bytes];
        let read = self.decoders[decoder].read(line);
        if read.is_err() {
            line.fill(0);
        }
        self.forgive(read, row)
    }

    /// Lets an early end pass where a picture that is cut is to be accepted and some row is there.
    fn forgive(&self, result: Result<(), Flaw>, row: usize) -> Result<(), Flaw> {
        match result {
            Err(Flaw::Ended) if row > 0 && self.truncated == Truncated::Accept => Ok(()),
            result => result,
        }
    }
}

/// Lines of a strip or tile, as far as they are in the picture.
fn lines_of_chunk(picture: &Tiff<'_>) -> usize {
    let rows = picture.chunks.height.min(picture.size.height()) as usize;
    rows.div_ceil(picture.color.rows_per_line())
}
