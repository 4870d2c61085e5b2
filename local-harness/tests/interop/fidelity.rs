//! One list of probes, put to the harness and to the emulators of others: moto for S3 and SQS, AWS's
//! Runtime Interface Emulator for Lambda. `probes/differences.toml` explains each difference, and
//! `docs/fidelity.md` shows the answers of this run. RESIZER_ACCEPT=1 writes that page.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;

use local_harness::backend::Backend;
use local_harness::harness::{ACCESS_KEY, HarnessOptions, SECRET_KEY};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::page;
use crate::runtimes::against_the_emulator;
use crate::support::binary;
use crate::tools::{Tools, stdout_of};

/// A probe and what both servers answer.
#[derive(Debug, Deserialize)]
pub(crate) struct Compared {
    pub(crate) group: String,
    pub(crate) name: String,
    pub(crate) ours: Value,
    pub(crate) theirs: Value,
}

impl Compared {
    pub(crate) fn is_same(&self) -> bool {
        self.ours == self.theirs
    }

    /// As `differences.toml` names it.
    fn title(&self) -> String {
        format!("{} / {}", self.group, self.name)
    }
}

/// Which answer AWS's documentation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Right {
    Harness,
    Other,
    /// The documentation leaves it open.
    Open,
}

/// Why some probes are answered differently.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Difference {
    pub(crate) right: Right,
    pub(crate) why: String,
    /// A link in Markdown.
    pub(crate) source: String,
    probes: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Differences {
    difference: Vec<Difference>,
}

/// The explanation of each probe that differs.
pub(crate) type Reasons<'a> = BTreeMap<String, &'a Difference>;

async fn against_moto() -> Vec<Compared> {
    let tools = Tools::get();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let options = HarnessOptions::new(binary(), folder.path().to_owned());
    let backend = Backend::start(&options).await.expect("S3 and a queue start");
    let (_moto, endpoint) = tools.moto().await;
    let keys = |mut place: Value| {
        place["access_key"] = ACCESS_KEY.into();
        place["secret_key"] = SECRET_KEY.into();
        place.to_string()
    };
    let ours = keys(json!({
        "s3": backend.s3_endpoint(), "sqs": backend.sqs_endpoint(), "queue": backend.queue_url(),
    }));
    let theirs = keys(json!({ "s3": endpoint, "sqs": endpoint, "queue": null }));
    let printed = stdout_of(tools.script("probes/compare.py").args([ours, theirs])).await;
    serde_json::from_str(&printed).expect("the script prints JSON")
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("a crate of the workspace")
}

/// The explanations, each for a probe that differs, and one for each such probe.
fn reasons<'a>(differences: &'a [Difference], compared: &[Compared]) -> Reasons<'a> {
    let mut reasons = Reasons::new();
    for difference in differences {
        for probe in &difference.probes {
            let earlier = reasons.insert(probe.clone(), difference);
            assert!(earlier.is_none(), "{probe} is explained twice");
        }
    }
    let mut problems = String::new();
    for one in compared.iter().filter(|one| !one.is_same()) {
        if !reasons.contains_key(&one.title()) {
            let (ours, theirs) = page::differing(one);
            problems += &format!("no explanation: {}\n  {ours}\n  {theirs}\n", one.title());
        }
    }
    for probe in reasons.keys() {
        if !compared.iter().any(|one| !one.is_same() && one.title() == *probe) {
            problems += &format!("explained, and the same by now or no probe: {probe}\n");
        }
    }
    assert!(problems.is_empty(), "{problems}");
    reasons
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs other people's tools: cargo interop"]
async fn every_difference_is_explained() {
    let mut compared = against_moto().await;
    compared.extend(against_the_emulator().await);
    let file = root().join("local-harness/tests/interop/probes/differences.toml");
    let text = fs::read_to_string(file).expect("the file of differences");
    let Differences { difference } = toml::from_str(&text).expect("its form");
    let reasons = reasons(&difference, &compared);
    let page = page::page(&compared, |one| reasons[&one.title()]);
    let path = root().join("docs/fidelity.md");
    if env::var_os("RESIZER_ACCEPT").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    let line = page.lines().zip(kept.lines()).find(|(new, kept)| new != kept);
    assert!(page == kept, "{line:?}: RESIZER_ACCEPT=1 writes docs/fidelity.md again");
}
