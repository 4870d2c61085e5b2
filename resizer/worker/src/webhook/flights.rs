//! The objects of events that are under way: an event with one of them waits, because its sender
//! may have lost patience and sent the same event again.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use resizer::event::ObjectRef;
use tokio::sync::Notify;

/// All objects that are under way.
#[derive(Debug, Default)]
pub(super) struct Flights {
    objects: RefCell<HashSet<ObjectRef>>,
    landed: Notify,
}

/// The right to process these objects; others may have it once this is dropped.
#[derive(Debug)]
pub(super) struct Flight {
    flights: Rc<Flights>,
    objects: Vec<ObjectRef>,
}

impl Flights {
    /// Waits until none of these objects is under way.
    pub(super) async fn begin(self: &Rc<Self>, objects: &[ObjectRef]) -> Flight {
        loop {
            // Before the look, so that no end is missed.
            let landed = self.landed.notified();
            if let Some(flight) = self.try_begin(objects) {
                return flight;
            }
            landed.await;
        }
    }

    fn try_begin(self: &Rc<Self>, objects: &[ObjectRef]) -> Option<Flight> {
        let mut under_way = self.objects.borrow_mut();
        if objects.iter().any(|object| under_way.contains(object)) {
            return None;
        }
        under_way.extend(objects.iter().cloned());
        Some(Flight { flights: Rc::clone(self), objects: objects.to_vec() })
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut under_way = self.flights.objects.borrow_mut();
        for object in &self.objects {
            under_way.remove(object);
        }
        self.flights.landed.notify_waiters();
    }
}
