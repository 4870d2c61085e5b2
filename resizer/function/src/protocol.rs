//! The protocol around one upload as a pure machine: what was seen in, what to do next out.
//! The handler carries its steps out against S3, and the harness's model checker carries out the
//! same steps in every order in which workers, uploads and crashes can meet.
//! Knows no IO, no clock and no pictures; `E` is whatever names a state of the source.

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
pub enum Step<E> {
    /// HEAD the source, then each of its possible results.
    Prove,
    /// GET the source as it is now.
    Fetch,
    /// Make everything of this source, write it, and delete what it did not write.
    Replace {
        /// What was fetched.
        source: E,
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
        /// Whether variants were stored, so that the original has done its work.
        stored: bool,
    },
    /// Move or delete the original, if it is still this one.
    Retire {
        /// What every variant was made of.
        source: E,
    },
    /// Nothing.
    Done(End),
}

/// How a delivery ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// What was written last is of the source that is there.
    Verified,
    /// Everything was there already.
    Proved,
    /// There is no original, and none is needed: it may have been retired.
    NoOriginal,
    /// The original went where its rule sends it.
    Retired,
    /// All is stored, and the results are too young for the original to go; the delivery must come
    /// back.
    Early,
    /// The source changed in every round; the delivery must come back.
    Restless,
}

/// What HEADs of source and results showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof<E> {
    /// Something is missing or is of another source or recipe.
    Incomplete,
    /// Every variant names this source and the present recipe, and nothing else is there.
    Variants {
        /// What they were made of.
        source: E,
        /// Whether all of them are as old as [`Quiescence`] asks.
        are_quiescent: bool,
    },
    /// The failure record does, and nothing else is there.
    Refusal,
}

/// What a GET of the source found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<E> {
    /// There is no such object.
    Gone,
    /// One of the function's own results.
    OwnResult(E),
    /// An upload.
    Upload(E),
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
pub enum Retirement {
    /// It was moved or deleted.
    Done,
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

impl End {
    /// Whether the delivery must come back. A write without an answer may still be carried out,
    /// after the writes of a newer upload: only a later delivery can see what it did.
    pub fn comes_back(self, has_unanswered_write: bool) -> bool {
        matches!(self, Self::Early | Self::Restless) || has_unanswered_write
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
    pub fn begin<E>(&self, is_repeated: bool) -> Step<E> {
        if is_repeated { Step::Prove } else { Step::Fetch }
    }

    /// After `Prove`.
    pub fn proved<E>(&self, proof: Proof<E>) -> Step<E> {
        match proof {
            Proof::Incomplete => Step::Fetch,
            Proof::Variants { source, are_quiescent: true } if self.retires => {
                Step::Retire { source }
            }
            Proof::Variants { .. } if self.retires => Step::Done(End::Early),
            Proof::Variants { .. } | Proof::Refusal => Step::Done(End::Proved),
        }
    }

    /// After `Fetch`.
    pub fn found<E>(&self, found: Found<E>) -> Step<E> {
        match found {
            Found::Upload(source) => Step::Replace { source },
            Found::OwnResult(source) => Step::Remove { source: Some(source) },
            Found::Gone if self.retires => Step::Done(End::NoOriginal),
            Found::Gone => Step::Remove { source: None },
        }
    }

    /// After `Replace`: `stored` unless the source was refused.
    pub fn replaced<E>(&self, source: E, stored: bool) -> Step<E> {
        Step::Verify { expected: Some(source), stored }
    }

    /// After `Remove`.
    pub fn removed<E>(&self, source: Option<E>) -> Step<E> {
        Step::Verify { expected: source, stored: false }
    }

    /// After `Verify`: done when the source is still the one and nothing was undone, and round
    /// again otherwise. What was just stored is too young for its original to go.
    pub fn verified<E: PartialEq>(
        &mut self,
        expected: Option<E>,
        stored: bool,
        seen: Verification<E>,
    ) -> Step<E> {
        match seen.present {
            present if present != expected || seen.is_undone => self.again(),
            Some(_) if stored && self.retires => Step::Done(End::Early),
            _ => Step::Done(End::Verified),
        }
    }

    /// After `Retire`.
    pub fn retired<E>(&mut self, retirement: Retirement) -> Step<E> {
        match retirement {
            Retirement::Done => Step::Done(End::Retired),
            Retirement::Changed => self.again(),
        }
    }

    fn again<E>(&mut self) -> Step<E> {
        if self.rounds == MAX_ROUNDS {
            return Step::Done(End::Restless);
        }
        self.rounds += 1;
        Step::Fetch
    }
}
