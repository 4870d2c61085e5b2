//! Whether the bytes of variants are still those of `ENGINE_REVISION`: digests of what becomes of
//! every good fixture, held against the list beside this file. The portable kernels and those for
//! AVX2 agree on all of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use resizer_engine::spec::{Effort, Fit, FormatSpec, Light, OutputFormat, Request, VariantSpec};
use resizer_engine::{ENGINE_REVISION, Limits, render};

/// What is asked of every fixture: the source's format and each that is written; every way to
/// average, to fit and to save time.
fn request() -> Request {
    let spec = |name: &str, width, fit, formats: &[FormatSpec]| VariantSpec {
        name: name.to_owned(),
        width: Some(width),
        height: (fit != Fit::Inside).then_some(width * 2 / 3),
        fit,
        formats: formats.to_vec(),
        ..VariantSpec::default()
    };
    let fixed = FormatSpec::Fixed;
    Request::from(vec![
        spec("plain", 24, Fit::Inside, &[FormatSpec::Source, fixed(OutputFormat::Gif)]),
        // With sides of at least 64, chroma is 4:2:0.
        spec("modern", 96, Fit::Cover, &[fixed(OutputFormat::Avif)]),
        VariantSpec {
            light: Light::Gamma,
            effort: Effort::Fast,
            ..spec("fast", 48, Fit::Cover, &[fixed(OutputFormat::Jpeg), fixed(OutputFormat::Png)])
        },
        VariantSpec {
            effort: Effort::Small,
            sharpen: 20,
            ..spec("small", 40, Fit::Pad, &[fixed(OutputFormat::Jpeg), fixed(OutputFormat::Webp)])
        },
    ])
}

/// FNV-1a, 64 bits: enough to tell whether two files are the same.
fn digest(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

fn digests() -> BTreeMap<String, String> {
    let (request, limits) = (request(), Limits::default());
    let mut out = BTreeMap::new();
    for fixture in fixtures::good::all() {
        let rendered = render(&fixture.bytes, &request, &limits);
        let rendered = rendered.unwrap_or_else(|reject| panic!("{}: {reject}", fixture.name));
        for variant in rendered.variants {
            let name = format!("{} {} {}", fixture.name, variant.name, variant.format.extension());
            out.insert(name, format!("{:016x}", digest(&variant.bytes)));
        }
    }
    out
}

#[test]
fn bytes_are_those_of_the_revision() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/revision.txt");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let mut lines = text.lines();
    let revision = lines.next().and_then(|line| line.strip_prefix("revision "));
    let revision: u32 = revision.and_then(|number| number.parse().ok()).unwrap_or(0);
    let expected: BTreeMap<String, String> = lines
        .filter_map(|line| line.rsplit_once(' '))
        .map(|(name, digest)| (name.to_owned(), digest.to_owned()))
        .collect();
    let found = digests();
    assert!(found.len() > 200, "{} files are not all of them", found.len());
    if revision != ENGINE_REVISION || found != expected {
        report(revision, &expected, &found, &path);
    }
}

/// Why the list is out of date, and what to do; a new one is written where it can be taken from.
fn report(
    revision: u32,
    expected: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
    path: &Path,
) {
    let written = Path::new(env!("CARGO_TARGET_TMPDIR")).join("revision.txt");
    let mut text = format!("revision {ENGINE_REVISION}\n");
    for (name, digest) in found {
        writeln!(text, "{name} {digest}").expect("a string takes everything");
    }
    std::fs::write(&written, text).expect("the list is written");
    let changed = |(name, digest): &(&String, &String)| {
        expected.get(*name).is_some_and(|before| before != *digest)
    };
    let changed: Vec<&String> = found.iter().filter(changed).map(|(name, _)| name).collect();
    assert!(
        changed.is_empty() || revision < ENGINE_REVISION,
        "{} of {} variants have other bytes than those of revision {revision} (the first: {}), and \
         ENGINE_REVISION is still that: what is stored would count as up to date. If the change is \
         meant, raise `resizer_engine::ENGINE_REVISION` and run this test again",
        changed.len(),
        found.len(),
        changed[0],
    );
    panic!(
        "tests/revision.txt is the list of revision {revision}, or lacks fixtures or has too many; \
         take the new one: cp {} {}",
        written.display(),
        path.display(),
    );
}
