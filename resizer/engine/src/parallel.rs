//! The same work for several items, on several threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// Applies `work` to every item on up to `threads` threads. Starts items in order and returns
/// results in that order.
pub(crate) fn map<T: Sync, R: Send>(
    items: &[T],
    threads: usize,
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if threads <= 1 || items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let work_along = |done: Sender<(usize, R)>| {
        let indices = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        for index in indices.take_while(|index| *index < items.len()) {
            done.send((index, work(&items[index]))).expect("the receiver outlives the threads");
        }
    };
    let (done, results) = channel();
    thread::scope(|scope| {
        for _ in 1..threads.min(items.len()) {
            let done = done.clone();
            scope.spawn(|| work_along(done));
        }
        work_along(done);
    });
    let mut results: Vec<(usize, R)> = results.into_iter().collect();
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}
