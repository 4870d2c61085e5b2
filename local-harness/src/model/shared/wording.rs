//! The texts of a trace of two sources.

use std::fmt;

use super::{Of, SharedHappening, SharedRequest};

impl fmt::Display for Of {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "source {} (upload {})", self.source, self.upload)
    }
}

impl fmt::Display for SharedHappening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uploaded(of) => write!(f, "{of} arrives"),
            Self::Deleted { source } => write!(f, "a user deletes source {source}"),
            Self::Duplicated { source, as_repeated } => {
                let how = if *as_repeated { "duplicated as a redelivery" } else { "duplicated" };
                write!(f, "an event of source {source} is {how}")
            }
            Self::Began { worker, source, is_repeated } => {
                let event = if *is_repeated { "a redelivered event" } else { "an event" };
                write!(f, "  worker {worker} begins with {event} of source {source}")
            }
            Self::Died { worker } => {
                write!(f, "  worker {worker} crashes; its event is redelivered")
            }
            Self::Requested { worker, request } => write!(f, "  worker {worker}: {request}"),
            Self::Ended { worker, end } => write!(f, "  worker {worker} ends: {end:?}"),
        }
    }
}

impl fmt::Display for SharedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = |done: &bool| if *done { "done" } else { "412, it has changed" };
        let upload = |upload: &u8| match upload {
            0 => "no upload".to_owned(),
            upload => format!("upload {upload}"),
        };
        match self {
            Self::HeadSource(present) => write!(f, "HEAD source: {}", upload(present)),
            Self::Get(present) => write!(f, "GET source: {}", upload(present)),
            Self::Head { key, shows: Some(of) } => write!(f, "HEAD result {key}: of {of}"),
            Self::Head { key, shows: None } => write!(f, "HEAD result {key}: nothing"),
            Self::Put { key, is_done } => write!(f, "PUT result {key}: {}", done(is_done)),
            Self::Delete { key, is_done } => write!(f, "DELETE result {key}: {}", done(is_done)),
        }
    }
}
