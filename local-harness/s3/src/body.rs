//! A request body that can be drained after its reader has given up.
//!
//! Otherwise a client that is still sending would see an early answer, such as "no such bucket", as
//! a broken connection.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::EXPECT;
use hyper::{Error, HeaderMap};

/// How much of an unread body is read for the client's sake.
const MAX_DRAINED_BYTES: usize = 1 << 30;

/// A body whose rest stays reachable through [`Rest`].
#[derive(Debug)]
pub(crate) struct SharedBody {
    inner: Arc<Mutex<Inner>>,
}

/// The hold on what is left of a [`SharedBody`].
#[derive(Debug)]
pub(crate) struct Rest {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    body: Option<Incoming>,
    /// Whether the client is sending: without `Expect: 100-continue`, or after 100 Continue.
    flowing: bool,
}

impl SharedBody {
    /// Splits a body into the one for its reader, and the rest to drain later.
    pub(crate) fn new(body: Incoming, headers: &HeaderMap) -> (Self, Rest) {
        let flowing = !headers.contains_key(EXPECT);
        let inner = Arc::new(Mutex::new(Inner { body: Some(body), flowing }));
        (Self { inner: Arc::clone(&inner) }, Rest { inner })
    }
}

impl Body for SharedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.flowing = true;
        match &mut inner.body {
            Some(body) => Pin::new(body).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.body.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl Rest {
    /// Reads what is left, so that the client gets to read its answer.
    pub(crate) async fn drain(self) {
        let (body, flowing) = {
            let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            (inner.body.take(), inner.flowing)
        };
        let Some(mut body) = body.filter(|body| flowing && !body.is_end_stream()) else { return };
        let mut drained = 0;
        while let Some(Ok(frame)) = body.frame().await {
            drained += frame.data_ref().map_or(0, Bytes::len);
            if drained > MAX_DRAINED_BYTES {
                break;
            }
        }
    }
}
