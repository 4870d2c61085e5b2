//! Any bytes: recognised, read, admitted and planned, without pixels; what is told beside them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use resizer_engine::format::ImageFormat;
use resizer_engine::header::Header;
use resizer_engine::limits::{Limits, peak_memory_bytes};
use resizer_engine::metadata::Told;
use resizer_engine::plan::Plan;
use resizer_engine::spec::Metadata;

use crate::random::Random;
use crate::requests::request;

#[path = "../../../jpeg/tests/damage/random.rs"]
mod random;
#[path = "../../tests/damage/requests.rs"]
mod requests;

fuzz_target!(|file: &[u8]| {
    let Ok(format) = ImageFormat::sniff(file) else { return };
    let Ok(header) = Header::read(format, file) else { return };
    let told = Told::read(format, file);
    for metadata in [Metadata::Copyright, Metadata::All] {
        told.retold(metadata, header.upright_size());
    }
    let request = request(&mut Random::stream(file.len() as u64, 0));
    if Limits::default().admit(&header, &request).is_ok() {
        let plan = Plan::new(&header, &request);
        assert_eq!(plan.variants.len(), request.variants.len());
        assert!(peak_memory_bytes(file.len(), &header, &plan) >= file.len() as u64);
    }
});
