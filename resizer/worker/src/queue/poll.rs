//! The loop of the queue: as many messages as there are free places, each in a task of its own,
//! until the worker drains; then what is under way, to its end.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::finisher::{Finisher, Verdict, release};
use super::{LONG_POLL, MAX_MESSAGES, Queue, Received, delivery};
use crate::shared::Shared;
use crate::stop::Phase;

/// The wait after a first request for messages that failed; it doubles up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Works until the worker drains and everything under way is done, or ends.
pub(crate) async fn work(shared: Rc<Shared>, queue: Queue) {
    let checking = tokio::task::spawn_local({
        let queue = queue.clone();
        async move { check(&queue).await }
    });
    let finisher = Finisher::start(Rc::clone(&shared), queue.clone());
    let free = Arc::new(Semaphore::new(shared.settings.concurrency));
    let mut deliveries = JoinSet::new();
    let mut pause = FIRST_PAUSE;
    // The first request does not wait for messages, so that the worker is soon known to be ready.
    let mut wait = Duration::ZERO;
    while let Some(places) = places(&free, &shared).await {
        while deliveries.try_join_next().is_some() {}
        match receive(&queue, (places.len(), wait), &shared).await {
            Some(Ok(messages)) => {
                wait = LONG_POLL;
                shared.metrics.asked_for_messages(None);
                pause = FIRST_PAUSE;
                for (message, place) in messages.into_iter().zip(places) {
                    let (shared, queue) = (Rc::clone(&shared), queue.clone());
                    let verdicts = finisher.sender();
                    deliveries.spawn_local(async move {
                        let handle = message.receipt_handle.clone();
                        let verdict = delivered(shared, queue, message).await;
                        verdicts.send(handle, verdict, place);
                    });
                }
            }
            Some(Err(problem)) => {
                tracing::error!(code = "queue", "no messages can be received: {problem}");
                shared.metrics.queue_failed("receive");
                shared.metrics.asked_for_messages(Some(format!("no messages: {problem}")));
                tokio::select! {
                    () = sleep(pause) => pause = (2 * pause).min(LONGEST_PAUSE),
                    () = shared.stop.reached(Phase::Draining) => {}
                }
            }
            None => break,
        }
    }
    checking.abort();
    while deliveries.join_next().await.is_some() {}
    finisher.finish().await;
}

/// The verdict on a message; one of whose delivery panics comes back.
async fn delivered(shared: Rc<Shared>, queue: Queue, message: Received) -> Verdict {
    let (id, again) = (message.id.clone(), shared.settings.retry_delay);
    let work = async move { delivery::deliver(&shared, &queue, &message).await };
    tokio::task::spawn_local(work).await.unwrap_or_else(|bug| {
        tracing::error!(code = "bug", messageId = id, "{bug}");
        Verdict::Hide(again)
    })
}

/// Logs likely mistakes in the queue's attributes.
async fn check(queue: &Queue) {
    match queue.warnings().await {
        Ok(warnings) => {
            for warning in warnings {
                tracing::warn!(code = "queue", "{warning}");
            }
        }
        Err(problem) => tracing::warn!(code = "queue", "the queue was not checked: {problem}"),
    }
}

/// Free places, at least one and at most as many as one request fills; `None` once the worker
/// drains.
async fn places(free: &Arc<Semaphore>, shared: &Shared) -> Option<Vec<OwnedSemaphorePermit>> {
    if shared.stop.phase() > Phase::Working {
        return None;
    }
    let first = tokio::select! {
        first = Arc::clone(free).acquire_owned() => first.expect("it is never closed"),
        () = shared.stop.reached(Phase::Draining) => return None,
    };
    let more = std::iter::from_fn(|| Arc::clone(free).try_acquire_owned().ok());
    Some(std::iter::once(first).chain(more.take(MAX_MESSAGES - 1)).collect())
}

/// One request for messages; `None` where the worker drains meanwhile. It is waited for even then:
/// SQS may answer a request that was cut off, and its messages would be hidden for nothing. What it
/// still brings is released at once.
async fn receive(
    queue: &Queue,
    (max, wait): (usize, Duration),
    shared: &Shared,
) -> Option<Result<Vec<Received>, String>> {
    let mut request = std::pin::pin!(queue.receive(max, wait));
    tokio::select! {
        received = &mut request => return Some(received),
        () = shared.stop.reached(Phase::Draining) => {}
    }
    tokio::select! {
        received = request => {
            release(queue, received.unwrap_or_default(), shared).await;
        }
        () = shared.stop.reached(Phase::Ending) => {}
    }
    None
}
