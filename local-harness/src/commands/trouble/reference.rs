//! The expected objects of each picture, from a run without faults.

use std::collections::BTreeMap;

use fixtures::scene::photograph;

use super::stored::Stored;
use super::trial::{CONFIG, Trial};
use crate::commands::CommandError;
use crate::harness::HarnessOptions;

/// A placeholder for the key in the objects of a reference. No key of any run contains it.
const KEY: &str = "reference-key";

/// Small good and bad files.
#[derive(Debug)]
pub(crate) struct Pictures(pub(crate) Vec<Vec<u8>>);

/// The results of each picture.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) pictures: Pictures,
    results: Vec<Vec<(String, Stored)>>,
}

impl Pictures {
    /// Two JPEGs, a PNG, and text that is no picture.
    pub(crate) fn new() -> Self {
        let jpeg = |width, height, seed| {
            let options = fixtures::jpeg::JpegOptions::default();
            fixtures::jpeg::jpeg(&photograph(width, height, seed), &options)
        };
        let samples = fixtures::png::Samples::rgb(&photograph(24, 32, 3));
        let png = fixtures::png::png(&samples, &fixtures::png::PngOptions::default());
        Self(vec![jpeg(40, 24, 1), jpeg(24, 24, 2), png, b"this is no picture".to_vec()])
    }
}

impl Reference {
    /// Uploads each picture once, without faults.
    pub(crate) async fn make(options: &HarnessOptions) -> Result<Self, CommandError> {
        let options = HarnessOptions { faults: None, ..options.clone() };
        let trial = Trial::start(options, CONFIG).await?;
        let pictures = Pictures::new();
        for (number, picture) in pictures.0.iter().enumerate() {
            trial.put(&format!("{KEY}-{number}"), picture).await?;
        }
        trial.finish().await?;
        let mut results = vec![Vec::new(); pictures.0.len()];
        for (key, mut stored) in trial.results().await? {
            let of = (0..results.len()).find(|number| key.contains(&format!("{KEY}-{number}")));
            let of = of.expect("nothing else was uploaded");
            let own = format!("{KEY}-{of}");
            stored.replace(&own, KEY);
            results[of].push((key.replace(&own, KEY), stored));
        }
        trial.harness.function.shutdown().await;
        Ok(Self { pictures, results })
    }

    /// The expected objects for uploads by key, each with the number of its picture.
    pub(crate) fn expect<'a>(
        &self,
        uploads: impl IntoIterator<Item = (&'a String, &'a usize)>,
    ) -> BTreeMap<String, Stored> {
        let mut expected = BTreeMap::new();
        for (key, picture) in uploads {
            for (template, stored) in &self.results[*picture] {
                let mut stored = stored.clone();
                stored.replace(KEY, key);
                expected.insert(template.replace(KEY, key), stored);
            }
        }
        expected
    }
}
