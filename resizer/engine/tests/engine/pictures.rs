//! The folder of fixtures: good files become variants of the right size, bad ones get the refusal
//! that their name begins with.

use resizer_engine::Size;
use resizer_engine::spec::OutputFormat;

use crate::support::{as_format, committed, good, opened, rendered};

#[test]
fn every_good_file_becomes_variants_that_another_decoder_opens() {
    let good = fixtures::good::all();
    for fixture in &good {
        let specs = [OutputFormat::Jpeg, OutputFormat::Png, OutputFormat::Webp].map(as_format);
        let rendered = rendered(&fixture.bytes, &specs)
            .unwrap_or_else(|reject| panic!("{} is good, not {reject}", fixture.name));
        let stored = fixture.size.and_then(|(width, height)| Size::new(width, height));
        let upright = stored.map(|size| rendered.source.orientation.upright_size(size));
        assert_eq!(Some(rendered.source.size), upright, "{}", fixture.name);
        assert_eq!(rendered.variants.len(), 3, "{}", fixture.name);
        for variant in &rendered.variants {
            assert_eq!(variant.size, rendered.source.size, "{}", fixture.name);
            opened(variant);
        }
    }
    println!("{} good files", good.len());
    assert!(good.len() > 100, "the generator lists what it makes");
}

#[test]
fn every_bad_file_gets_the_refusal_in_its_name() {
    let bad = committed("bad");
    for (name, source) in &bad {
        let expected = name.split('.').next().unwrap_or_default();
        match rendered(source, &[as_format(OutputFormat::Jpeg)]) {
            Ok(_) => panic!("{name} became a variant"),
            Err(reject) => assert_eq!(reject.code(), expected, "{name}: {reject}"),
        }
    }
    assert_eq!(bad.len(), fixtures::bad::all().len(), "the folder holds what the generator makes");
}

#[test]
fn a_file_cut_at_any_byte_is_refused_or_whole() {
    for name in ["jpeg-size-17x23.jpg", "png-size-17x23.png", "webp-size-17x23.webp"] {
        let source = good(name);
        let whole = rendered(&source, &[as_format(OutputFormat::Png)]).expect("a good file");
        for length in 0..source.len() {
            match rendered(&source[..length], &[as_format(OutputFormat::Png)]) {
                Err(reject) => {
                    let code = reject.code();
                    assert!(
                        matches!(code, "malformed" | "not_an_image"),
                        "{name}/{length}: {code}"
                    );
                }
                // What may be missing without loss: an end marker or an end chunk.
                Ok(cut) => assert!(cut.variants == whole.variants, "{name} cut at {length}"),
            }
        }
    }
}
