//! What is asked of each picture whose memory is measured.

use resizer_engine::spec::{
    Animation, Effort, Fit, FormatSpec, Gravity, Hdr, Metadata, OutputColor, OutputFormat, Request,
    Truncated, VariantSpec,
};

/// A request and what it is called.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) request: Request,
}

/// Every kind of request.
pub(crate) fn all() -> Vec<Shape> {
    let widths = [160, 320, 640, 1080, 1920];
    let five = widths.map(|width| spec("w", Some(width), None, Fit::Inside)).to_vec();
    let one = |spec: VariantSpec| Request::from(vec![spec]);
    let small = || spec("s", Some(40), None, Fit::Inside);
    let attention = VariantSpec {
        gravity: Gravity::Attention,
        sharpen: 50,
        ..spec("a", Some(300), Some(300), Fit::Cover)
    };
    let as_it_is = VariantSpec {
        color: OutputColor::Keep,
        metadata: Metadata::All,
        sharpen: 30,
        ..in_formats(None, &[OutputFormat::Webp, OutputFormat::Gif, OutputFormat::Jpeg])
    };
    let moving = [OutputFormat::Webp, OutputFormat::Gif, OutputFormat::Png];
    let shape = |name, request| Shape { name, request };
    vec![
        shape("five widths", five.into()),
        shape("narrow and high", one(spec("n", Some(60), Some(900), Fit::Exact))),
        shape("wide and low", one(spec("l", Some(1200), Some(30), Fit::Exact))),
        shape("padded", one(spec("p", Some(1000), Some(1000), Fit::Pad))),
        shape("placeholders", Request { placeholders: true, ..one(small()) }),
        shape("attention", one(attention)),
        shape("as it is", one(as_it_is)),
        shape("trimmed", Request { trim: Some(10), ..one(small()) }),
        shape("cut", Request { truncated: Truncated::Accept, ..one(small()) }),
        shape("one pixel of AVIF", one(in_formats(Some(1), &[OutputFormat::Avif]))),
        shape(
            "as the picture decides",
            one(VariantSpec { formats: vec![FormatSpec::Auto], ..in_formats(Some(320), &[]) }),
        ),
        shape("AVIF", one(in_formats(Some(120), &[OutputFormat::Avif, OutputFormat::Jpeg]))),
        shape(
            "moving",
            Request { animation: Animation::Animate, ..one(in_formats(Some(200), &moving)) },
        ),
    ]
}

fn in_formats(width: Option<u32>, formats: &[OutputFormat]) -> VariantSpec {
    let formats = formats.iter().copied().map(FormatSpec::Fixed).collect();
    VariantSpec {
        name: "f".to_owned(),
        width,
        formats,
        effort: Effort::Fast,
        ..VariantSpec::default()
    }
}

fn spec(name: &str, width: Option<u32>, height: Option<u32>, fit: Fit) -> VariantSpec {
    VariantSpec {
        name: name.to_owned(),
        width,
        height,
        fit,
        formats: vec![FormatSpec::Fixed(OutputFormat::Jpeg), FormatSpec::Fixed(OutputFormat::Png)],
        hdr: Hdr::Keep,
        ..VariantSpec::default()
    }
}
