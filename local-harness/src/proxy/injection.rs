//! Which request meets which fault. A request is identified by its method, its path and its number
//! of repetitions, so that a seed selects the same requests in any interleaving.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

use super::wire::Message;
use lambda_local::seeded::{Sequence, seed_of};

/// The shortest delay of a late request: clients have retried it by then.
const MIN_LATENESS: Duration = Duration::from_millis(300);

/// The longest delay of a late request. Redeliveries must come later.
pub const MAX_LATENESS: Duration = Duration::from_millis(800);

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
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
    /// The request is read, and never gets a response.
    NoAnswer,
    /// The connection is reset before the request reaches S3.
    ResetBefore,
    /// Half of the body, then a reset.
    ResetWithin,
    /// The whole response, then a reset.
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
    /// The checksum in the response is another one.
    WrongChecksum,
    /// One byte of an upload is another one when it reaches S3.
    FlippedUpload,
    /// S3 carries out the request, and the response is lost.
    AnswerLost,
    /// A write that gets no response and takes effect after its retry, and after the writes of a
    /// newer upload's delivery.
    Late,
    /// A request that waits for [`FaultInjector::go_on`], and is answered then.
    Held,
    /// The client is killed before its request reaches S3.
    KillBefore,
    /// The client is killed after S3 has carried out its request.
    KillAfter,
}

/// The kinds that a faulty S3 or network can cause.
pub const FAULT_KINDS: [FaultKind; 22] = [
    FaultKind::SlowDown,
    FaultKind::InternalError,
    FaultKind::TooManyRequests,
    FaultKind::ClockSkew,
    FaultKind::NotFound,
    FaultKind::PreconditionFailed,
    FaultKind::Conflict,
    FaultKind::Garbage,
    FaultKind::NoAnswer,
    FaultKind::ResetBefore,
    FaultKind::ResetWithin,
    FaultKind::ResetAfter,
    FaultKind::StallWithin,
    FaultKind::Drip,
    FaultKind::EndsEarly,
    FaultKind::LengthTooLong,
    FaultKind::LengthTooShort,
    FaultKind::FlippedByte,
    FaultKind::WrongChecksum,
    FaultKind::FlippedUpload,
    FaultKind::AnswerLost,
    FaultKind::Late,
];

impl FaultKind {
    /// The response in place of S3's.
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

    /// Whether it applies to this request.
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

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// Which requests meet which faults.
#[derive(Debug, Clone)]
pub enum FaultPlan {
    /// No faults.
    None,
    /// All of the kinds, or only this one, at one request in this many.
    Random {
        /// Seed of all random choices.
        seed: u64,
        /// One request in this many meets a fault.
        one_in: u32,
        /// The only kind, if any.
        only: Option<FaultKind>,
    },
    /// This kind at the first request of this method whose path has this text. Late ones are kept
    /// until they are released.
    Once {
        /// The fault.
        kind: FaultKind,
        /// The request's method.
        method: &'static str,
        /// A part of the request's path.
        path: String,
    },
    /// This kind at every request, counted from 0, of which the number is in the list. Late ones
    /// are kept until they are released.
    At {
        /// The fault.
        kind: FaultKind,
        /// Numbers of requests.
        requests: Vec<u64>,
    },
}

/// How often each kind was injected.
pub type Counts = HashMap<FaultKind, u64>;

/// A plan, and how far it has come.
#[derive(Debug)]
pub struct FaultInjector {
    plan: Mutex<FaultPlan>,
    /// Gets a message for each kill of the client.
    kills: UnboundedSender<()>,
    state: Mutex<State>,
    /// Late requests until they are sent.
    late: Mutex<Vec<Message>>,
    /// Wakes held requests.
    may_go_on: Notify,
}

#[derive(Debug, Default)]
struct State {
    requests: u64,
    seen: HashMap<u64, u64>,
    lied_about: HashSet<u64>,
    counts: Counts,
    /// Method and path of every request, once they are recorded.
    recorded: Option<Vec<String>>,
}

impl FaultInjector {
    /// An injector of this plan; `kills` gets a message for each kill.
    pub fn new(plan: FaultPlan, kills: UnboundedSender<()>) -> Self {
        let (plan, state, late) = (Mutex::new(plan), Mutex::default(), Mutex::default());
        Self { plan, kills, state, late, may_go_on: Notify::new() }
    }

