//! Several invocations at a time in one process, as Lambda Managed Instances send them.
//! In: the workers of the runtime crate, one for each. Out: their answers. All invocations share
//! one [`App`], and so its memory and processors, on the one thread that a single one has.

use std::any::Any;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::rc::Rc;

use futures::FutureExt;
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};

use super::handle;
use crate::answer::Failure;
use crate::handler::App;

/// What became of an event: an answer, or a panic.
type Ended = Result<Result<Value, Failure>, Box<dyn Any + Send>>;

/// An event, and who waits for its answer.
struct Order {
    event: LambdaEvent<Value>,
    reply: oneshot::Sender<Ended>,
}

/// Serves so many invocations at a time. The runtime crate wants to move them between threads. The
/// compiler does not see that those of the handler can be moved, so they stay on this thread, and
/// the crate's workers wait for them.
///
/// # Errors
/// That of the runtime crate, when all of its workers have ended.
pub(super) async fn run(app: App, concurrency: usize) -> Result<(), lambda_runtime::Error> {
    let (orders, received) = mpsc::unbounded_channel();
    let workers = service_fn(move |event| {
        let (reply, ended) = oneshot::channel();
        // The receiver lives as long as the workers do.
        let _ = orders.send(Order { event, reply });
        async move {
            match ended.await.expect("an event is served to its end") {
                Ok(answered) => answered,
                // It becomes an answer as that of a single invocation does.
                Err(panic) => resume_unwind(panic),
            }
        }
    });
    let local = LocalSet::new();
    local.spawn_local(serve(Rc::new(app), concurrency, received));
    local.run_until(lambda_runtime::run_concurrent(workers)).await
}

async fn serve(app: Rc<App>, concurrency: usize, mut orders: mpsc::UnboundedReceiver<Order>) {
    while let Some(Order { event, reply }) = orders.recv().await {
        let app = Rc::clone(&app);
        spawn_local(async move {
            let ended = AssertUnwindSafe(handle(&app, event, concurrency - 1)).catch_unwind().await;
            // The worker may have ended.
            let _ = reply.send(ended);
        });
    }
}
