//! Renders files by hand: `cargo run --example render -- OUTPUT_FOLDER WIDTH FORMAT FILE...`
//! writes one variant of each file, or says why there is none.

use std::path::Path;

use resizer_engine::spec::{Animation, FormatSpec, Hdr, OutputFormat, Request, VariantSpec};
use resizer_engine::{Limits, render};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, width, format, files @ ..] = &arguments[..] else {
        return Err("needs a folder, a width, a format or `source`, and files".into());
    };
    let all = [
        OutputFormat::Jpeg,
        OutputFormat::Png,
        OutputFormat::Webp,
        OutputFormat::Avif,
        OutputFormat::Gif,
    ];
    let fixed = all.into_iter().find(|one| one.extension() == format).map(FormatSpec::Fixed);
    let spec = VariantSpec {
        name: width.clone(),
        width: Some(width.parse()?),
        formats: vec![fixed.unwrap_or(FormatSpec::Source)],
        hdr: Hdr::Keep,
        ..VariantSpec::default()
    };
    let request = Request { animation: Animation::Animate, ..vec![spec].into() };
    for file in files {
        let source = std::fs::read(file)?;
        let started = std::time::Instant::now();
        let rendered = render(&source, &request, &Limits::default());
        let milliseconds = started.elapsed().as_millis();
        let rendered = match rendered {
            Ok(rendered) => rendered,
            Err(reject) => {
                println!("{file}: {reject} ({milliseconds} ms)");
                continue;
            }
        };
        let source = rendered.source;
        println!(
            "{file}: {} {} {:?} {:?}, {} frames ({milliseconds} ms)",
            source.format, source.size, source.layout, source.orientation, source.frame_count
        );
        let stem = Path::new(file).file_name().ok_or("a file has a name")?.to_string_lossy();
        for variant in rendered.variants {
            let name = format!("{stem}.{}", variant.format.extension());
            std::fs::write(Path::new(folder).join(name), variant.bytes)?;
        }
    }
    Ok(())
}
