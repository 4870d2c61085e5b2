//! What happens in words, for the trace to a bad state.

use std::fmt;

use super::state::State;
use super::{Happening, Request, Write};

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.upload {
            0 => f.write_str("no upload"),
            upload if self.time > 1 => write!(f, "upload {upload} (time {})", self.time),
            upload => write!(f, "upload {upload}"),
        }
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uploaded { state, is_dated_back: true } => {
                write!(f, "{state} arrives, dated long ago")
            }
            Self::Uploaded { state, .. } => write!(f, "{state} arrives"),
            Self::DeletedByPerson => f.write_str("a person deletes the upload"),
            Self::Duplicated { as_repeated: false } => f.write_str("an event is duplicated"),
            Self::Duplicated { as_repeated: true } => f.write_str("an event is redelivered"),
            Self::Deployed => f.write_str("another configuration is deployed"),
            Self::Ticked => f.write_str("time passes"),
            Self::Began { worker, is_repeated } => {
                let event = if *is_repeated { "a repeated event" } else { "an event" };
                write!(f, "  worker {worker} begins with {event}")
            }
            Self::Died { worker } => write!(f, "  worker {worker} dies; its event comes back"),
            Self::Requested { worker, request } => write!(f, "  worker {worker}: {request}"),
            Self::Arrived { write } => write!(f, "a late write arrives: {write}"),
            Self::Ended { worker, end, comes_back } => {
                let more = if *comes_back { "; its event comes back" } else { "" };
                write!(f, "  worker {worker} ends: {end:?}{more}")
            }
        }
    }
}

impl fmt::Display for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put { key, of } => write!(f, "PUT result {key} of {of}"),
            Self::Delete { key } => write!(f, "DELETE result {key}"),
        }
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = |done: &bool| if *done { "done" } else { "412, it is another one" };
        match self {
            Self::HeadSource(state) => write!(f, "HEAD source: {state}"),
            Self::HeadLeftOut => f.write_str("no HEAD of the source"),
            Self::HeadResult { key, shows, age } => {
                write!(f, "HEAD result {key}: of {shows}, {age} ticks old")
            }
            Self::Get(state) => write!(f, "GET source: {state}"),
            Self::Written(write) => write!(f, "{write}"),
            Self::Unanswered(write) => write!(f, "{write}: no answer, it is sent again"),
            Self::Copy { of, is_done } => write!(f, "COPY {of} away: {}", done(is_done)),
            Self::DeleteOriginal { of, is_done } => write!(f, "DELETE {of}: {}", done(is_done)),
        }
    }
}
