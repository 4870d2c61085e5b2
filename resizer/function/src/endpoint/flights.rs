//! What is being made for a request, so that others that want the same wait for it instead of
//! making it too. Holds within one process; what two processes make at once is the same bytes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// What is being made, by name.
#[derive(Debug, Default)]
pub(crate) struct Flights(Mutex<HashMap<String, Weak<AsyncMutex<()>>>>);

/// The right to make something; others may have it once this is dropped.
pub(super) type Flight = OwnedMutexGuard<()>;

impl Flights {
    /// `Some` at once if nobody makes this. Otherwise waits until the one that makes it has ended,
    /// and returns `None`.
    pub(super) async fn lead_or_wait(&self, name: &str) -> Option<Flight> {
        let flight = self.flight(name);
        match Arc::clone(&flight).try_lock_owned() {
            Ok(lead) => Some(lead),
            Err(_) => {
                drop(flight.lock().await);
                None
            }
        }
    }

    fn flight(&self, name: &str) -> Arc<AsyncMutex<()>> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(name).and_then(Weak::upgrade) {
            return flight;
        }
        flights.retain(|_, flight| flight.strong_count() > 0);
        let flight = Arc::default();
        flights.insert(name.to_owned(), Arc::downgrade(&flight));
        flight
    }
}

#[cfg(test)]
mod tests {
    use super::Flights;

    #[tokio::test]
    async fn one_makes_what_several_wait_for() {
        let flights = Flights::default();
        let lead = flights.lead_or_wait("a").await.expect("nobody else is there");
        let other = flights.lead_or_wait("b").await.expect("another name");
        let (one, two, ()) =
            tokio::join!(flights.lead_or_wait("a"), flights.lead_or_wait("a"), async {
                tokio::task::yield_now().await;
                drop(lead);
            });
        assert!(one.is_none() && two.is_none(), "they waited, and may look");
        assert!(flights.lead_or_wait("a").await.is_some(), "it is free again");
        drop(other);
        assert!(flights.lead_or_wait("c").await.is_some());
        assert_eq!(flights.0.lock().expect("no panic").len(), 1, "what ended is forgotten");
    }
}
