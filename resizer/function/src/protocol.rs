//! The protocol around one upload as a pure machine: what was seen in, what to do next out.
//! The handler carries its steps out against S3, and the harness's model checker carries out the
//! same steps in every order in which workers, uploads and crashes can meet.
//! Knows no IO, no clock and no pictures: `E` is whatever names a state of the source, `U` what an
//! upload is fetched as, and `W` what the caller says of its work. The last two only pass through.

use std::time::Duration;

/// Rounds before a source that keeps changing is left to the queue.
pub const MAX_ROUNDS: u8 = 3;

/// One delivery of one upload: how often it went round, and what its rule says of originals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol {
    rounds: u8,
    retires: bool,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step<E, U = (), W = ()> {
    /// HEAD the source, then each of its possible results.
    Check,
    /// GET the source as it is now.
    Fetch {
        /// What an earlier round of this delivery stored, of a source that has changed since.
        outdated: Option<W>,
    },
    /// Make everything of this source, write it, and delete what it did not write.
    Replace {
        /// Its state.
        source: E,
        /// What was fetched.
        upload: U,
    },
    /// Delete everything that could have been written.
    Remove {
        /// What lies under the key and has no results, if anything does.
        source: Option<E>,
    },
    /// HEAD the source, then what the round's decision rests on in places that are shared.
    Verify {
        /// What must be there, or nothing.
        expected: Option<E>,
        /// What the round wrote.
        written: Written<W>,
    },
    /// Move or delete the original, if it is still this one.
    Retire {
        /// What every variant was made of.
        source: E,
    },
    /// Nothing.
    Done(End<W>),
}

/// What a round wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Written<W = ()> {
    /// Every variant, so that the original has done its work.
    Variants(W),
    /// A failure record, or nothing at all.
    NoVariants(W),
}

/// How a delivery ends, with what its caller says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End<W = ()> {
    /// What was written last is of the source that is there.
    Verified(W),
    /// Everything was there already.
    UpToDate(W),
    /// There is no original, and none is needed: it may have been retired.
    NoOriginal {
        /// What an earlier round of this delivery stored.
        outdated: Option<W>,
    },
    /// The original went where its rule sends it.
    Retired(W),
    /// All is stored, and the results are too young for the original to go; the delivery must come
    /// back.
    NotQuiescent(W),
    /// The source changed in every round; the delivery must come back.
    Unstable,
}

/// What the up-to-date check showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpToDate<E, W = ()> {
    /// Something is missing or is of another source or fingerprint.
    No,
    /// Every variant names this source and the present fingerprint, and nothing else is there.
    Variants {
        /// What they were made of.
        source: E,
        /// Whether all of them are as old as [`Quiescence`] asks.
        are_quiescent: bool,
        /// What the caller says of that.
        found: W,
    },
    /// The failure record does, and nothing else is there.
    Refusal(W),
}

/// What a GET of the source found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<E, U = ()> {
    /// There is no such object.
    Gone,
    /// An object that gets no results, such as one of the function's own.
    NoUpload(E),
    /// An upload.
    Upload {
        /// Its state.
        source: E,
        /// What was fetched.
        upload: U,
    },
}

/// What HEADs showed after a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verification<E> {
    /// The source as it is now.
    pub present: Option<E>,
    /// Whether [`closing`](crate::closing) has it that another delivery undid what the round wrote,
    /// or that the place at which it was refused is free.
    pub is_undone: bool,
}

/// What became of an original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retirement<W = ()> {
    /// It was moved or deleted.
    Done(W),
    /// Another object lies there now, or none.
    Changed,
}

/// Whose a place is that more than one source may write to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// Nothing lies there.
    Free,
    /// A result of this source, or of a release whose tags name none.
    Own,
    /// A result of another source, or an object that is no result.
    Taken,
}

/// Whose a place is: `found` is the object there, with the origin in its provenance tag.
pub fn claim(own: &str, found: Option<Option<&str>>) -> Claim {
    match found {
        None => Claim::Free,
        Some(Some(origin)) if origin.is_empty() || origin == own => Claim::Own,
        Some(_) => Claim::Taken,
    }
}

/// How old the results of an upload must be before its original may go. What a worker wrote of an
/// earlier upload after that could be repaired only from the original.
///
/// Results of a state of the source were written after that state was read, hence after it was
/// there. A worker that read an earlier state began before, ends within `lifetime`, and what it
/// sent without an answer arrives within `late_requests` after that. The age of the source itself
/// says nothing: S3 dates a multipart upload by its initiation, and a replica by its original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiescence {
    /// The longest that an invocation lives.
    pub lifetime: Duration,
    /// The longest between a request without an answer and its effect.
    pub late_requests: Duration,
    /// How far clocks may be apart.
    pub clocks: Duration,
}

