//! One picture of an upload that no rule asks for: fetched, rendered and not stored, within the
//! same memory, processors and time as uploads.

use resizer_engine::spec::OutputFormat;

use super::run::Run;
use super::{App, Attempt, Terms, Upload};
use crate::error::Fault;
use crate::event::ObjectRef;
use crate::protocol::Found;
use crate::refusal::Refusal;
use crate::rules::Rule;
use crate::store::ProvenanceTag;

/// What became of an upload that one picture was asked of.
#[derive(Debug)]
pub(crate) enum Alone {
    /// The picture, and what it was made by and from.
    Made { bytes: Vec<u8>, format: OutputFormat, tag: ProvenanceTag },
    /// There is no such upload.
    NoSource,
    /// It never has pictures.
    Refused(Refusal),
}

impl App {
    /// The one variant of a rule, made of the upload that is there now.
    ///
    /// # Errors
    /// Any `Fault` that fetching and rendering can have.
    pub(crate) async fn make_alone(
        &self,
        object: &ObjectRef,
        rule: &Rule,
        terms: &Terms,
    ) -> Result<Alone, Fault> {
        let (run, attempt) = (Run::start(self, terms, object), Attempt::First);
        let upload = Upload { run, rule, attempt, received: 1 };
        let (source, held) = match upload.obtain().await? {
            Found::Gone | Found::NoUpload(_) => return Ok(Alone::NoSource),
            Found::Upload { source, upload } => (source, upload),
        };
        let admitted = match held.content {
            Ok(admitted) => admitted,
            Err(refusal) => return Ok(Alone::Refused(refusal)),
        };
        let rendering = match upload.render(admitted).await? {
            Ok(rendering) => rendering,
            Err(refusal) => return Ok(Alone::Refused(refusal)),
        };
        let mut variants = rendering.made.rendered.variants.into_iter();
        let variant = variants.next().expect("one variant is asked for, and one is made");
        let tag = upload.tag(&source.state);
        Ok(Alone::Made { bytes: variant.bytes, format: variant.format, tag })
    }
}
