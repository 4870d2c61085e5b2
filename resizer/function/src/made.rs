//! What an upload became: its files with their digests, the manifest that lists them, and how long
//! the engine took. Knows nothing of where they are stored.

use resizer_engine::{Control, RenderError, Rendered, Stop};
use tokio::task::JoinError;

use crate::digest;
use crate::event::ObjectRef;
use crate::ledger::OF_LEDGER;
use crate::manifest::{Manifest, ManifestPlaceholders, ManifestSource, ManifestVariant};
use crate::prepared::Prepared;
use crate::refusal::Refusal;
use crate::rules::{MAX_KEY_BYTES, Rule, Targets};
use crate::times::{StageTimes, Stopwatch};

/// What an upload became.
#[derive(Debug)]
pub struct Made {
    /// The engine's files.
    pub rendered: Rendered,
    /// Size of the upload.
    pub source_bytes: u64,
    /// SHA-256 of the upload, in hexadecimal digits.
    pub source_sha256: String,
    /// Those of the variants.
    pub sha256: Vec<String>,
}

impl Made {
    /// Lets the engine work on so many threads until it is done or told to stop.
    ///
    /// # Errors
    /// The engine's. The times are told in any case.
    pub fn timed(
        prepared: &Prepared,
        stop: Stop,
        threads: usize,
    ) -> (Result<Self, RenderError>, StageTimes) {
        let mut times = StageTimes::default();
        let mut clock = Stopwatch::start();
        let mut stage_ended = |stage| *times.of_stage(stage) += clock.lap_ms();
        let rendered = prepared.render(Control { stop, threads, stage_ended: &mut stage_ended });
        (rendered.map(|rendered| Self::new(prepared.bytes(), rendered)), times)
    }

    fn new(source: &[u8], rendered: Rendered) -> Self {
        let sha256 = rendered.variants.iter().map(|variant| digest::sha256(&variant.bytes));
        let sha256 = sha256.collect();
        Self {
            rendered,
            source_bytes: source.len() as u64,
            source_sha256: digest::sha256(source),
            sha256,
        }
    }

    /// The manifest, whose variants are in the order of the files. `etag` is the upload's, without
    /// quotes.
    ///
    /// # Panics
    /// For files that the rule does not ask for.
    pub fn manifest(
        &self,
        object: &ObjectRef,
        etag: &str,
        rule: &Rule,
        targets: &Targets,
    ) -> Manifest {
        let facts = &self.rendered.source;
        let source = ManifestSource {
            bucket: object.bucket.clone(),
            key: object.key.clone(),
            etag: etag.to_owned(),
            sha256: self.source_sha256.clone(),
            bytes: self.source_bytes,
            format: facts.format.to_string(),
            width: facts.size.width(),
            height: facts.size.height(),
        };
        let variants = self.rendered.variants.iter().zip(&self.sha256).map(|(variant, sha256)| {
            let key = targets.key_of(&variant.name, variant.format);
            ManifestVariant {
                name: variant.name.clone(),
                bucket: targets.bucket.clone(),
                key: key.to_owned(),
                url: rule.output.url(key, &variant.bytes),
                media_type: variant.format.media_type().to_owned(),
                animated: variant.is_animated,
                gain_map: variant.gain_map.map(|outcome| outcome.word().to_owned()),
                width: variant.size.width(),
                height: variant.size.height(),
                bytes: variant.bytes.len() as u64,
                sha256: sha256.clone(),
            }
        });
        let placeholders = self.rendered.placeholders.clone().map(ManifestPlaceholders::from);
        Manifest::new(source, rule.fingerprint.clone(), placeholders, variants.collect())
    }
}

/// Why an upload of this name gets no variants, whatever it is: a key of what it would become is
/// longer than S3 takes, or the ledger's.
pub fn unfit_keys(targets: &Targets) -> Option<Refusal> {
    if let Some(place) = targets.ledger() {
        return Some(Refusal::KeyTaken { place, owner: OF_LEDGER.to_owned() });
    }
    let longest = targets.longest_key_bytes();
    let (key_bytes, limit_bytes) = (longest as u64, MAX_KEY_BYTES as u64);
    (longest > MAX_KEY_BYTES).then_some(Refusal::KeyTooLong { key_bytes, limit_bytes })
}

/// What a panic said of itself.
pub fn panic_message(error: JoinError) -> String {
    let Ok(payload) = error.try_into_panic() else { return "the engine was aborted".to_owned() };
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::panic_message;

    #[tokio::test]
    async fn a_panic_is_reported_with_its_message() {
        let literal = tokio::task::spawn_blocking(|| panic!("of a literal")).await;
        assert_eq!(panic_message(literal.expect_err("it panics")), "of a literal");
        let made = tokio::task::spawn_blocking(|| panic!("of {}", 2)).await;
        assert_eq!(panic_message(made.expect_err("it panics")), "of 2");
        let other = tokio::task::spawn_blocking(|| std::panic::panic_any(3)).await;
        assert_eq!(panic_message(other.expect_err("it panics")), "a panic without a message");
    }
}
