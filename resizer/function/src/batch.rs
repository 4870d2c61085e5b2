//! The objects of one event in, one report each out: each object once, several at a time within
//! memory and processors, none of them in another one's way.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use tokio::time::Instant;

use crate::event::ObjectRef;
use crate::handler::{App, Delivery, Terms};
use crate::logging;
use crate::metrics::Report;

/// Kept free before the deadline: half a second to answer in, and what stopping takes.
const ANSWER_TIME: Duration = Duration::from_millis(600);

/// What one invocation brings beside its event.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// For the log.
    pub request_id: String,
    /// When the platform stops the process.
    pub deadline: Instant,
    /// How long an invocation of this function may take.
    pub lifetime: Duration,
}

/// Reports by object.
pub type Reports = BTreeMap<ObjectRef, Report>;

/// Does every object of an event once, and prints the line of each as it ends. One that any of its
/// deliveries calls repeated counts as repeated.
pub async fn process_all(
    app: &App,
    deliveries: impl IntoIterator<Item = Delivery>,
    invocation: &Invocation,
) -> Reports {
    let mut distinct: BTreeMap<ObjectRef, bool> = BTreeMap::new();
    for Delivery { object, is_repeated } in deliveries {
        *distinct.entry(object).or_default() |= is_repeated;
    }
    let terms = Terms {
        stop_at: invocation.deadline.checked_sub(ANSWER_TIME).unwrap_or(invocation.deadline),
        lifetime: invocation.lifetime,
        share: app.budget().share(distinct.len()),
    };
    let uploads = distinct.into_iter().map(async |(object, is_repeated)| {
        let report = app.process(Delivery { object, is_repeated }, &terms).await;
        println!("{}", report.to_json(&invocation.request_id, &logging::timestamp()));
        (report.object.clone(), report)
    });
    stream::iter(uploads).buffer_unordered(terms.share.uploads).collect().await
}
