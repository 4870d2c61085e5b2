//! Real files that nobody here made: each ends as variants or as a typed `Reject`; none panics.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use resizer_engine::limits::Limits;
use resizer_engine::pipeline::render;
use resizer_engine::spec::{FormatSpec, OutputFormat, VariantSpec};

/// Files in each folder beside the project, where it is present.
const SETS: [(&str, usize); 19] = [
    ("corpus/avif-microsoft", 13),
    ("corpus/corkami-mitra", 3),
    ("corpus/exif-orientation", 12),
    ("corpus/fuzzdb", 6),
    ("corpus/golang-image", 60),
    ("corpus/image-gif", 17),
    ("corpus/image-png", 27),
    ("corpus/image-rs-image", 771),
    ("corpus/image-webp", 36),
    ("corpus/imagetestsuite", 252),
    ("corpus/jpeg-decoder", 306),
    ("corpus/libavif", 81),
    ("corpus/libjpeg-turbo", 9),
    ("corpus/libpng", 129),
    ("corpus/pngsuite", 169),
    ("corpus/sharp", 86),
    ("corpus/ultrahdr", 5),
    ("corpus/zune-jpeg", 33),
    ("photos", 9),
];

#[test]
fn every_corpus_file_ends_as_variants_or_as_a_typed_reject() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if !shared.join("corpus").is_dir() || !shared.join("photos").is_dir() {
        println!("skipped: no folders with real files in {}", shared.display());
        return;
    }
    let mut panics = Vec::new();
    for (set, expected_files) in SETS {
        let files = files_below(&shared.join(set));
        assert_eq!(files.len(), expected_files, "files in {set}");
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
        println!("{set}: {outcomes:?}");
    }
    assert!(panics.is_empty(), "these files made a decoder panic: {panics:#?}");
}

fn outcome(source: &[u8]) -> String {
    let specs = [variant("w160", 160, OutputFormat::Jpeg), variant("w640", 640, OutputFormat::Png)];
    match render(source, &specs.to_vec().into(), &Limits::default(), &mut |_| {}) {
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
        .collect();
    files.sort();
    files
}
