//! A file as an upload in, its results in the folder out: the function's rules, limits and engine,
//! within its budget of memory and processors.

use std::fs;
use std::io;
use std::path::PathBuf;

use resizer::budget::{Budget, Memory, Share};
use resizer::config::Config;
use resizer::digest;
use resizer::made::{Made, panic_message, unfit_keys};
use resizer::manifest::Manifest;
use resizer::prepared::Prepared;
use resizer::reason::reason;
use resizer::refusal::Refusal;
use resizer::rules::{Rule, Targets};
use resizer::times::Stopwatch;
use resizer_engine::{Quantity, Reject, RenderError, Stop};
use tokio::task::spawn_blocking;

use super::folder::{Folder, NewFile};
use super::input::Input;

/// What all files share.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    pub(crate) config: &'a Config,
    pub(crate) budget: &'a Budget,
    pub(crate) share: Share,
    pub(crate) folder: &'a Folder,
}

/// What became of a file.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// All of it is written.
    Made {
        manifest: Box<Manifest>,
        /// The engine's time, in milliseconds.
        engine_ms: f64,
    },
    /// No rule is for it: the stable name of why, and why.
    Ignored(&'static str, String),
    /// The function would refuse it.
    Refused(Refusal),
    /// It could not be read or written.
    Failed(String),
}

impl From<Reject> for Outcome {
    fn from(reject: Reject) -> Self {
        Self::Refused(reject.into())
    }
}

/// A file with the memory that its rendering needs.
struct Admitted {
    prepared: Prepared,
    etag: String,
    memory: Memory,
    plan_ms: f64,
}

impl Work<'_> {
    /// Does all that there is to do for a file.
    pub(crate) async fn outcome(&self, input: &Input) -> Outcome {
        self.made(input).await.unwrap_or_else(|outcome| outcome)
    }

    async fn made(&self, input: &Input) -> Result<Outcome, Outcome> {
        let rules = &self.config.rules;
        let rule = self.config.rule_for(&input.object).map_err(|ignored| {
            let reason = reason(rules, &input.object, ignored);
            Outcome::Ignored(ignored.code(), reason.unwrap_or_else(|| ignored.reason().to_owned()))
        })?;
        let targets = rule.targets(&input.object);
        let share = self.budget.memory(self.share).await;
        let admitted = match self.admitted(input, (rule, &targets), share).await? {
            Some(admitted) => admitted,
            None => {
                let all = self.budget.all_memory().await;
                let admitted = self.admitted(input, (rule, &targets), all).await?;
                admitted.expect("nobody else holds memory beside a file that has all")
            }
        };
        self.rendered(input, (rule, &targets), admitted).await
    }

    /// `None` where other files hold memory that it needs.
    async fn admitted(
        &self,
        input: &Input,
        (rule, targets): (&Rule, &Targets),
        mut memory: Memory,
    ) -> Result<Option<Admitted>, Outcome> {
        let unreadable = |error: io::Error| Outcome::Failed(format!("cannot be read: {error}"));
        let found = fs::metadata(&input.file).map_err(unreadable)?;
        if !found.is_file() {
            let problem = "is no file; name the files of a folder, as in FOLDER/*";
            return Err(Outcome::Failed(problem.to_owned()));
        }
        let (size_bytes, limit_bytes) = (found.len(), self.config.max_source_bytes);
        if size_bytes > limit_bytes {
            return Err(Outcome::Refused(Refusal::SourceTooLarge { size_bytes, limit_bytes }));
        }
        if !memory.grow_to(size_bytes) {
            return Ok(None);
        }
        if memory.bytes() < size_bytes {
            let (quantity, limit) = (Quantity::MemoryBytes, memory.bytes());
            return Err(Reject::TooLarge { quantity, value: size_bytes, limit }.into());
        }
        if let Some(refusal) = unfit_keys(targets) {
            return Err(Outcome::Refused(refusal));
        }
        let (file, request) = (input.file.clone(), rule.request.clone());
        let limits = self.config.limits;
        let preparing = spawn_blocking(move || {
            let (bytes, etag) = read(file)?;
            let mut clock = Stopwatch::start();
            let prepared = Prepared::new(bytes, &request, &limits);
            Ok((prepared, etag, clock.lap_ms()))
        });
        let (prepared, etag, plan_ms) = preparing.await.map_err(crashed)?.map_err(unreadable)?;
        let prepared = prepared?;
        let has_room = memory.grow_to(prepared.peak_bytes());
        Ok(has_room.then_some(Admitted { prepared, etag, memory, plan_ms }))
    }

    async fn rendered(
        &self,
        input: &Input,
        (rule, targets): (&Rule, &Targets),
        admitted: Admitted,
    ) -> Result<Outcome, Outcome> {
        let Admitted { prepared, etag, memory, plan_ms } = admitted;
        let processors = self.budget.processors(self.share).await;
        let threads = self.share.threads;
        let rendering = spawn_blocking(move || {
            let (made, times) = Made::timed(&prepared, Stop::default(), threads);
            drop((prepared, processors));
            (made, times)
        });
        let (made, times) = rendering.await.map_err(crashed)?;
        let made = made.map_err(|error| match error {
            RenderError::Rejected(reject) => reject.into(),
            RenderError::Stopped => unreachable!("nobody sets the flag"),
            error @ RenderError::Encoder { .. } => crash(error.to_string()),
        })?;
        let engine_ms =
            plan_ms + times.plan_ms + times.decode_ms + times.resize_ms + times.encode_ms;
        let manifest = made.manifest(&input.object, &etag, rule, targets);
        let bodies = made.rendered.variants.into_iter().map(|variant| variant.bytes);
        let mut files: Vec<NewFile> = std::iter::zip(&manifest.variants, bodies)
            .map(|(listed, bytes)| NewFile { object: targets.object(&listed.key), bytes })
            .collect();
        if let Some(key) = &targets.manifest {
            files.push(NewFile { object: targets.object(key), bytes: manifest.to_json() });
        }
        self.folder.write(&input.object, files)?;
        drop(memory);
        Ok(Outcome::Made { manifest: Box::new(manifest), engine_ms })
    }
}

/// The bytes, and the ETag that S3 gives them.
fn read(file: PathBuf) -> io::Result<(Vec<u8>, String)> {
    let bytes = fs::read(file)?;
    let etag = digest::md5(&bytes);
    Ok((bytes, etag))
}

fn crashed(error: tokio::task::JoinError) -> Outcome {
    crash(panic_message(error))
}

fn crash(panic: String) -> Outcome {
    Outcome::Refused(Refusal::Crashed { panic, delivery: 1 })
}