impl Quiescence {
    /// Whether the youngest result is old enough.
    pub fn is_reached(&self, youngest: Duration) -> bool {
        youngest >= self.lifetime + self.late_requests + self.clocks
    }
}

impl<W> Written<W> {
    /// What the caller says of it.
    pub fn get(&self) -> &W {
        match self {
            Self::Variants(value) | Self::NoVariants(value) => value,
        }
    }

    /// The same with another value of the caller.
    #[must_use]
    pub fn map(self, change: impl FnOnce(W) -> W) -> Self {
        match self {
            Self::Variants(value) => Self::Variants(change(value)),
            Self::NoVariants(value) => Self::NoVariants(change(value)),
        }
    }
}

impl<W> End<W> {
    /// Whether the delivery must come back. A write without an answer may still be carried out,
    /// after the writes of a newer upload: only a later delivery can see what it did.
    pub fn comes_back(&self, has_unanswered_write: bool) -> bool {
        matches!(self, Self::NotQuiescent(_) | Self::Unstable) || has_unanswered_write
    }
}

impl Protocol {
    /// Of a delivery under a rule that keeps originals, or retires them.
    pub fn new(retires: bool) -> Self {
        Self { rounds: 1, retires }
    }

    /// How often the source was looked at, this time included.
    pub fn rounds(&self) -> u8 {
        self.rounds
    }

    /// A repeated delivery asks first whether everything is done; a first one does not pay for it.
    pub fn begin<E, U, W>(&self, is_repeated: bool) -> Step<E, U, W> {
        if is_repeated { Step::Check } else { Step::Fetch { outdated: None } }
    }

    /// After `Check`.
    pub fn checked<E, U, W>(&self, check: UpToDate<E, W>) -> Step<E, U, W> {
        match check {
            UpToDate::No => Step::Fetch { outdated: None },
            UpToDate::Variants { source, are_quiescent: true, .. } if self.retires => {
                Step::Retire { source }
            }
            UpToDate::Variants { found, .. } if self.retires => {
                Step::Done(End::NotQuiescent(found))
            }
            UpToDate::Variants { found, .. } | UpToDate::Refusal(found) => {
                Step::Done(End::UpToDate(found))
            }
        }
    }

    /// After `Fetch`.
    pub fn found<E, U, W>(&self, found: Found<E, U>, outdated: Option<W>) -> Step<E, U, W> {
        match found {
            Found::Upload { source, upload } => Step::Replace { source, upload },
            Found::NoUpload(source) => Step::Remove { source: Some(source) },
            Found::Gone if self.retires => Step::Done(End::NoOriginal { outdated }),
            Found::Gone => Step::Remove { source: None },
        }
    }

    /// After `Replace`.
    pub fn replaced<E, U, W>(&self, source: E, written: Written<W>) -> Step<E, U, W> {
        Step::Verify { expected: Some(source), written }
    }

    /// After `Remove`.
    pub fn removed<E, U, W>(&self, source: Option<E>, removed: W) -> Step<E, U, W> {
        Step::Verify { expected: source, written: Written::NoVariants(removed) }
    }

    /// After `Verify`: done when the source is still the one and nothing was undone, and round
    /// again otherwise. What was just stored is too young for its original to go.
    pub fn verified<E: PartialEq, U, W>(
        &mut self,
        expected: Option<E>,
        written: Written<W>,
        seen: Verification<E>,
    ) -> Step<E, U, W> {
        let is_stable = seen.present == expected && !seen.is_undone;
        match written {
            Written::Variants(stored) if !is_stable => self.again(Some(stored)),
            Written::NoVariants(_) if !is_stable => self.again(None),
            Written::Variants(stored) if self.retires => Step::Done(End::NotQuiescent(stored)),
            Written::Variants(done) | Written::NoVariants(done) => Step::Done(End::Verified(done)),
        }
    }

    /// After `Retire`.
    pub fn retired<E, U, W>(&mut self, retirement: Retirement<W>) -> Step<E, U, W> {
        match retirement {
            Retirement::Done(done) => Step::Done(End::Retired(done)),
            Retirement::Changed => self.again(None),
        }
    }

    fn again<E, U, W>(&mut self, outdated: Option<W>) -> Step<E, U, W> {
        if self.rounds == MAX_ROUNDS {
            return Step::Done(End::Unstable);
        }
        self.rounds += 1;
        Step::Fetch { outdated }
    }
}
