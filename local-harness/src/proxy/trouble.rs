//! Which request meets which trouble. A request is known by its method, its path and how often it
//! came, so that the same seed strikes the same requests however they are interleaved.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

use super::wire::Message;
use crate::seeded::{Sequence, seed_of};

/// When a late request is carried out at the earliest: after clients have sent it again.
const EARLIEST: Duration = Duration::from_millis(300);

/// When it is at the latest. What comes back must come later.
pub const LATEST: Duration = Duration::from_millis(800);

/// A kind of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// 503 SlowDown.
    SlowDown,
    /// 500 InternalError.
    InternalError,
    /// 429 TooManyRequests.
    TooManyRequests,
    /// 403 RequestTimeTooSkewed.
    ClockSkew,
    /// 404 NoSuchKey for an upload that is there; once for each.
    NotFound,
    /// 412 PreconditionFailed.
    PreconditionFailed,
    /// 409 OperationAborted.
    Conflict,
    /// No HTTP at all.
    Garbage,
    /// The request is read and never answered.
    NoAnswer,
    /// The connection is reset before the request reaches S3.
    ResetBefore,
    /// Half of the body, then a reset.
    ResetWithin,
    /// The whole answer, then a reset.
    ResetAfter,
    /// Half of the body, then silence.
    StallWithin,
    /// A byte each second.
    Drip,
    /// Half of the body, then a clean end.
    EndsEarly,
    /// Content-Length is larger than the body.
    LengthTooLong,
    /// Content-Length is smaller than the body.
    LengthTooShort,
    /// One byte of the body is another one.
    FlippedByte,
    /// The checksum in the answer is another one.
    WrongChecksum,
    /// One byte of an upload is another one when it reaches S3.
    FlippedUpload,
    /// S3 did what was asked, and nobody hears of it.
    AnswerLost,
    /// A write that gets no answer, and is carried out after its retry and after what a newer
    /// upload's delivery writes.
    Late,
    /// A request that waits until it may go on, and is answered then.
    Held,
    /// Whoever asks is killed before its request reaches S3.
    KillBefore,
    /// Whoever asks is killed when S3 has done what was asked.
    KillAfter,
}

/// The kinds that a faulty S3 or network can make.
pub const KINDS: [Kind; 22] = [
    Kind::SlowDown,
    Kind::InternalError,
    Kind::TooManyRequests,
    Kind::ClockSkew,
    Kind::NotFound,
    Kind::PreconditionFailed,
    Kind::Conflict,
    Kind::Garbage,
    Kind::NoAnswer,
    Kind::ResetBefore,
    Kind::ResetWithin,
    Kind::ResetAfter,
    Kind::StallWithin,
    Kind::Drip,
    Kind::EndsEarly,
    Kind::LengthTooLong,
    Kind::LengthTooShort,
    Kind::FlippedByte,
    Kind::WrongChecksum,
    Kind::FlippedUpload,
    Kind::AnswerLost,
    Kind::Late,
];

