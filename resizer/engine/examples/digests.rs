//! What becomes of every fixture and of the files in the given folders, as digests: run it before
//! and after a change that must not change a byte, and compare what it prints.
//!
//! ```text
//! cargo run -p resizer-engine --example digests -- FOLDER > before.txt
//! ```
//! With `--prepare FILE...` it says how long these files take before their pixels.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Instant;

use resizer_engine::spec::{
    Animation, Effort, Fit, FormatSpec, Gravity, Light, Metadata, OutputColor, OutputFormat,
    Request, Truncated, VariantSpec,
};
use resizer_engine::{Job, Limits, Source, render};

const ALL: [OutputFormat; 5] = [
    OutputFormat::Jpeg,
    OutputFormat::Png,
    OutputFormat::Webp,
    OutputFormat::Gif,
    OutputFormat::Avif,
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    if let [first, files @ ..] = &arguments[..]
        && first == "--prepare"
    {
        return files.iter().try_for_each(|file| time_to_prepare(file));
    }
    let requests = requests();
    for fixture in fixtures::good::all() {
        let half = &fixture.bytes[..fixture.bytes.len() / 2];
        for (name, request) in &requests {
            print(&format!("{} {name}", fixture.name), &fixture.bytes, request);
            print(&format!("half of {} {name}", fixture.name), half, request);
        }
    }
    for fixture in fixtures::bad::all() {
        print(&fixture.name, &fixture.bytes, &requests[0].1);
    }
    for folder in arguments {
        let entries = std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
        let mut paths: Vec<PathBuf> = entries.collect::<Result<_, _>>()?;
        paths.retain(|path| path.is_file());
        paths.sort();
        for path in paths {
            let bytes = std::fs::read(&path)?;
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            for (name, request) in &requests {
                print(&format!("{file} {name}"), &bytes, request);
            }
        }
    }
    Ok(())
}

/// How long a file takes before its pixels: the least of many times.
fn time_to_prepare(file: &OsStr) -> Result<(), Box<dyn std::error::Error>> {
    let (bytes, limits) = (std::fs::read(file)?, Limits::default());
    let request = Request::from([160, 320, 640, 1080, 1920].map(default_spec).to_vec());
    let times = (0..200).map(|_| {
        let begin = Instant::now();
        let is_good =
            Source::parse(&bytes).and_then(|one| Job::prepare(one, &request, &limits)).is_ok();
        assert!(is_good, "a good file");
        begin.elapsed()
    });
    println!("{} {:?}", file.to_string_lossy(), times.min().unwrap_or_default());
    Ok(())
}

fn default_spec(width: u32) -> VariantSpec {
    VariantSpec { name: format!("w{width}"), width: Some(width), ..VariantSpec::default() }
}

fn spec(name: &str, width: u32, formats: &[OutputFormat]) -> VariantSpec {
    VariantSpec {
        name: name.to_owned(),
        width: Some(width),
        formats: formats.iter().map(|&format| FormatSpec::Fixed(format)).collect(),
        ..VariantSpec::default()
    }
}

fn requests() -> Vec<(&'static str, Request)> {
    use OutputFormat::{Gif, Jpeg, Png, Webp};
    let fast =
        VariantSpec { light: Light::Gamma, effort: Effort::Fast, ..spec("fast", 48, &[Jpeg, Png]) };
    let planes = |name: &str, width, quality: u8| VariantSpec {
        light: Light::Gamma,
        quality: quality.into(),
        ..spec(name, width, &[Jpeg])
    };
    let kept = VariantSpec {
        height: Some(40),
        fit: Fit::Pad,
        sharpen: 20,
        color: OutputColor::Keep,
        metadata: Metadata::All,
        ..spec("kept", 60, &[Jpeg, Png, Webp])
    };
    let attention = VariantSpec {
        height: Some(30),
        fit: Fit::Cover,
        gravity: Gravity::Attention,
        ..spec("attention", 30, &[Jpeg, Png, Webp])
    };
    let whole = VariantSpec { width: None, metadata: Metadata::None, ..spec("", 1, &[Png, Jpeg]) };
    let source = VariantSpec { formats: vec![FormatSpec::Source], ..spec("source", 33, &[]) };
    let twice = vec![spec("one", 20, &[Jpeg, Webp]), spec("other", 20, &[Webp, Jpeg, Webp])];
    let moving = vec![source.clone(), kept.clone(), spec("moving", 31, &[Gif, Webp, Png, Jpeg])];
    let cut = vec![fast.clone(), planes("planes", 50, 80), attention.clone(), source.clone()];
    let animation = Animation::Animate;
    let truncated = Truncated::Accept;
    vec![
        ("every format", vec![spec("every", 24, &ALL), source].into()),
        ("fast", vec![fast, planes("planes", 40, 80), planes("fine", 40, 95)].into()),
        ("kept", vec![kept].into()),
        ("attention", Request { placeholders: true, ..vec![attention].into() }),
        ("whole", vec![whole].into()),
        ("twice", twice.into()),
        ("moving", Request { animation, placeholders: true, ..moving.into() }),
        ("trimmed", Request { trim: Some(8), truncated, ..cut.into() }),
    ]
}

/// One line a file, or the refusal.
fn print(name: &str, source: &[u8], request: &Request) {
    let limits = Limits::default();
    match render(source, request, &limits) {
        Err(error) => println!("{name}: {error}"),
        Ok(rendered) => {
            for variant in rendered.variants {
                let (size, format) = (variant.size, variant.format.extension());
                let digest = digest(&variant.bytes);
                println!("{name} {} {size} {format} {digest:016x}", variant.name);
            }
            if let Some(placeholders) = rendered.placeholders {
                println!("{name} {placeholders:?}");
            }
        }
    }
    let prepared = Source::parse(source).and_then(|one| Job::prepare(one, request, &limits));
    println!("{name} peak {:?}", prepared.ok().map(|job| job.peak_bytes()));
}

/// FNV-1a, 64 bits: enough to tell whether two files are the same.
fn digest(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}
