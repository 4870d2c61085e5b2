//! The samples of a track, which are coded pictures: where each lies and how long it is shown.
//! Source: ISO/IEC 14496-12, 8.6.1.2 and 8.7.

use super::boxes::{Numbers, find};

/// The samples from one on. Tables are read where they lie, because a list of samples could be
/// longer than the file.
#[derive(Debug, Clone)]
pub(crate) struct Samples<'a> {
    file: &'a [u8],
    /// How many are left.
    count: u64,
    /// Bytes of each, where all are as long.
    same_bytes: u64,
    lengths: Numbers<'a>,
    chunks: Chunks<'a>,
    times: Times<'a>,
}

/// A coded picture.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample<'a> {
    pub(crate) data: &'a [u8],
    /// How long it is shown, in units of the track.
    pub(crate) duration: u64,
}

impl<'a> Samples<'a> {
    /// Those of a sample table (`stbl`); `None` where a box is missing.
    pub(super) fn new(file: &'a [u8], table: &'a [u8]) -> Option<Self> {
        let (_, _, mut lengths) = Numbers::of_full_box(find(table, b"stsz")?)?;
        let (same_bytes, count) = (lengths.next(4)?, lengths.next(4)?);
        let (offsets, offset_bytes) = match find(table, b"stco") {
            Some(body) => (body, 4),
            None => (find(table, b"co64")?, 8),
        };
        let entries = |body| {
            let (_, _, mut numbers) = Numbers::of_full_box(body)?;
            numbers.next(4)?;
            Some(numbers)
        };
        let no_times = Numbers(&[]);
        let runs = find(table, b"stsc").and_then(entries).unwrap_or(Numbers(&[]));
        Some(Self {
            file,
            count,
            same_bytes,
            lengths,
            chunks: Chunks {
                offsets: entries(offsets)?,
                offset_bytes,
                number: 0,
                runs,
                samples_of_run: 1,
                samples_left: 0,
                position: 0,
            },
            times: Times {
                runs: find(table, b"stts").and_then(entries).unwrap_or(no_times),
                samples_left: 0,
                duration: 0,
            },
        })
    }

    /// How many are left, as the table says.
    pub(super) fn announced(&self) -> u64 {
        self.count
    }

    fn sample(&mut self) -> Option<Sample<'a>> {
        self.count = self.count.checked_sub(1)?;
        let length = if self.same_bytes > 0 { self.same_bytes } else { self.lengths.next(4)? };
        let start = usize::try_from(self.chunks.place(length)?).ok()?;
        let data = self.file.get(start..)?.get(..usize::try_from(length).ok()?)?;
        let duration = self.times.next();
        (!data.is_empty()).then_some(Sample { data, duration })
    }
}

impl<'a> Iterator for Samples<'a> {
    type Item = Sample<'a>;

    /// `None` behind the last one, and from the first one on that lies outside of the file.
    fn next(&mut self) -> Option<Sample<'a>> {
        let sample = self.sample();
        if sample.is_none() {
            self.count = 0;
        }
        sample
    }
}

/// Chunks, each of which is samples one behind the other.
#[derive(Debug, Clone)]
struct Chunks<'a> {
    offsets: Numbers<'a>,
    offset_bytes: usize,
    /// Of the chunk that is read, from 1 on.
    number: u64,
    /// The first chunk of each run of chunks that have as many samples, and how many those are.
    runs: Numbers<'a>,
    samples_of_run: u64,
    samples_left: u64,
    position: u64,
}

impl Chunks<'_> {
    /// The place of the next sample, which is that long.
    fn place(&mut self, length: u64) -> Option<u64> {
        while self.samples_left == 0 {
            self.position = self.offsets.next(self.offset_bytes)?;
            self.number += 1;
            let mut ahead = self.runs;
            while ahead.next(4).is_some_and(|first| first <= self.number) {
                self.samples_of_run = ahead.next(4)?;
                ahead.next(4)?;
                self.runs = ahead;
            }
            self.samples_left = self.samples_of_run;
        }
        self.samples_left -= 1;
        let place = self.position;
        self.position = place.checked_add(length)?;
        Some(place)
    }
}

/// Runs of samples that are shown as long.
#[derive(Debug, Clone)]
struct Times<'a> {
    runs: Numbers<'a>,
    samples_left: u64,
    duration: u64,
}

impl Times<'_> {
    /// Behind the last run, that of its samples.
    fn next(&mut self) -> u64 {
        while self.samples_left == 0
            && let Some((samples, duration)) = self.runs.next(4).zip(self.runs.next(4))
        {
            (self.samples_left, self.duration) = (samples, duration);
        }
        self.samples_left = self.samples_left.saturating_sub(1);
        self.duration
    }
}
