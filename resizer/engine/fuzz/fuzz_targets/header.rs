//! Any bytes: parsed, admitted and planned, without pixels; the metadata of their files.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizer_engine::{Job, Limits, Source};
use resizer_engine::internals::SourceMetadata;
use resizer_engine::spec::Metadata;

use crate::random::Random;
use crate::requests::request;

#[path = "../../../jpeg/tests/damage/random.rs"]
mod random;
#[path = "../../tests/damage/requests.rs"]
mod requests;

fuzz_target!(|file: &[u8]| {
    let Ok(source) = Source::parse(file) else { return };
    for metadata in [Metadata::Copyright, Metadata::All] {
        SourceMetadata::new(&source).for_file(metadata, source.size());
    }
    let request = request(&mut Random::stream(file.len() as u64, 0));
    if let Ok(job) = Job::prepare(source, &request, &Limits::default()) {
        assert_eq!(job.plan().variants.len(), request.variants.len());
        assert!(job.peak_bytes() >= file.len() as u64);
    }
});
