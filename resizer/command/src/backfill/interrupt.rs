//! Whether somebody wants the work to end.

use std::process::exit;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use crate::output::complain;

/// The exit code after an interrupt, as shells have it for SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;

/// Becomes true with the first Ctrl-C or SIGTERM; the second one ends the process.
pub(crate) fn interrupts() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    let listen = |kind| signal(kind).expect("a process can listen to its signals");
    let (interrupt, terminate) = (listen(SignalKind::interrupt()), listen(SignalKind::terminate()));
    tokio::spawn(watch_signals(interrupt, terminate, sender));
    receiver
}

async fn watch_signals(mut interrupt: Signal, mut terminate: Signal, sender: watch::Sender<bool>) {
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if sender.send_replace(true) {
            exit(i32::from(INTERRUPTED));
        }
        complain("\nFinishing the objects under way; interrupt again to end at once.\n");
    }
}