impl Kind {
    /// The whole answer that takes the place of S3's.
    pub(super) fn instead(self, request: &Message) -> Option<String> {
        let (status, code) = match self {
            Self::SlowDown => ("503 Slow Down", "SlowDown"),
            Self::InternalError => ("500 Internal Server Error", "InternalError"),
            Self::TooManyRequests => ("429 Too Many Requests", "TooManyRequests"),
            Self::ClockSkew => ("403 Forbidden", "RequestTimeTooSkewed"),
            Self::NotFound => ("404 Not Found", "NoSuchKey"),
            Self::PreconditionFailed => ("412 Precondition Failed", "PreconditionFailed"),
            Self::Conflict => ("409 Conflict", "OperationAborted"),
            Self::Garbage => return Some("\u{1}\u{2} this is no HTTP\r\n\r\n".to_owned()),
            _ => return None,
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-type: application/xml\r\n");
        let body = format!("<Error><Code>{code}</Code><Message>trouble</Message></Error>");
        let length = body.len();
        let body = if request.method() == "HEAD" { "" } else { &body };
        Some(format!("{head}content-length: {length}\r\n\r\n{body}"))
    }

    /// Whether it means anything for this request.
    fn suits(self, request: &Message) -> bool {
        let method = request.method();
        match self {
            Self::ResetWithin
            | Self::StallWithin
            | Self::Drip
            | Self::EndsEarly
            | Self::LengthTooLong
            | Self::LengthTooShort
            | Self::FlippedByte
            | Self::WrongChecksum => method == "GET",
            Self::Late => matches!(method, "PUT" | "POST" | "DELETE"),
            Self::NotFound => method == "GET" || method == "HEAD",
            Self::FlippedUpload => method == "PUT" && !request.body().is_empty(),
            _ => true,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// What to do, to whom.
#[derive(Debug, Clone)]
pub enum Plan {
    /// Pass everything on.
    None,
    /// Any of the kinds, or this one alone, at one request in so many.
    Random { seed: u64, one_in: u32, only: Option<Kind> },
    /// This kind at the first request of this method whose path has this text. Late ones are kept
    /// until they are released.
    Once { kind: Kind, method: &'static str, path: String },
    /// This kind at every request, counted from 0, of which the number is in the list. Late ones
    /// are kept until they are released.
    At { kind: Kind, requests: Vec<u64> },
}

/// How often each kind struck.
pub type Counts = HashMap<Kind, u64>;

/// A plan on its way.
#[derive(Debug)]
pub struct Trouble {
    plan: Mutex<Plan>,
    /// Told when whoever asks is to be killed.
    kills: UnboundedSender<()>,
    state: Mutex<State>,
    /// Late requests until they are carried out.
    late: Mutex<Vec<Message>>,
    /// Told when held requests may go on.
    may_go_on: Notify,
}

#[derive(Debug, Default)]
struct State {
    requests: u64,
    seen: HashMap<u64, u64>,
    lied_about: HashSet<u64>,
    counts: Counts,
}

impl Trouble {
    /// A plan, and who carries out its kills.
    pub fn new(plan: Plan, kills: UnboundedSender<()>) -> Self {
        let (plan, state, late) = (Mutex::new(plan), Mutex::default(), Mutex::default());
        Self { plan, kills, state, late, may_go_on: Notify::new() }
    }

    /// From now on this plan; requests are counted anew.
    pub fn change(&self, plan: Plan) {
        *hold(&self.plan) = plan;
        hold(&self.state).requests = 0;
    }

    /// Requests since the plan was changed.
    pub fn requests(&self) -> u64 {
        hold(&self.state).requests
    }

    /// How often each kind struck since the start.
    pub fn counts(&self) -> Counts {
        hold(&self.state).counts.clone()
    }

    /// Keeps a late request, or says after how long it is carried out.
    pub(super) fn keep(&self, request: Message) -> Option<(Message, Duration)> {
        let plan = hold(&self.plan).clone();
        if let Plan::Random { seed, .. } = plan {
            let number = hold(&self.state).requests;
            let mut chance = Sequence::new(seed ^ number.rotate_left(29));
            let span_ms = (LATEST - EARLIEST).as_millis() as u64;
            let after = EARLIEST + Duration::from_millis(chance.below(span_ms));
            return Some((request, after));
        }
        hold(&self.late).push(request);
        None
    }

    /// Lets the requests go on that are held.
    pub fn go_on(&self) {
        self.may_go_on.notify_waiters();
    }

    /// Lets the one go on that has been held the longest.
    pub fn let_one_go_on(&self) {
        self.may_go_on.notify_one();
    }

    pub(super) async fn hold(&self) {
        self.may_go_on.notified().await;
    }

    /// The late requests that were kept.
    pub(super) fn release(&self) -> Vec<Message> {
        std::mem::take(&mut hold(&self.late))
    }

    pub(super) fn kill(&self) {
        // Nobody is left to be killed when the harness shuts down.
        let _ = self.kills.send(());
    }

    pub(super) fn next(&self, request: &Message) -> Option<Kind> {
        let identity = seed_of(&format!("{} {}", request.method(), request.path()));
        let mut state = hold(&self.state);
        let number = state.requests;
        state.requests += 1;
        let occurrence = state.seen.entry(identity).or_default();
        *occurrence += 1;
        let mut plan = hold(&self.plan);
        let kind = match &*plan {
            Plan::None => None,
            Plan::Once { kind, method, path } => {
                let strikes = request.method() == *method && request.path().contains(path.as_str());
                let kind = strikes.then_some(*kind);
                if strikes {
                    *plan = Plan::None;
                }
                kind
            }
            Plan::At { kind, requests } => requests.contains(&number).then_some(*kind),
            Plan::Random { seed, one_in, only } => {
                let of_request = seed ^ identity.rotate_left(17) ^ occurrence.rotate_left(41);
                let mut chance = Sequence::new(of_request);
                let is_meant = |kind: &Kind| only.is_none_or(|only| only == *kind);
                let suitable: Vec<Kind> = KINDS
                    .into_iter()
                    .filter(|kind| is_meant(kind) && kind.suits(request))
                    .collect();
                let strikes = chance.one_in(*one_in) && !suitable.is_empty();
                strikes.then(|| suitable[chance.below(suitable.len() as u64) as usize])
            }
        };
        // S3 is consistent: an object that is there is missed once at most, by GET or by HEAD,
        // whose paths differ in the query. Missed by both, it would be gone for anybody.
        let lie = kind == Some(Kind::NotFound);
        let key = seed_of(request.path().split('?').next().unwrap_or_default());
        let kind = if lie && !state.lied_about.insert(key) { None } else { kind };
        if let Some(kind) = kind {
            *state.counts.entry(kind).or_default() += 1;
        }
        kind
    }
}

/// A panic elsewhere leaves the state whole: it is changed by single assignments.
fn hold<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