    /// Changes the plan, and counts requests from 0 again.
    pub fn change(&self, plan: FaultPlan) {
        *hold(&self.plan) = plan;
        hold(&self.state).requests = 0;
    }

    /// Requests since the last change of the plan.
    pub fn requests(&self) -> u64 {
        hold(&self.state).requests
    }

    /// Records the requests from now on; those so far are forgotten.
    pub fn record(&self) {
        hold(&self.state).recorded = Some(Vec::new());
    }

    /// What was recorded: `GET /bucket/key`, as the client sent it, each request's method and path.
    pub fn recorded(&self) -> Vec<String> {
        hold(&self.state).recorded.clone().unwrap_or_default()
    }

    /// How often each kind was injected since the start.
    pub fn counts(&self) -> Counts {
        hold(&self.state).counts.clone()
    }

    /// Keeps a late request, or returns it with its delay.
    pub(super) fn keep(&self, request: Message) -> Option<(Message, Duration)> {
        let plan = hold(&self.plan).clone();
        if let FaultPlan::Random { seed, .. } = plan {
            let number = hold(&self.state).requests;
            let mut chance = Sequence::new(seed ^ number.rotate_left(29));
            let span_ms = (MAX_LATENESS - MIN_LATENESS).as_millis() as u64;
            let after = MIN_LATENESS + Duration::from_millis(chance.below(span_ms));
            return Some((request, after));
        }
        hold(&self.late).push(request);
        None
    }

    /// Lets held requests continue.
    pub fn go_on(&self) {
        self.may_go_on.notify_waiters();
    }

    /// Lets the request continue that has been held the longest.
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
        // The receiver is gone when the harness shuts down.
        let _ = self.kills.send(());
    }

    pub(super) fn next(&self, request: &Message) -> Option<FaultKind> {
        let identity = seed_of(&format!("{} {}", request.method(), request.path()));
        let mut state = hold(&self.state);
        let number = state.requests;
        state.requests += 1;
        if let Some(recorded) = &mut state.recorded {
            recorded.push(format!("{} {}", request.method(), request.path()));
        }
        let occurrence = state.seen.entry(identity).or_default();
        *occurrence += 1;
        let mut plan = hold(&self.plan);
        let kind = match &*plan {
            FaultPlan::None => None,
            FaultPlan::Once { kind, method, path } => {
                let strikes = request.method() == *method && request.path().contains(path.as_str());
                let kind = strikes.then_some(*kind);
                if strikes {
                    *plan = FaultPlan::None;
                }
                kind
            }
            FaultPlan::At { kind, requests } => requests.contains(&number).then_some(*kind),
            FaultPlan::Random { seed, one_in, only } => {
                let of_request = seed ^ identity.rotate_left(17) ^ occurrence.rotate_left(41);
                let mut chance = Sequence::new(of_request);
                let is_meant = |kind: &FaultKind| only.is_none_or(|only| only == *kind);
                let suitable: Vec<FaultKind> = FAULT_KINDS
                    .into_iter()
                    .filter(|kind| is_meant(kind) && kind.suits(request))
                    .collect();
                let strikes = chance.one_in(*one_in) && !suitable.is_empty();
                strikes.then(|| suitable[chance.below(suitable.len() as u64) as usize])
            }
        };
        // S3 is consistent: an existing object gets one 404 at most, for a GET or for a HEAD, whose
        // paths differ in the query. After two the function would rightly take it as deleted.
        let lie = kind == Some(FaultKind::NotFound);
        let key = seed_of(request.path().split('?').next().unwrap_or_default());
        let kind = if lie && !state.lied_about.insert(key) { None } else { kind };
        if let Some(kind) = kind {
            *state.counts.entry(kind).or_default() += 1;
        }
        kind
    }
}

/// Locks even after a panic elsewhere: the state is changed by single assignments.
fn hold<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
