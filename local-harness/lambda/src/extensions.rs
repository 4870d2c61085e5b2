//! The extensions of one process: their registrations and pending events.
//! In: registrations and work. Out: ids and events. No HTTP, no clock.

use std::sync::Arc;

use super::work::Work;
use crate::seeded::{seed_of, uuid};

/// AWS's limit per execution environment.
pub(crate) const EXTENSIONS_MAX: usize = 10;

/// One registered extension.
#[derive(Debug)]
struct Extension {
    id: String,
    name: String,
    wants_invoke: bool,
    /// Whether it waits for an event.
    waits: bool,
    event: Option<Arc<Work>>,
}

/// All extensions of one process.
#[derive(Debug, Default)]
pub(crate) struct Extensions(Vec<Extension>);

/// Why AWS would refuse a registration.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Rejected {
    Closed,
    NameTaken,
    TooMany,
}

impl Extensions {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn all_wait(&self) -> bool {
        self.0.iter().all(|extension| extension.waits)
    }

    /// Gives the new work to all extensions that are registered for INVOKE.
    pub(crate) fn announce(&mut self, work: &Arc<Work>) {
        for extension in self.0.iter_mut().filter(|extension| extension.wants_invoke) {
            extension.event = Some(Arc::clone(work));
            extension.waits = false;
        }
    }

    /// A new registration's id.
    ///
    /// # Errors
    /// `NameTaken` and `TooMany`.
    pub(crate) fn register(&mut self, name: &str, wants_invoke: bool) -> Result<String, Rejected> {
        if self.0.iter().any(|extension| extension.name == name) {
            return Err(Rejected::NameTaken);
        }
        if self.0.len() == EXTENSIONS_MAX {
            return Err(Rejected::TooMany);
        }
        let id = uuid(seed_of(name), self.0.len() as u64);
        self.0.push(Extension {
            id: id.clone(),
            name: name.to_owned(),
            wants_invoke,
            waits: false,
            event: None,
        });
        Ok(id)
    }

    /// Notes that this extension waits for an event, unless it has one.
    pub(crate) fn ask(&mut self, id: &str) {
        if let Some(extension) = self.find(id) {
            extension.waits = extension.event.is_none();
        }
    }

    /// Takes the pending event of this extension.
    pub(crate) fn take_event(&mut self, id: &str) -> Option<Arc<Work>> {
        self.find(id).and_then(|extension| extension.event.take())
    }

    pub(crate) fn is_registered(&self, id: &str) -> bool {
        self.0.iter().any(|extension| extension.id == id)
    }

    fn find(&mut self, id: &str) -> Option<&mut Extension> {
        self.0.iter_mut().find(|extension| extension.id == id)
    }

    pub(crate) fn has_event(&self, id: &str) -> bool {
        self.0.iter().any(|extension| extension.id == id && extension.event.is_some())
    }
}
