//! A rendering that is stopped ends at its next band, frame or file, wherever it is.

use fixtures::gif::balloon;
use fixtures::jpeg::{JpegOptions, jpeg};
use fixtures::png::{PngOptions, Samples, png};
use fixtures::scene::photograph;
use resizer_engine::spec::{Animation, OutputFormat, Request, VariantSpec};
use resizer_engine::{Control, Job, Limits, RenderError, Rendered, Source, Stage, Stop};

use crate::support::as_format;

/// Renders, and sets the flag when so many stages have ended; with the stages that ended in all.
fn stopped_after(
    stages: usize,
    source: &[u8],
    request: &Request,
) -> (Result<Rendered, RenderError>, Vec<Stage>) {
    let stop = Stop::default();
    let mut seen = Vec::new();
    let mut ended = |stage| {
        seen.push(stage);
        if seen.len() == stages {
            stop.set();
        }
    };
    let source = Source::parse(source).expect("a good source");
    let job = Job::prepare(source, request, &Limits::default()).expect("within limits");
    let rendered = job.render(Control { stop: stop.clone(), threads: 1, stage_ended: &mut ended });
    (rendered, seen)
}

#[test]
fn a_rendering_ends_soon_after_it_is_stopped_whatever_it_does() {
    let scene = photograph(160, 120, 1);
    let progressive = JpegOptions { progressive: true, ..JpegOptions::default() };
    let sources = [
        jpeg(&scene, &JpegOptions::default()),
        jpeg(&scene, &progressive),
        png(&Samples::rgb(&scene), &PngOptions::default()),
        png(&Samples::rgb(&scene), &PngOptions { interlaced: true, ..PngOptions::default() }),
        balloon(60, 40, 4, 1),
    ];
    let small = |format| VariantSpec { width: Some(40), ..as_format(format) };
    let formats = [OutputFormat::Gif, OutputFormat::Webp, OutputFormat::Png, OutputFormat::Jpeg];
    let variants = formats.map(small).to_vec();
    let animation = Animation::Animate;
    let request = Request { animation, trim: Some(0), ..variants.into() };
    for source in &sources {
        let (rendered, stages) = stopped_after(usize::MAX, source, &request);
        rendered.expect("a good source");
        let before_files = stages.iter().rposition(|stage| *stage != Stage::Encode);
        let before_files = before_files.expect("stages before the files");
        assert!(before_files > 4, "{stages:?}");
        for count in 1..=before_files {
            let (rendered, stages) = stopped_after(count, source, &request);
            assert_eq!(rendered.expect_err("it was stopped"), RenderError::Stopped);
            // Rows that were decoded are still resampled.
            assert!(stages.len() <= count + 1, "{count}: {stages:?}");
        }
    }
}

#[test]
fn a_rendering_that_is_stopped_before_it_begins_does_nothing() {
    let source = jpeg(&photograph(160, 120, 1), &JpegOptions::default());
    let (stop, request) = (Stop::default(), vec![VariantSpec::default()].into());
    let source = Source::parse(&source).expect("a good source");
    let job = Job::prepare(source, &request, &Limits::default()).expect("within limits");
    stop.set();
    let stage_ended = &mut |stage| panic!("{stage:?}");
    let rendered = job.render(Control { stop, threads: 1, stage_ended });
    assert_eq!(rendered, Err(RenderError::Stopped));
}

#[test]
fn encoders_end_when_they_are_stopped() {
    let source = jpeg(&photograph(300, 200, 1), &JpegOptions::default());
    for format in [OutputFormat::Jpeg, OutputFormat::Webp, OutputFormat::Png, OutputFormat::Gif] {
        let request = vec![as_format(format)].into();
        let (rendered, stages) = stopped_after(usize::MAX, &source, &request);
        rendered.expect("a good source");
        // The last stage before the file.
        let (rendered, _) = stopped_after(stages.len() - 1, &source, &request);
        assert_eq!(rendered.map(|_| ()), Err(RenderError::Stopped), "{format:?}");
    }
}
