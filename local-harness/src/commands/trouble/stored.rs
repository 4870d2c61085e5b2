//! A stored object as a reader sees it.

use std::collections::BTreeMap;
use std::fmt;

/// The parts of the provenance tag that identify the source and its state.
const PROVENANCE: [&str; 2] = ["resizer-source", "resizer-source-state"];

/// A stored object: bytes, Content-Type and user metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: String,
    pub(crate) metadata: BTreeMap<String, String>,
}

impl Stored {
    /// Without the metadata that differs between two uploads of the same bytes.
    pub(crate) fn without_provenance(mut self) -> Self {
        self.metadata.retain(|name, _| !PROVENANCE.contains(&name.as_str()));
        self
    }

    /// Replaces a key in JSON objects, which name their source.
    pub(super) fn replace(&mut self, from: &str, to: &str) {
        if self.content_type == "application/json" {
            let text = String::from_utf8_lossy(&self.bytes);
            self.bytes = text.replace(from, to).into_bytes();
        }
    }
}

impl fmt::Display for Stored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = self.bytes.iter().fold(0_u32, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte));
        let (length, kind) = (self.bytes.len(), &self.content_type);
        write!(f, "{length} bytes of {kind} (sum {sum:08x}) with {:?}", self.metadata)
    }
}
