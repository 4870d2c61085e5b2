//! Real files that nobody here made: each ends as variants or as a typed `Reject`; none panics.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use resizer_engine::spec::{FormatSpec, OutputFormat, VariantSpec};
use resizer_engine::{Limits, render};

/// Files in each set of the corpus.
const SETS: [(&str, usize); 20] = [
    ("avif-microsoft", 13),
    ("corkami-mitra", 3),
    ("exif-orientation", 12),
    ("fuzzdb", 6),
    ("golang-image", 60),
    ("heic", 115),
    ("image-gif", 17),
    ("image-png", 27),
    ("image-rs-image", 771),
    ("image-webp", 36),
    ("imagetestsuite", 252),
    ("jpeg-decoder", 306),
    ("jxl", 138),
    ("libavif", 81),
    ("libjpeg-turbo", 9),
    ("libpng", 129),
    ("pngsuite", 169),
    ("sharp", 86),
    ("ultrahdr", 5),
    ("zune-jpeg", 33),
];

/// Photographs in their folder.
const PHOTOS: usize = 9;

#[test]
#[ignore = "needs RESIZER_CORPUS and RESIZER_PHOTOS"]
fn every_corpus_file_ends_as_variants_or_as_a_typed_reject() {
    let corpus = fixtures::outside::corpus();
    let sets = SETS.map(|(set, files)| (corpus.join(set), files));
    let sets = sets.into_iter().chain([(fixtures::outside::photos(), PHOTOS)]);
    let mut panics = Vec::new();
    for (set, expected_files) in sets {
        let files = files_below(&set);
        assert_eq!(files.len(), expected_files, "files in {}", set.display());
        let mut outcomes = BTreeMap::new();
        for file in files {
            let source = std::fs::read(&file).expect("a listed file can be read");
            let outcome = catch_unwind(AssertUnwindSafe(|| outcome(&source)));
            let outcome = outcome.unwrap_or_else(|_| {
                panics.push(file.clone());
                "panic".to_owned()
            });
            if std::env::var_os("CORPUS_VERBOSE").is_some() {
                println!("    {outcome} {}", file.display());
            }
            let code = outcome.split(':').next().unwrap_or_default().to_owned();
            *outcomes.entry(code).or_insert(0) += 1;
        }
        println!("{}: {outcomes:?}", set.display());
    }
    assert!(panics.is_empty(), "these files made a decoder panic: {panics:#?}");
}

fn outcome(source: &[u8]) -> String {
    let specs = [variant("w160", 160, OutputFormat::Jpeg), variant("w640", 640, OutputFormat::Png)];
    match render(source, &specs.to_vec().into(), &Limits::default()) {
        Ok(rendered) => {
            assert_eq!(rendered.variants.len(), specs.len());
            "variants".to_owned()
        }
        Err(reject) => format!("{}: {reject}", reject.code()),
    }
}

fn variant(name: &str, width: u32, format: OutputFormat) -> VariantSpec {
    VariantSpec {
        name: name.to_owned(),
        width: Some(width),
        formats: vec![FormatSpec::Fixed(format)],
        ..VariantSpec::default()
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the set's folder can be listed");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.is_file() && !path.ends_with("SOURCES.md"))
        .filter(|path| path.extension().is_none_or(|extension| extension != "tsv"))
        .collect();
    files.sort();
    files
}
