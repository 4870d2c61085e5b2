//! One message, worked on until it is done, its deadline has come, or the worker ends; hidden from
//! other receivers all the while. Out: what the queue has to do with it.

use std::slice;
use std::time::Duration;

use resizer::answer::process_messages;
use resizer::event::Message;
use tokio::time::{sleep, timeout_at};

use super::finisher::Verdict;
use super::{Queue, Received};
use crate::retry::RetryDelay;
use crate::shared::Shared;
use crate::stop::Phase;

/// The wait after an extension that failed.
const LONGEST_RETRY_PAUSE: Duration = Duration::from_secs(2);

/// Works on a message.
pub(super) async fn deliver(shared: &Shared, queue: &Queue, received: &Received) -> Verdict {
    let _in_flight = shared.metrics.begin();
    let message = Message::new(received.id.clone(), received.received, &received.body);
    let invocation = shared.invocation(received.id.clone());
    let work = process_messages(&shared.app, slice::from_ref(&message), &invocation);
    let retry = RetryDelay::of(shared);
    tokio::select! {
        // A safety net: `process_messages` itself ends before the deadline.
        ended = timeout_at(invocation.deadline, work) => match ended {
            Ok(processed) => {
                shared.metrics.count(&processed.reports);
                if processed.failed.is_empty() {
                    return Verdict::Delete;
                }
                Verdict::Hide(retry.of_message(received.received, &processed.reports))
            }
            Err(_) => {
                let message_id = &received.id;
                tracing::error!(code = "deadline", messageId = message_id, "not done in time");
                Verdict::Hide(retry.of_message(received.received, &Default::default()))
            }
        },
        () = keep_hidden(shared, queue, received) => unreachable!("it never ends"),
        // A request that is cut off may still be carried out, and only a delivery after that can
        // see what it did.
        () = shared.stop.reached(Phase::Ending) => Verdict::Hide(shared.late_requests()),
    }
}

/// Hides the message anew each time that half of its visibility timeout has passed, until its
/// delivery ends.
async fn keep_hidden(shared: &Shared, queue: &Queue, received: &Received) {
    let mut pause = queue.visibility / 2;
    loop {
        sleep(pause).await;
        pause = queue.visibility / 2;
        if let Err(problem) = queue.hide(&received.receipt_handle, queue.visibility).await {
            // As often as possible within the other half. If all fails, another delivery may
            // begin: that costs time and harms nothing.
            pause = (queue.visibility / 20).min(LONGEST_RETRY_PAUSE);
            shared.metrics.queue_failed("extend");
            let message_id = &received.id;
            tracing::warn!(code = "queue", messageId = message_id, "not hidden further: {problem}");
        }
    }
}
