//! `up`: runs everything until it is stopped, prints how to use it, and then one line per upload.

pub mod arguments;
mod banner;
pub mod configuration;
mod cors;
mod ports;
mod reload;
mod secret;
mod services;
mod session;
mod terminal;

use std::time::Duration;

use s3_local::WrongKey;
use tokio::sync::mpsc::{Receiver, Sender, UnboundedReceiver, channel, unbounded_channel};
use tokio::time::{MissedTickBehavior, interval};

use self::arguments::Plan;
use self::services::Services;
use self::session::Session;
use self::terminal::KeyHints;
use super::CommandError;
use crate::harness::{Harness, HarnessOptions, Keys, s3_client_with};

/// Between two looks at the queue.
const QUEUE_TICK: Duration = Duration::from_millis(500);

/// Runs until `stop`.
///
/// # Errors
/// `Harness` for a port, a folder, a bucket's name, the binary, or a function that does not start;
/// `Port` for the ports of the other services.
pub async fn run(
    plan: Plan,
    mut options: HarnessOptions,
    stop: impl Future<Output = ()>,
) -> Result<(), CommandError> {
    let (wrong_key, wrong_keys) = channel(1);
    let keys = configure(&plan, &mut options, wrong_key)?;
    let mut harness = Harness::begin(options).await?;
    if plan.args.public_read {
        harness.s3().set_public_read(&plan.buckets.outputs);
    }
    let (line, lines) = unbounded_channel();
    let services = Services::start(&plan, &harness, &keys, line).await?;
    harness.finish_init().await?;
    let links = s3_client_with(&services.urls.s3, &keys);
    let told = (plan.rates.clone(), plan.redelivery());
    let session = Session::new(plan.args.json, told, links);
    let session = session.with_feed(services.feed.clone());
    session.line(banner::text(&plan, &services.urls, &keys));
    let mut running = Running { harness, session, lines, wrong_keys };
    running.until(stop).await;
    drop(services);
    running.end();
    Ok(())
}

/// Sets the harness up as the plan says, and returns its keys.
fn configure(
    plan: &Plan,
    options: &mut HarnessOptions,
    wrong_key: Sender<WrongKey>,
) -> Result<Keys, CommandError> {
    let (args, redelivery) = (&plan.args, plan.redelivery());
    let secret_key = match &args.secret_key {
        Some(secret) => secret.clone(),
        None => secret::of_data_dir(&args.data_dir)?,
    };
    options.keys = Keys { access_key: args.access_key.clone(), secret_key };
    (options.host, options.port) = (args.host, args.port);
    options.access = plan.access(&args.allowed_origins);
    options.wrong_keys = Some(wrong_key);
    options.retry_delay = redelivery.delay;
    options.queue.max_receive_count = redelivery.max_deliveries;
    options.bucket.clone_from(&plan.buckets.uploads[0]);
    options.more_upload_buckets = plan.buckets.uploads[1..].to_vec();
    options.other_buckets =
        [&plan.buckets.outputs[..], &plan.buckets.others[..], &args.other_buckets[..]].concat();
    Ok(options.keys.clone())
}

/// The harness and what is told of it.
struct Running {
    harness: Harness,
    session: Session,
    lines: UnboundedReceiver<String>,
    wrong_keys: Receiver<WrongKey>,
}

impl Running {
    async fn until(&mut self, stop: impl Future<Output = ()>) {
        let mut stop = std::pin::pin!(stop);
        self.session.begin(&self.harness);
        let mut hints = KeyHints::default();
        let mut tick = interval(QUEUE_TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let Self { harness, session, lines, wrong_keys } = self;
            tokio::select! {
                Some(line) = harness.log.recv() => session.log(&line, harness).await,
                Some(batch) = harness.batches.recv() => session.batch(&batch, harness),
                Some(line) = lines.recv() => session.line(line),
                Some(wrong) = wrong_keys.recv() => {
                    if let Some(hint) = hints.line(wrong) {
                        session.line(hint.to_owned());
                    }
                }
                _ = tick.tick() => session.look_at_queue(harness),
                () = &mut stop => return,
            }
        }
    }

    fn end(self) {
        let unfinished = self.harness.queue.unfinished();
        drop(self.harness);
        self.session.finish();
        eprintln!("\nStopped: the function's processes have ended, the objects are kept.");
        if unfinished > 0 {
            eprintln!(
                "The queue still has {unfinished} events. They are delivered after the next start."
            );
        }
    }
}
