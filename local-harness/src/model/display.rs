//! The texts of a trace.

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
                write!(f, "{state} arrives, with an old Last-Modified")
            }
            Self::Uploaded { state, .. } => write!(f, "{state} arrives"),
            Self::DeletedByPerson => f.write_str("a user deletes the upload"),
            Self::Duplicated { as_repeated: false } => f.write_str("an event is duplicated"),
            Self::Duplicated { as_repeated: true } => {
                f.write_str("an event is duplicated as a redelivery")
            }
            Self::Deployed => f.write_str("another configuration is deployed"),
            Self::Ticked => f.write_str("time passes"),
            Self::Began { worker, is_repeated } => {
                let event = if *is_repeated { "a redelivered event" } else { "an event" };
                write!(f, "  worker {worker} begins with {event}")
            }
            Self::Died { worker } => {
                write!(f, "  worker {worker} crashes; its event is redelivered")
            }
            Self::Requested { worker, request } => write!(f, "  worker {worker}: {request}"),
            Self::Arrived { write } => write!(f, "a late write arrives: {write}"),
            Self::Ended { worker, end, comes_back } => {
                let more = if *comes_back { "; its event is redelivered" } else { "" };
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
        let done = |done: &bool| if *done { "done" } else { "412, the source has changed" };
        match self {
            Self::HeadSource(state) => write!(f, "HEAD source: {state}"),
            Self::HeadLeftOut => f.write_str("no HEAD of the source (left out)"),
            Self::HeadResult { key, shows, age } => {
                write!(f, "HEAD result {key}: of {shows}, {age} ticks old")
            }
            Self::Get(state) => write!(f, "GET source: {state}"),
            Self::Written(write) => write!(f, "{write}"),
            Self::Unanswered(write) => write!(f, "{write}: no response, it will be retried"),
            Self::Copy { of, is_done } => {
                write!(f, "COPY {of} to the originals: {}", done(is_done))
            }
            Self::DeleteOriginal { of, is_done } => write!(f, "DELETE {of}: {}", done(is_done)),
        }
    }
}
